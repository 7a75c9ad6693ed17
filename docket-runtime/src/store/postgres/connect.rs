//! Connecting to a database.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, Postgres};

use super::super::coalesce::{Coalescer, Limits};
use super::super::hits::Hits;
use super::super::sql::Lender;
use super::claim::Claims;
use super::peek::Peeks;
use super::record::{Completions, Failures};
use super::statements::Statements;
use super::{Durability, Inner, PostgresStore, StoreError, TableName, durability};

/// Of the store's own pool for those who ask. Its statements are few and short, since they are coalesced.
const MAX_CONNECTIONS: u32 = 4;
/// Of the pool for holders: whatever of theirs is under way, there is one for something else.
const HOLDER_CONNECTIONS: u32 = 2;
/// How long to wait for a connection, and for a server that starts.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was last used so long ago is tried before it is used again.
const FRESH: Duration = Duration::from_secs(5);

/// The settings of our own connections, where the URL does not say otherwise. The statements are short, and whoever waits
/// for a lock for so long had better ask anew.
const SETTINGS: [(&str, &str); 3] = [
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "5s"),
    ("lock_timeout", "2s"),
];

/// Two statements under way keep the server busy while the answer to one is on its way.
const LIMITS: Limits = Limits {
    lanes: 2,
    operations: 64,
    bytes: 1 << 20,
    patience: Some(Duration::from_secs(10)),
};
/// Claims wait for the disk, which three can do at once. The fourth connection is for operators.
const CLAIMS: Limits = Limits { lanes: 3, ..LIMITS };
/// Those that only read are shorter.
const PEEKS: Limits = Limits {
    operations: 128,
    ..LIMITS
};

/// How a [`PostgresStore`] is made, where the defaults don't fit.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::{PostgresOptions, TableName};
///
/// let store = PostgresOptions::new()
///     .table(TableName::new("orders.step_cache")?)
///     .connect("postgres://app:secret@db.internal/shop")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    table: TableName,
    acquire_timeout: Duration,
}

impl PostgresOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            table: TableName::default(),
            acquire_timeout: ACQUIRE_TIMEOUT,
        }
    }

    /// The name of the table; default `step_cache`. Its schema must be there.
    pub fn table(mut self, table: TableName) -> Self {
        self.table = table;
        self
    }

    /// How long an operation waits for one of the store's own connections, which includes the time that the server takes
    /// to start; default 5 seconds. A pool of the application has its own.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// See [`PostgresStore::connect`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(StoreError::refused(
                "this is not the URL of a PostgreSQL database: it does not begin with `postgres://`",
            ));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| {
            StoreError::refused("this is not the URL of a PostgreSQL database").with_source(error)
        })?;
        let pool = self.open(&options, MAX_CONNECTIONS);
        let durability = durability::probe(&pool, &self.table).await?;
        let store = self.build(Lender::new(pool, CLAIMS.lanes), durability);
        store.migrate().await?;
        Ok(store)
    }

    /// See [`PostgresStore::new`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn with_pool(self, pool: PgPool) -> Result<PostgresStore, StoreError> {
        let durability = durability::probe(&pool, &self.table).await?;
        Ok(self.build(Lender::new(pool, 0), durability))
    }

    fn build(self, pool: Lender<Postgres>, durability: Durability) -> PostgresStore {
        let holders = self.open(&pool.pool().connect_options(), HOLDER_CONNECTIONS);
        let holders = Lender::new(holders, 0);
        let Self {
            table,
            acquire_timeout: _,
        } = self;
        let sql = Statements::new(&table);
        let peeks = Peeks {
            pool: pool.clone(),
            sql: sql.peek.clone(),
        };
        let claims = Claims {
            pool: pool.clone(),
            sql: sql.claim.clone(),
            insert: sql.insert.clone(),
            was_there: AtomicBool::new(false),
        };
        let completions = Completions {
            holders: holders.clone(),
            sql: sql.complete.clone(),
            said: sql.said.clone(),
        };
        let failures = Failures {
            holders: holders.clone(),
            sql: sql.fail.clone(),
        };
        PostgresStore {
            inner: Arc::new(Inner {
                pool,
                holders,
                hits: Hits::new(peeks, PEEKS),
                claims: Coalescer::new(claims, CLAIMS),
                completions: Coalescer::new(completions, LIMITS),
                failures: Coalescer::new(failures, LIMITS),
                sql,
                durability,
                table,
            }),
        }
    }

    /// A pool of our own, which connects when it is first used.
    fn open(&self, options: &PgConnectOptions, max_connections: u32) -> PgPool {
        PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(self.acquire_timeout)
            // To try a connection is a round trip: one that was used a moment ago is good.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > FRESH {
                        sqlx::Connection::ping(connection).await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(with_settings(options))
    }
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}

fn with_settings(options: &PgConnectOptions) -> PgConnectOptions {
    let said = options.get_options().unwrap_or_default();
    let ours = SETTINGS
        .into_iter()
        .filter(|(name, _)| !said.contains(name));
    let mut options = options.clone().options(ours);
    if options.get_application_name().is_none() {
        options = options.application_name("docket");
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_url_says_stands() {
        let url = "postgres://db/shop?application_name=till&options=-c%20lock_timeout%3D9s";
        let options = with_settings(&PgConnectOptions::from_str(url).unwrap());
        assert_eq!(options.get_application_name(), Some("till"));
        assert_eq!(
            options.get_options(),
            Some(
                r"-c lock_timeout=9s -c default_transaction_isolation=read\ committed -c statement_timeout=5s"
            )
        );
        // A pool for holders is made from the options of a pool of ours.
        assert_eq!(with_settings(&options).get_options(), options.get_options());
    }
}
