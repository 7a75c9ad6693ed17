//! Looking without claiming.

use super::{ClaimRequest, Inner, Preview, StoreError};

impl Inner {
    pub(super) async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        let found = self.find(request).await?;
        Ok(Preview::of(found, request))
    }
}
