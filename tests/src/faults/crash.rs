//! Processes that abort at a named point of the protocol.

use std::process::abort;
use std::time::Duration;

use docket::store::{
    AnyStore, CacheKey, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure,
    Store, StoreError, Write,
};

/// Where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// The claim is not sent yet.
    BeforeClaim,
    /// The store has answered that the row is ours, and the step has not started.
    AfterClaim,
    /// The step has started, and not called the provider.
    BeforeEffect,
    /// The provider has answered, and the step has not returned.
    AfterEffect,
    /// The row is claimed by somebody who finds out about a lost attempt, and has not asked yet.
    Reconciling,
    /// The step has ended, and the record is not sent.
    BeforeRecord,
    /// The store has the record, and its answer is not used.
    AfterRecord,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::BeforeClaim,
        Self::AfterClaim,
        Self::BeforeEffect,
        Self::AfterEffect,
        Self::Reconciling,
        Self::BeforeRecord,
        Self::AfterRecord,
    ];

    /// Its name on the command line of a worker.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeClaim => "before-claim",
            Self::AfterClaim => "after-claim",
            Self::BeforeEffect => "before-effect",
            Self::AfterEffect => "after-effect",
            Self::Reconciling => "reconciling",
            Self::BeforeRecord => "before-record",
            Self::AfterRecord => "after-record",
        }
    }

    /// The point of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A store whose process aborts at a point.
pub struct Crashing {
    store: AnyStore,
    at: Option<Point>,
}

impl Crashing {
    /// `store`, in a process that aborts at `at`.
    pub fn new(store: AnyStore, at: Option<Point>) -> Self {
        Self { store, at }
    }

    fn reach(&self, point: Point) {
        if self.at == Some(point) {
            abort();
        }
    }
}

impl Store for Crashing {
    fn durability(&self) -> Durability {
        self.store.durability()
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        self.reach(Point::BeforeClaim);
        let outcome = self.store.claim(request).await?;
        if let ClaimOutcome::Claimed(_) = outcome {
            self.reach(Point::AfterClaim);
        }
        Ok(outcome)
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.reach(Point::BeforeRecord);
        let written = self.store.complete(claim, completion).await?;
        self.reach(Point::AfterRecord);
        Ok(written)
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.reach(Point::BeforeRecord);
        let written = self.store.fail(claim, failure).await?;
        self.reach(Point::AfterRecord);
        Ok(written)
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.store.renew(claims, lease).await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.store.mark_lost(key, fence).await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.store.release(claim).await
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.store.purge(limit).await
    }
}
