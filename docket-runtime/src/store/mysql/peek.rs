//! Looking without claiming.

use super::super::peek::Seen;
use super::{ClaimRequest, Inner, Peek, StoreError};

impl Inner {
    pub(super) async fn peek(&self, request: &ClaimRequest) -> Result<Peek, StoreError> {
        let found = self.looks.send(&request.call.key).await?;
        Ok(Peek::of(found.map(Seen::from), request))
    }
}
