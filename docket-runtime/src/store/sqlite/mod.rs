//! [`SqliteStore`]: rows in a SQLite file.
//!
//! Each move is one statement. A claim reads first, since a hit should not wait for the write lock; what it
//! read is decided by the same rules as in memory, and written only if the row is still as it was read. Where the last claim
//! found no row, the next one inserts first, which is one statement less.
//!
//! SQLite has one writer at a time. Writers that find it taken try again in growing steps, so many of them at once would
//! wait longer than they write: the writes of one store go one after the other, and moves that come at the same time are
//! committed together. Several processes on one file wait for each other by `busy_timeout`.

mod admin;
mod claim;
mod connect;
mod doctor;
mod error;
mod filter;
mod migrate;
mod moves;
mod peek;
mod preview;
mod record;
mod repair;
mod row;
mod statements;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::time::Duration;

use sqlx::Sqlite;
use sqlx::sqlite::SqlitePool;
use tokio::sync::Semaphore;

use super::coalesce::Coalescer;
use super::hits::Hits;
use super::sql::Lender;
use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, TableName, Write,
};
use crate::key::CacheKey;
use moves::Moves;
use peek::Peeks;
use statements::Statements;

pub use connect::SqliteOptions;

/// A store in a SQLite file, shared by the processes of one machine; a clone is the same store.
///
/// Steps with `repeat = "never"` are safe in it: the connections that [`connect`](SqliteStore::connect) makes write
/// ahead (`journal_mode = WAL`) and wait for the disk (`synchronous = FULL`). The file must be on a local file system.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::SqliteStore;
///
/// let store = SqliteStore::connect("sqlite://steps.db").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Looking into the table
///
/// Times of people's concern are UTC text, so SQLite's own `datetime` compares with them:
///
/// ```sql
/// -- Show all orders stuck at inventory check
/// SELECT * FROM step_cache
/// WHERE step_name = 'CheckInventory'
/// AND created_at < datetime('now', '-1 hour');
///
/// -- Retry failed payments from yesterday
/// DELETE FROM step_cache
/// WHERE step_name = 'ProcessPayment'
/// AND metadata->>'status' = 'failed'
/// AND created_at > datetime('now', '-1 day');
/// ```
///
/// Values of serde types can be read as JSON: `value_json ->> 'total'`.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    reads: SqlitePool,
    hits: Hits<Peeks>,
    /// Of one connection where it is ours, else the same pool.
    writes: Lender<Sqlite>,
    /// Keeps a database in memory alive.
    _anchor: Option<SqlitePool>,
    /// One write at a time.
    write_turn: Arc<Semaphore>,
    /// Claims and records.
    moves: Coalescer<Moves>,
    /// Whether the last claim found a row, or could not write one.
    finds: AtomicBool,
    /// The greatest that was given out. The clock alone would give one fence twice to a row that was deleted and made anew
    /// within a millisecond.
    last_fence: AtomicI64,
    sql: Statements,
    durability: Durability,
    table: TableName,
}

impl SqliteStore {
    /// Opens the database at `url`, as `sqlite://steps.db` or `sqlite::memory:`, and makes the file and the table if
    /// they are missing. What is in memory is lost with the store.
    ///
    /// # Errors
    ///
    /// If the file can't be opened or made, or the table is there and is not one of ours.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        SqliteOptions::new().connect(url).await
    }

    /// Uses the pool of the application, for all of the store's statements. The table must be there, or be made by
    /// [`migrate`](SqliteStore::migrate).
    ///
    /// One connection of the pool is asked for its settings, and what they promise is the store's
    /// [`durability`](Store::durability). The pool's connections are shared with the application: if it takes all of
    /// them for longer than a lease, steps under way count as lost.
    ///
    /// # Errors
    ///
    /// If the pool gives no connection.
    pub async fn new(pool: SqlitePool) -> Result<Self, StoreError> {
        SqliteOptions::new().with_pool(pool).await
    }

    /// Makes the table and its indexes if they are missing, and brings an older table up to date. A second table,
    /// `<table>_migrations`, keeps which versions were applied and when. Several processes may do so at once.
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

impl Store for SqliteStore {
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

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("table", &self.inner.table)
            .field("durability", &self.inner.durability)
            .finish_non_exhaustive()
    }
}
