//! Stores that are not as good as others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use docket::MemoryStore;
use docket::store::{
    CacheKey, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Store,
    StoreError, Write,
};
use tokio::task::yield_now;

/// A store in memory that answers after so many turns, and not at all while it is down.
#[derive(Clone)]
pub struct Hindered {
    store: MemoryStore,
    turns: usize,
    durability: Durability,
    is_down: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
}

impl Hindered {
    /// Yields `turns` times before and after each request has its effect.
    pub fn new(turns: usize) -> Self {
        Self {
            store: MemoryStore::new(),
            turns,
            durability: Durability::Durable,
            is_down: Arc::default(),
            requests: Arc::default(),
        }
    }

    /// The same, with settings that may forget.
    pub fn weak(mut self) -> Self {
        self.durability = Durability::Weak {
            reason: "it forgets".into(),
        };
        self
    }

    /// From now on it answers, or doesn't.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    /// How often it was asked.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    async fn turn(&self) -> Result<(), StoreError> {
        for _ in 0..self.turns {
            yield_now().await;
        }
        if self.is_down.load(Ordering::Relaxed) {
            return Err(StoreError::unavailable("it is down"));
        }
        Ok(())
    }

    async fn before(&self) -> Result<(), StoreError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.turn().await
    }
}

impl Store for Hindered {
    fn durability(&self) -> Durability {
        self.durability.clone()
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        self.before().await?;
        let answer = self.store.claim(request).await;
        self.turn().await?;
        answer
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.before().await?;
        let answer = self.store.complete(claim, completion).await;
        self.turn().await?;
        answer
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.before().await?;
        let answer = self.store.fail(claim, failure).await;
        self.turn().await?;
        answer
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.before().await?;
        let answer = self.store.renew(claims, lease).await;
        self.turn().await?;
        answer
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.before().await?;
        let answer = self.store.mark_lost(key, fence).await;
        self.turn().await?;
        answer
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.before().await?;
        let answer = self.store.release(claim).await;
        self.turn().await?;
        answer
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.before().await?;
        self.store.purge(limit).await
    }
}
