//! Looking at a row without a claim, for those who only want to know.

use std::sync::Arc;

use crate::error::Error;
use crate::store::{Preview, Store as _, StoreError, Stored};
use crate::value::Value;

use super::packing::unpack;
use super::{Job, Keeper, Repeat};

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

impl Repeat {
    /// Whether the step would run where the store can't be asked.
    pub(crate) fn does_without_store(self) -> bool {
        self.runs_unrecorded()
    }

    /// Whether the step would run where what is recorded can't be read.
    pub(crate) fn runs_for_unreadable(self) -> bool {
        self.replaces_undecodable()
    }
}

/// The value of a row.
pub(crate) fn read<T: Value>(stored: &Stored) -> Result<Arc<T>, Error> {
    unpack(stored)
}
