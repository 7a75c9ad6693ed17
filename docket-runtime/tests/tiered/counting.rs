//! Processes that share a store, and how often each asks it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket_runtime::key::CacheKey;
use docket_runtime::store::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, MemoryStore, Store,
    StoreError, Tiered, Write,
};

/// What the processes of a test share.
#[derive(Clone, Default)]
pub(super) struct Shared(pub(super) MemoryStore);

/// A process with a memory of its own.
pub(super) fn process(shared: &Shared) -> (Tiered<Counting>, Counting) {
    let counting = Counting::new(shared);
    (Tiered::new(MemoryStore::new(), counting.clone()), counting)
}

/// The way of one process to the shared store, on which claims and records are counted.
#[derive(Clone)]
pub(super) struct Counting {
    shared: Shared,
    n_trips: Arc<AtomicU32>,
}

impl Counting {
    pub(super) fn new(shared: &Shared) -> Self {
        Self {
            shared: shared.clone(),
            n_trips: Arc::default(),
        }
    }

    /// How often the shared store was asked since this was last called.
    pub(super) fn take_trips(&self) -> u32 {
        self.n_trips.swap(0, Ordering::SeqCst)
    }

    fn count(&self) -> &MemoryStore {
        self.n_trips.fetch_add(1, Ordering::SeqCst);
        &self.shared.0
    }
}

impl Store for Counting {
    fn durability(&self) -> Durability {
        Durability::Durable
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        let mut outcome = self.count().claim(request).await;
        // A store elsewhere has bytes only.
        if let Ok(ClaimOutcome::Hit(stored)) = &mut outcome {
            stored.shared = None;
        }
        outcome
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.count().complete(claim, completion).await
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.count().fail(claim, failure).await
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.count().renew(claims, lease).await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.count().mark_lost(key, fence).await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.count().release(claim).await
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.count().purge(limit).await
    }
}
