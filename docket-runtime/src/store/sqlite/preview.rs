//! Looking without claiming.

use super::super::sql::by_reading::ByReading as _;
use super::{ClaimRequest, Inner, Preview, StoreError};

impl Inner {
    pub(super) async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        let found = self.find(&request.call.key).await?;
        Ok(Preview::of(found, request))
    }
}
