//! [`MySqlStore`]: rows in MySQL or MariaDB.
//!
//! Each move is one statement in autocommit. A claim inserts first where it is likely that there is no row, and reads
//! first where it is likely that there is a result; what it read is decided by the same rules as in memory, and written
//! only if the row is still as it was read. `INSERT … ON DUPLICATE KEY UPDATE` is of no use here: the count of its rows
//! does not tell an insert from an update that changes nothing.
//!
//! What many callers ask for at the same time goes out as one statement: looks at rows, new rows, and successes to record,
//! which then wait for the disk together. A claim that takes over goes alone.
//!
//! Claims take the connections of one pool. Records and renewals have a small pool of their own, since they must not wait
//! behind callers who ask again and again for what these would give them.

mod admin;
mod claim;
mod complete;
mod connect;
mod doctor;
mod error;
mod filter;
mod insert;
mod lately;
mod look;
mod metadata;
mod migrate;
mod peek;
mod preview;
mod record;
mod repair;
mod row;
mod send;
mod server;
mod statements;
mod to_the_end;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::mysql::{MySql, MySqlPool};

use super::coalesce::Coalescer;
use super::hits::Hits;
use super::sql::Lender;
use super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, Preview, Store,
    StoreError, TableName, Write,
};
use crate::key::CacheKey;
use complete::Records;
use insert::{Inserts, LastFence};
use lately::Lately;
use look::Looks;
use peek::Peeks;
use server::Server;
use statements::Statements;

pub use connect::MySqlOptions;

/// A store in MySQL or MariaDB, shared by all processes that use the database; a clone is the same store.
///
/// For MariaDB 10.6 or later, and MySQL 8.0.16 or later. Docket is tested with MariaDB 10.11. For MySQL the same
/// statements are used, written by its documentation; they have not been run on one yet.
///
/// Steps with `repeat = "never"` are safe in it where the table's engine is InnoDB, `innodb_flush_log_at_trx_commit` is 1
/// and the server is a primary: that is looked up when the store is made, and is its [`durability`](Store::durability).
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::MySqlStore;
///
/// let store = MySqlStore::connect("mysql://app@db.internal/orders").await?;
/// # Ok(())
/// # }
/// ```
///
/// Names of steps and namespaces have at most 190 characters here, and ids of executions 255. A claim with a longer one is
/// refused, so that its step is not run.
///
/// Connections are encrypted with the feature `tls`, if the server can. Without, an account of
/// MySQL's default `caching_sha2_password` can log in through a socket only, or with the feature `mysql-rsa`.
///
/// # Looking into the table
///
/// Times are UTC. MariaDB has no `->>`; what reads JSON there is `JSON_VALUE`, which MySQL has from 8.0.21 on, too:
///
/// ```sql
/// -- Show all orders stuck at inventory check
/// SELECT * FROM step_cache
/// WHERE step_name = 'CheckInventory'
/// AND created_at < UTC_TIMESTAMP() - INTERVAL 1 HOUR;
///
/// -- Retry failed payments from yesterday
/// DELETE FROM step_cache
/// WHERE step_name = 'ProcessPayment'
/// AND JSON_VALUE(metadata, '$.status') = 'failed'
/// AND created_at > UTC_TIMESTAMP() - INTERVAL 1 DAY;
/// ```
///
/// On MySQL, the condition may be written `metadata->>'$.status' = 'failed'` as well. On both, `status = 'failed'` says
/// the same. Values of serde types can be read as JSON: `JSON_VALUE(value_json, '$.total')`.
#[derive(Clone)]
pub struct MySqlStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// For claims. Ours, or the application's.
    claims: Lender<MySql>,
    /// For all that must not wait behind claims.
    records: Lender<MySql>,
    hits: Hits<Peeks>,
    looks: Coalescer<Looks>,
    completions: Coalescer<Records>,
    inserts: Coalescer<Inserts>,
    lately: Lately,
    last_fence: LastFence,
    sql: Statements,
    server: Server,
    durability: Durability,
    table: TableName,
}

impl MySqlStore {
    /// Connects to the database at `url`, as `mysql://user:password@host/database`, and makes the table if it is missing.
    ///
    /// # Errors
    ///
    /// If the server is not reached or too old, or the table is there and is not one of ours, or newer than this release
    /// knows.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        MySqlOptions::new().connect(url).await
    }

    /// Uses the pool of the application for claims. The table must be there, or be made by
    /// [`migrate`](MySqlStore::migrate).
    ///
    /// For records and renewals, two more connections are made with the options of the pool, once they are needed, so that
    /// they never wait for the application. What the pool does to its connections when they are made is not done to
    /// these.
    ///
    /// # Errors
    ///
    /// If the pool gives no connection, or one with `autocommit` off, or the server is too old.
    pub async fn new(pool: MySqlPool) -> Result<Self, StoreError> {
        MySqlOptions::new().with_pool(pool).await
    }

    /// Makes the table, or brings it up to date. Of no effect where it is; several processes may do so at once.
    ///
    /// # Errors
    ///
    /// If that is not allowed, or there is another table of that name, or it is newer than this release knows.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.inner.migrate().await
    }

    /// The name of the table.
    pub fn table(&self) -> &TableName {
        &self.inner.table
    }
}

impl Store for MySqlStore {
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

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore")
            .field("server", &self.inner.server.version)
            .field("table", &self.inner.table)
            .field("durability", &self.inner.durability)
            .finish_non_exhaustive()
    }
}

/// Microseconds, rounded up; a thousand years at most, since dates end with the year 9999.
fn micros(duration: Duration) -> i64 {
    const MOST: i64 = 1000 * 365 * 24 * 60 * 60 * 1_000_000;
    let micros = duration.as_nanos().div_ceil(1000);
    i64::try_from(micros).unwrap_or(MOST).min(MOST)
}
