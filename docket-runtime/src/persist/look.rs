//! Looking at a row without a claim, for those who only want to know.

use crate::store::{Preview, Store as _, StoreError};

use super::{Job, Keeper};

impl Keeper {
    /// What a call of `job` would find. Nothing is written.
    pub(crate) async fn look(&self, job: &Job) -> Result<Preview, StoreError> {
        let request = self.request(job);
        let patience = job.repeat.claim_patience(request.lease);
        self.inner
            .within(patience, self.store().preview(&request))
            .await
    }
}
