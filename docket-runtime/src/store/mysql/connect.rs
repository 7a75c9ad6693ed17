//! Connecting to a server.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlPoolOptions};
use sqlx::pool::PoolOptions;

use super::super::coalesce::Coalescer;
use super::super::hits::Hits;
use super::super::sql::Lender;
use super::complete::{self, Records};
use super::error::store_error;
use super::insert::{self, Inserts, LastFence};
use super::lately::Lately;
use super::look::{self, Looks};
use super::peek::{self, Peeks};
use super::server::Settings;
use super::statements::Statements;
use super::{Inner, MySqlStore, StoreError, TableName};

/// For claims.
const MAX_CONNECTIONS: u32 = 10;
/// For records and renewals, which must not wait behind callers who ask again and again. One may be in the middle of a
/// slow commit.
const RECORD_CONNECTIONS: u32 = 2;
/// How long a statement waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was not used for so long is tried before it is: a server or a firewall may have closed it.
const IDLE_BEFORE_TEST: Duration = Duration::from_secs(1);

/// How a [`MySqlStore`] is made, where the defaults don't fit.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::{MySqlOptions, TableName};
///
/// let store = MySqlOptions::new()
///     .table(TableName::new("order_steps")?)
///     .connect("mysql://app@db.internal/orders")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MySqlOptions {
    table: TableName,
    max_connections: u32,
}

impl MySqlOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            table: TableName::default(),
            max_connections: MAX_CONNECTIONS,
        }
    }

    /// The name of the table; default `step_cache`.
    pub fn table(mut self, table: TableName) -> Self {
        self.table = table;
        self
    }

    /// How many connections [`connect`](MySqlOptions::connect) makes at most for claims, 1 at least; default 10. There are
    /// 2 more for records and renewals.
    pub fn max_connections(mut self, max_connections: u32) -> Self {
        self.max_connections = max_connections.max(1);
        self
    }

    /// See [`MySqlStore::connect`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn connect(self, url: &str) -> Result<MySqlStore, StoreError> {
        let options = parse(url)?;
        let claims = own_pool(self.max_connections)
            .connect_with(options)
            .await
            .map_err(store_error)?;
        // Those that are not kept are for operators.
        let n_kept = self.max_connections.saturating_sub(1) as usize;
        let claims = Lender::new(claims, n_kept.min(look::LIMITS.lanes));
        let store = self.build(claims).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// See [`MySqlStore::new`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn with_pool(self, pool: MySqlPool) -> Result<MySqlStore, StoreError> {
        self.build(Lender::new(pool, 0)).await
    }

    async fn build(self, claims: Lender<MySql>) -> Result<MySqlStore, StoreError> {
        let Self {
            table,
            max_connections: _,
        } = self;
        let Settings { server, durability } = Settings::ask(&claims, &table).await?;
        let options = claims.pool().connect_options();
        let records =
            own_pool(RECORD_CONNECTIONS).connect_lazy_with(MySqlConnectOptions::clone(&options));
        let records = Lender::new(records, 0);
        let sql = Statements::new(&table);
        let last_fence = LastFence::default();
        let peeks = Peeks {
            pool: claims.clone(),
            sql: sql.peek.clone(),
        };
        let looks = Looks {
            pool: claims.clone(),
            sql: sql.find.clone(),
        };
        let completions = Records {
            pool: records.clone(),
            sql: sql.complete.clone(),
        };
        let inserts = Inserts::new(claims.clone(), &sql, last_fence.clone());
        Ok(MySqlStore {
            inner: Arc::new(Inner {
                hits: Hits::new(peeks, peek::LIMITS),
                looks: Coalescer::new(looks, look::LIMITS),
                completions: Coalescer::new(completions, complete::LIMITS),
                claims,
                records,
                lately: Lately::default(),
                inserts: Coalescer::new(inserts, insert::LIMITS),
                last_fence,
                sql,
                server,
                durability,
                table,
            }),
        })
    }
}

impl Default for MySqlOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// sqlx looks at the scheme of a URL only to choose among databases, which is not asked here.
fn parse(url: &str) -> Result<MySqlConnectOptions, StoreError> {
    let refused = || StoreError::refused("this is not the URL of a MySQL or MariaDB database");
    if !url.starts_with("mysql://") && !url.starts_with("mariadb://") {
        return Err(refused());
    }
    MySqlConnectOptions::from_str(url).map_err(|error| refused().with_source(error))
}

/// A pool whose connections are as the statements like them.
fn own_pool(max_connections: u32) -> PoolOptions<MySql> {
    MySqlPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // To try each connection before each statement would be a second round trip.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= IDLE_BEFORE_TEST {
                    return Ok(connection.ping().await.is_ok());
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| Box::pin(prepare_session(connection)))
}

/// READ COMMITTED locks no gaps between rows, so that claims of different keys don't meet. Strict mode refuses what it
/// would otherwise cut. A row that is locked for longer than two seconds is asked for again.
async fn prepare_session(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    for statement in [
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), autocommit = 1, innodb_lock_wait_timeout = 2",
    ] {
        sqlx::raw_sql(statement).execute(&mut *connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_urls_of_such_a_server_are_taken() {
        for url in [
            "mysql://root@localhost/x",
            "mariadb://h:3307/x?charset=utf8mb4",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "postgres://localhost/x",
            "mysql:x",
            "localhost",
            "mysql://h:port/x",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!error.is_retryable(), "{url}");
        }
    }
}
