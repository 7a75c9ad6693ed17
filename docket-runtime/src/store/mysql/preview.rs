//! Looking without claiming.

use super::{ClaimRequest, Inner, Preview, StoreError};

impl Inner {
    pub(super) async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        let found = self.looks.send(&request.call.key).await?;
        Ok(Preview::of(found, request))
    }
}
