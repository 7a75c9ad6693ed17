//! The store that it is.

use std::time::Duration;

use super::{FaultyStore, StoreOperation};
use crate::key::CacheKey;
use crate::persist::Told;
use crate::store::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, Write,
};

impl<S: Store> Store for FaultyStore<S> {
    fn durability(&self) -> Durability {
        let durability = self.durability.clone();
        durability.unwrap_or_else(|| self.inner.durability())
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        let call = self.inner.claim(request);
        self.operate(
            StoreOperation::Claim,
            request.call.step_name,
            call,
            |outcome| word(outcome).to_owned(),
        )
        .await
    }

    async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        let call = self.inner.preview(request);
        self.operate(
            StoreOperation::Preview,
            request.call.step_name,
            call,
            |preview| word(&preview.outcome).to_owned(),
        )
        .await
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        let call = self.inner.complete(claim, completion);
        self.operate(StoreOperation::Complete, "", call, written)
            .await
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        let call = self.inner.fail(claim, failure);
        self.operate(StoreOperation::Fail, "", call, written).await
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        let call = self.inner.renew(claims, lease);
        self.operate(StoreOperation::Renew, "", call, |held| {
            format!("{} held", held.len())
        })
        .await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        let call = self.inner.mark_lost(key, fence);
        self.operate(StoreOperation::MarkLost, "", call, done).await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        let call = self.inner.release(claim);
        self.operate(StoreOperation::Release, "", call, done).await
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let call = self.inner.purge(limit);
        self.operate(StoreOperation::Purge, "", call, |n| format!("{n} gone"))
            .await
    }
}

fn word(outcome: &ClaimOutcome) -> &'static str {
    match outcome {
        // Observers call it `refused`, which is here what a fault does.
        ClaimOutcome::Failed { .. } => "failed",
        other => other.told().name(),
    }
}

fn written(write: &Write) -> String {
    match write {
        Write::Recorded => "recorded",
        Write::Fenced => "fenced",
    }
    .to_owned()
}

fn done((): &()) -> String {
    "done".to_owned()
}
