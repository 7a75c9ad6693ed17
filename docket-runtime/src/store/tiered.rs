//! [`Tiered`]: copies in memory of what a shared store has.

mod admin;
mod pending;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, MemoryStore, Preview,
    Store, StoreError, Stored, Write,
};
use crate::key::{CacheKey, InputHash};
use pending::Pending;

const NEAR_TTL: Duration = Duration::from_secs(60);

/// A shared store with copies of its results near at hand, in the memory of this process; a clone is the same store.
///
/// Only steps with `repeat = "free"` have copies: caches. Their hits in memory are no round trip. All that is promised is a
/// matter of the shared store alone: it decides who runs a step, in this process and in others, it records, and its
/// [`durability`](Store::durability) is that of the whole. Rows of other steps never touch the memory.
///
/// ```no_run
/// # #[cfg(feature = "redis")]
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// # use docket_runtime as docket;
/// use docket::store::{MemoryStore, RedisStore, Tiered};
///
/// let shared = RedisStore::connect("redis://localhost").await?;
/// let store = Tiered::new(MemoryStore::with_capacity(10_000), shared);
/// # Ok(())
/// # }
/// ```
///
/// # How old a copy may be
///
/// A result that was found in the shared store or recorded there is kept in memory for a minute, or for
/// [`near_ttl`](Tiered::near_ttl), or for what is left of its own `ttl`, whichever is the shortest. So a copy never outlives
/// its row; but when a row is deleted, or replaced by another process, this one may give the old result for that long. A
/// result that is stale is asked of the shared store each time: the next answer may be a fresh one.
/// Each copy is kept up to a tenth longer or shorter, so that those that were made together don't expire together.
#[derive(Clone)]
pub struct Tiered<S> {
    memory: MemoryStore,
    shared: S,
    near_ttl: Duration,
    pending: Arc<Pending>,
}

impl<S: Store> Tiered<S> {
    /// Keeps copies in `memory`, which should have no other use, of what is in `shared`. The capacity of `memory` bounds
    /// them: a new copy takes the place of the oldest.
    pub fn new(memory: MemoryStore, shared: S) -> Self {
        Self {
            memory,
            shared,
            near_ttl: NEAR_TTL,
            pending: Arc::default(),
        }
    }

    /// How long a copy is kept at most, give or take a tenth; default one minute. With zero there are none.
    pub fn near_ttl(mut self, near_ttl: Duration) -> Self {
        self.near_ttl = near_ttl;
        self
    }

    /// The shared store.
    pub fn shared(&self) -> &S {
        &self.shared
    }

    /// Keeps a copy of `value`, which counts for `left`.
    fn keep(&self, key: &CacheKey, input_hash: InputHash, value: &Stored, left: Option<Duration>) {
        if value.bytes.is_none() {
            return;
        }
        let near_ttl = self.spread();
        let ttl = left.map_or(near_ttl, |it| it.min(near_ttl));
        if !ttl.is_zero() {
            self.memory.put_copy(key, input_hash, value.clone(), ttl);
        }
    }

    /// The near ttl, give or take a tenth.
    fn spread(&self) -> Duration {
        let tenth = self.near_ttl / 10;
        let beyond_the_shortest = tenth.mul_f64(2.0 * fastrand::f64());
        (self.near_ttl - tenth).saturating_add(beyond_the_shortest)
    }
}

impl<S: Store> Store for Tiered<S> {
    fn durability(&self) -> Durability {
        self.shared.durability()
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        let call = &request.call;
        if !request.is_cache {
            return self.shared.claim(request).await;
        }
        // Who wants to replace a result can't read it, so a copy is of no use to him.
        if !request.replace
            && let Some(copy) = self.memory.copy_of(&call.key, &call.input_hash)
        {
            return Ok(ClaimOutcome::Hit(copy));
        }
        let outcome = self.shared.claim(request).await?;
        if let ClaimOutcome::Hit(stored) = &outcome
            && !request.replace
        {
            self.keep(&call.key, call.input_hash, stored, stored.expires_in);
        }
        if outcome.claimed().is_some() {
            self.memory.drop_copy(&call.key);
            self.pending.add(request.claim_id, call.input_hash);
        }
        Ok(outcome)
    }

    /// Asks the shared store, whose row says more than a copy of it.
    async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        self.shared.preview(request).await
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        let written = self.shared.complete(claim, completion).await?;
        // What was fenced is not in the row, and what another holder has put there is not known here.
        if let Some(input_hash) = self.pending.take(&claim.claim_id)
            && written == Write::Recorded
        {
            self.keep(&claim.key, input_hash, &completion.value, completion.ttl);
        }
        Ok(written)
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        let written = self.shared.fail(claim, failure).await?;
        self.pending.take(&claim.claim_id);
        Ok(written)
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.shared.renew(claims, lease).await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.shared.mark_lost(key, fence).await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.pending.take(&claim.claim_id);
        self.shared.release(claim).await
    }

    /// Copies that have expired go, too, and don't count.
    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.memory.purge(limit).await?;
        self.shared.purge(limit).await
    }
}

impl<S: fmt::Debug> fmt::Debug for Tiered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiered")
            .field("memory", &self.memory)
            .field("shared", &self.shared)
            .field("near_ttl", &self.near_ttl)
            .finish_non_exhaustive()
    }
}
