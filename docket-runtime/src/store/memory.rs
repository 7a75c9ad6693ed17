//! [`MemoryStore`]: rows in the memory of this process.

mod shard;

use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, Stored, Write,
};
use crate::key::{CacheKey, InputHash};
use shard::{Copied, Shard};

/// Rows of a store of [`MemoryStore::new`].
const DEFAULT_MAX_ENTRIES: usize = 100_000;
/// More shards don't help, fewer rows than this in each don't either.
const MAX_SHARDS: usize = 64;
const MIN_ROWS_PER_SHARD: usize = 1024;

/// A store in the memory of this process: for tests, and for caches that may be lost with it.
///
/// It follows the protocol to the letter, so a test against it tests the same steps as a database does. Values are kept
/// as they are beside their encoded form, so a hit neither decodes nor copies. A clone is the same store.
///
/// The number of rows is bounded, 100,000 by default. A new row in a full store takes the place of one whose loss breaks
/// no promise: the result or failure that was recorded first among those of steps that may be repeated, or else all that
/// have expired. Rows that are running or in doubt, and whatever a step with `repeat = "never"` has left, are kept until
/// they expire. If there is nothing else, a new claim is refused, and a step that needs the store's promise does not
/// run. (A step that the provider rejected starts over with its first idempotency key once its row was evicted.)
///
/// Times are of [`tokio::time`]: where a test has paused the clock, leases and results expire by its clock.
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// A power of two of them.
    shards: Box<[Mutex<Shard>]>,
    origin: Instant,
    /// Greater than any fence that was given out, so that fences grow also across rows that were deleted.
    next_fence: AtomicI64,
}

impl MemoryStore {
    /// An empty store for 100,000 rows.
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_MAX_ENTRIES)
    }

    /// An empty store for `max_entries` rows, or one if that is 0. They are spread over parts of more than a thousand
    /// rows, and a part may be full a little before the whole is.
    pub fn with_capacity(max_entries: usize) -> Self {
        let max_entries = max_entries.max(1);
        let n_shards = (max_entries / MIN_ROWS_PER_SHARD).clamp(1, MAX_SHARDS);
        // The greatest power of two that is not more.
        let n_shards = 1 << n_shards.ilog2();
        let rows_per_shard = max_entries / n_shards;
        let shards = (0..n_shards).map(|_| Mutex::new(Shard::new(rows_per_shard)));
        let since_epoch = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            inner: Arc::new(Inner {
                shards: shards.collect(),
                origin: Instant::now(),
                next_fence: AtomicI64::new(micros(since_epoch)),
            }),
        }
    }

    /// How many rows there are, in any state, expired ones too.
    pub fn len(&self) -> usize {
        let shards = self.inner.shards.iter();
        shards.map(|shard| lock(shard).len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Deletes the rows of all keys, running ones too: a step that is under way is then not recorded.
    pub fn clear(&self) {
        for shard in &self.inner.shards {
            lock(shard).clear();
        }
    }

    /// The copy of a result of another store, if there is one for these inputs.
    pub(super) fn copy_of(&self, key: &CacheKey, input_hash: &InputHash) -> Option<Stored> {
        let (value, expires_at) = self.shard(key).copy_of(key, input_hash)?;
        let left = expires_at - self.now();
        (left > 0).then(|| Stored {
            expires_in: Some(Duration::from_micros(left as u64)),
            ..value
        })
    }

    /// Keeps a copy of a result of another store for `ttl`, if there is room.
    pub(super) fn put_copy(
        &self,
        key: &CacheKey,
        input_hash: InputHash,
        value: Stored,
        ttl: Duration,
    ) {
        let (now, fence) = (self.now(), self.next_fence());
        let copy = Copied {
            input_hash,
            value,
            expires_at: now + micros(ttl),
        };
        self.shard(key).put_copy(*key, copy, fence, now);
    }

    /// Forgets the copy of a result of another store.
    pub(super) fn drop_copy(&self, key: &CacheKey) {
        self.shard(key).drop_copy(key);
    }

    fn shard(&self, key: &CacheKey) -> MutexGuard<'_, Shard> {
        let shards = &self.inner.shards;
        // The map within a shard takes the first bytes of the hash, so these are independent of it.
        let [.., high, low] = key.0;
        let index = usize::from(u16::from_be_bytes([high, low])) & (shards.len() - 1);
        lock(&shards[index])
    }

    fn now(&self) -> i64 {
        micros(Instant::now().saturating_duration_since(self.inner.origin))
    }

    fn next_fence(&self) -> i64 {
        self.inner.next_fence.fetch_add(1, Ordering::Relaxed)
    }
}

/// Rows are never left half written, so what a panic has left behind is sound.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The unit of this store's clock; the longest times are cut so that sums of them don't overflow.
fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros())
        .unwrap_or(i64::MAX)
        .min(i64::MAX / 64)
}

impl Store for MemoryStore {
    fn durability(&self) -> Durability {
        Durability::Process
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        let mut shard = self.shard(&request.call.key);
        shard.claim(request, || self.now(), || self.next_fence())
    }

    async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        Ok(self.shard(&request.call.key).preview(request, self.now()))
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        let now = self.now();
        Ok(self.shard(&claim.key).complete(claim, completion, now))
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        let now = self.now();
        Ok(self.shard(&claim.key).fail(claim, failure, now))
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        let lease_until = self.now() + micros(lease);
        let held = claims
            .iter()
            .filter(|claim| self.shard(&claim.key).renew(claim, lease_until));
        Ok(held.copied().collect())
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        let now = self.now();
        self.shard(key).mark_lost(key, fence, now);
        Ok(())
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.shard(&claim.key).release(claim);
        Ok(())
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let now = self.now();
        let mut left = limit as usize;
        for shard in &self.inner.shards {
            left -= lock(shard).purge(left, now);
        }
        Ok(u64::from(limit) - left as u64)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("len", &self.len())
            .finish()
    }
}

/// A key is a SHA-256, so its first bytes are as good a hash as any.
#[derive(Default)]
struct KeyHasher(u64);

type BuildKeyHasher = BuildHasherDefault<KeyHasher>;

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some((first, _)) = bytes.split_first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// The length that an array writes before its bytes says nothing here.
    fn write_usize(&mut self, _len: usize) {}
}
