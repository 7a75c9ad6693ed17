//! [`PostgresStore`]: rows in PostgreSQL.
//!
//! Each move is one statement in autocommit, and none needs a transaction around it: a caller who leaves in the middle
//! leaves nothing open. A claim can be one statement too, whatever comes of it, and has a cheaper one for rows that are new;
//! `claim.rs` says when. Where it is likely to be a hit, one that only reads goes before it; `peek.rs` has that one.
//!
//! Claims use one pool, and what a holder says (records, renewals, releases) another of two connections, so that no crowd
//! of waiting callers keeps a holder from reporting. Operations of one kind that come at the same time are coalesced. A
//! statement that locks several rows locks them in the order of their keys, whatever its kind, so that they don't
//! deadlock.

mod admin;
mod claim;
mod connect;
mod doctor;
mod durability;
mod error;
mod filter;
mod lease;
mod lent;
mod migrate;
mod peek;
mod preview;
mod record;
mod repair;
mod row;
mod statements;
mod text;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgPool, Postgres};

use super::coalesce::Coalescer;
use super::hits::Hits;
use super::sql::Lender;
use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, TableName, Write,
};
use crate::key::CacheKey;
use claim::Claims;
use peek::Peeks;
use record::{Completions, Failures};
use statements::Statements;

pub use connect::PostgresOptions;

/// A store in a PostgreSQL database, 12 or later; a clone is the same store.
///
/// Steps with `repeat = "never"` are safe in it, unless its settings let it forget what it has acknowledged: those are
/// found when the store is made, and [`durability`](Store::durability) says what to set instead. A failover to a standby
/// that lags behind forgets as well; `synchronous_standby_names` is what prevents that.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::PostgresStore;
///
/// let store = PostgresStore::connect("postgres://app:secret@db.internal/shop").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Round trips
///
/// A hit is one, a miss two. Where many callers ask at once, several of their operations share one. After sixteen hits of one
/// step in a row, its rows are read before they are claimed, which is cheaper for a hit; the first miss after that is three. So
/// is the first claim of a row that has failed or expired, after rows that were new; those that follow are two again. The first
/// look at a row that somebody holds is then two, and each that follows one.
///
/// A pool that tests its connections before it lends them, as sqlx's pools do unless told not to, adds one to each. And
/// whatever its settings, it tries a connection that is given back. A store that has its pool for itself, by
/// [`connect`](PostgresStore::connect), keeps the connections that have just claimed, and has none of that.
///
/// # Looking into the table
///
/// ```sql
/// -- Show all orders stuck at inventory check
/// SELECT * FROM step_cache
/// WHERE step_name = 'CheckInventory'
/// AND created_at < NOW() - INTERVAL '1 hour';
///
/// -- Retry failed payments from yesterday
/// DELETE FROM step_cache
/// WHERE step_name = 'ProcessPayment'
/// AND metadata->>'status' = 'failed'
/// AND created_at > NOW() - INTERVAL '1 day';
/// ```
///
/// Values of serde types can be read as JSON: `value_json::jsonb ->> 'total'`. Texts of a row in which U+0000 occurs,
/// which PostgreSQL can't keep, have U+FFFD in its place.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// For whoever asks: claims, operators, migrations.
    pool: Lender<Postgres>,
    /// For holders.
    holders: Lender<Postgres>,
    hits: Hits<Peeks>,
    claims: Coalescer<Claims>,
    completions: Coalescer<Completions>,
    failures: Coalescer<Failures>,
    sql: Statements,
    durability: Durability,
    table: TableName,
}

impl PostgresStore {
    /// Connects to the database at `url`, and makes the table if it is missing.
    ///
    /// The URL is `postgres://user:password@host:port/database`; `?sslmode=require` and the other parameters of libpq may
    /// follow, `?options=-c%20name%3Dvalue` for any setting among them.
    ///
    /// # Errors
    ///
    /// If the server is not reached, or does not let us in; or as [`migrate`](PostgresStore::migrate).
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        PostgresOptions::new().connect(url).await
    }

    /// Uses the pool of the application. Nothing is made: the table must be there, or be made by
    /// [`migrate`](PostgresStore::migrate).
    ///
    /// Claims and the calls of [`Admin`](super::Admin) share the pool with the application. Records and renewals must not
    /// wait behind it, so they have two connections of their own, which are opened when they are first needed, with the
    /// pool's options. One connection of the pool is asked for its settings, and what they promise is the store's
    /// [`durability`](Store::durability).
    ///
    /// # Errors
    ///
    /// If the pool gives no connection, or the server is older than PostgreSQL 12.
    pub async fn new(pool: PgPool) -> Result<Self, StoreError> {
        PostgresOptions::new().with_pool(pool).await
    }

    /// Makes the table and its indexes if they are missing, and brings an older table up to date. A second table,
    /// `<table>_migrations`, keeps which versions were applied and when. Several processes may do so at once.
    ///
    /// Where the table is up to date, this needs no right but to read.
    ///
    /// # Errors
    ///
    /// If that is not allowed, there is another table of that name, or the table is newer than this release knows.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.inner.migrate().await
    }

    /// The name of the table.
    pub fn table(&self) -> &TableName {
        &self.inner.table
    }
}

impl Store for PostgresStore {
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

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("table", &self.inner.table)
            .field("durability", &self.inner.durability)
            .finish_non_exhaustive()
    }
}
