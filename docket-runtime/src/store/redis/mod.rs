//! [`RedisStore`]: rows in Redis or Valkey.
//!
//! A row is a hash of the columns that the SQL stores have, and each move is one Lua script, which Redis runs as a whole.
//! The commands of many callers share one connection, on which they follow each other without waiting. Records and
//! renewals have a second one, so that a crowd of claims does not hold them up.

mod admin;
mod claim;
mod connect;
mod doctor;
mod durability;
mod error;
mod fields;
mod key;
mod link;
mod metadata;
mod peek;
mod preview;
mod record;
mod repair;
mod scan;
mod script;
mod utc;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use super::hits::Hits;
use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, Write,
};
use crate::key::CacheKey;
use key::Prefix;
use link::Link;
use peek::Peeks;
use script::Scripts;

pub use connect::RedisOptions;

/// A store in Redis, 6.2 or later, or in Valkey; a clone is the same store.
///
/// A hit is one round trip, a claim and its record are one each. After sixteen hits of one step in a row, its rows are read
/// before they are claimed, which is cheaper for a hit; the first claim of another kind is two. Redis Cluster is not supported,
/// since renewals go to many keys at once; replication and sentinels are no matter to the store, which talks to the server of
/// its URL.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::RedisStore;
///
/// let store = RedisStore::connect("redis://localhost").await?;
/// # Ok(())
/// # }
/// ```
///
/// # What it promises
///
/// Redis replicates after it has answered, so that a failover can forget what was acknowledged, and with
/// `appendfsync everysec`, its default, so can a crash, for the last second. The store's
/// [`durability`](Store::durability) is therefore [`Weak`](Durability::Weak), and steps with `repeat = "never"` are
/// refused, unless it is built with [`accept_weak_durability`](RedisOptions::accept_weak_durability). A server that forgets
/// by design stays weak even so: one that evicts (`maxmemory` without `maxmemory-policy noeviction`), one without an
/// append-only file (`appendonly no`, `appendfsync no`), and a replica. Its settings are looked at once, when the store is
/// made; [`doctor`](super::Admin::doctor) looks again.
///
/// # Looking into the rows
///
/// A row is the hash `docket:` followed by the key in hexadecimal digits; its fields are the columns of the other stores,
/// times being milliseconds since 1970. `running` and `unknown` rows have no Redis TTL. A row with a `ttl` is deleted by
/// Redis itself, some time after it has expired: as long again as it counted, but five seconds at least and a minute at
/// most. Until then the next claim finds it and goes on with its generation; after that the step starts over with its first
/// idempotency key. So [`purge`](Store::purge), which has to go through all keys of the database, is not needed: it only
/// gives memory back earlier.
///
/// ```text
/// redis-cli --scan --pattern 'docket:*'
/// redis-cli HMGET docket:3f9c… step_name status attempt error metadata
/// redis-cli DEL docket:3f9c…          (the step runs anew)
/// ```
///
/// # What its user needs
///
/// A user of Redis with these rights is enough; the last line is for [`purge`](Store::purge) and [`Admin`](super::Admin):
///
/// ```text
/// ACL SETUSER docket on >password ~docket:*
///   +evalsha +script|load +hmget +hset +hdel +del +unlink +pexpire +persist +time +info +config|get
///   +scan +hget +hstrlen +hexists
/// ```
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// For claims, and for what operators ask.
    claims: Link,
    hits: Hits<Peeks>,
    /// For records and renewals.
    records: Link,
    scripts: Scripts,
    prefix: Prefix,
    durability: Durability,
    accepts_weak_durability: bool,
    /// The greatest fence that this store has seen, so that fences grow when the server's clock is set back between a row
    /// and the next of its key.
    last_fence: AtomicI64,
}

impl RedisStore {
    /// Connects to the server at `url`, as `redis://user:password@host:6379/0`, and finds out what it promises.
    ///
    /// `rediss://` needs the feature `tls`.
    ///
    /// # Errors
    ///
    /// If the server can't be reached, is a cluster, or refuses scripts.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        RedisOptions::new().connect(url).await
    }

    /// Makes its connections by the client of the application, for what a URL does not say: certificates, TCP settings.
    /// Without `TCP_NODELAY`, which the crate `redis` does not set by itself, commands on a shared connection wait for each
    /// other's acknowledgements.
    ///
    /// # Errors
    ///
    /// As for [`connect`](RedisStore::connect).
    pub async fn new(client: ::redis::Client) -> Result<Self, StoreError> {
        RedisOptions::new().with_client(client).await
    }

    /// What the names of all its keys begin with.
    pub fn prefix(&self) -> &str {
        self.inner.prefix.as_str()
    }
}

impl Store for RedisStore {
    fn durability(&self) -> Durability {
        self.inner.durability.clone()
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        self.inner.claim(request).await
    }

    async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        self.inner.preview(request).await
    }

    async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        self.inner.complete(claim, completion).await
    }

    async fn fail(&self, claim: &ClaimRef, failure: &Failure) -> Result<Write, StoreError> {
        self.inner.fail(claim, failure).await
    }

    async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        self.inner.renew(claims, lease).await
    }

    async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        self.inner.mark_lost(key, fence).await
    }

    async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        self.inner.release(claim).await
    }

    async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge(limit).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.inner.prefix.as_str())
            .field("durability", &self.inner.durability)
            .finish_non_exhaustive()
    }
}
