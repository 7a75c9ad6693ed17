//! Opening a database, and finding out what it promises.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Row as _, Sqlite, query};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::super::coalesce::{Coalescer, Limits};
use super::super::hits::Hits;
use super::super::sql::Lender;
use super::error::{open_error, store_error};
use super::moves::Moves;
use super::peek::{self, Peeks};
use super::statements::Statements;
use super::{Durability, Inner, SqliteStore, StoreError, TableName};

/// More readers than this have nothing to do on the machines that SQLite is used on.
const MAX_READERS: u32 = 4;
/// How long one statement waits for the write lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// There is one writer, so there is one lane. A transaction of so many moves is over before a renewal misses it.
const LIMITS: Limits = Limits {
    lanes: 1,
    operations: 128,
    bytes: 4 << 20,
    // Longer than SQLite itself waits.
    patience: Some(Duration::from_secs(15)),
};
/// How long several processes may keep each other from opening one file.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// How a [`SqliteStore`] is made, where the defaults don't fit.
///
/// ```no_run
/// # async fn start() -> Result<(), docket_runtime::store::StoreError> {
/// use docket_runtime::store::{SqliteOptions, TableName};
///
/// let store = SqliteOptions::new()
///     .table(TableName::new("order_steps")?)
///     .connect("sqlite://orders.db")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    table: TableName,
    create_if_missing: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            table: TableName::default(),
            create_if_missing: true,
        }
    }
}

impl SqliteOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of the table; default `step_cache`.
    pub fn table(mut self, table: TableName) -> Self {
        self.table = table;
        self
    }

    /// Whether [`connect`](SqliteOptions::connect) makes the file and the table where they are missing, and brings the
    /// table up to date; default `true`.
    ///
    /// With `false` it opens what is there and changes nothing: a missing file is an error at once, a missing table is one
    /// when it is needed, and the file's `journal_mode` stays as it is.
    pub fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = create;
        self
    }

    /// See [`SqliteStore::connect`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn connect(self, url: &str) -> Result<SqliteStore, StoreError> {
        let options = options_of(url)?
            .create_if_missing(self.create_if_missing)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let options = if self.create_if_missing {
            options.journal_mode(SqliteJournalMode::Wal)
        } else {
            options
        };
        let until = Instant::now() + CONNECT_PATIENCE;
        loop {
            match self.clone().open(options.clone()).await {
                // To switch a file to WAL takes it for oneself, and SQLite does not always wait for that.
                Err(error) if error.is_retryable() && Instant::now() < until => {
                    sleep(Duration::from_millis(fastrand::u64(5..50))).await;
                }
                opened => return opened,
            }
        }
    }

    async fn open(self, options: SqliteConnectOptions) -> Result<SqliteStore, StoreError> {
        let create_if_missing = self.create_if_missing;
        let writes = open_pool(&options, 1).await?;
        let durability = durability(&writes).await?;
        let store = if durability == Durability::Process {
            // A database in memory goes with its last connection. A pool may close one at any time, so there is another
            // that is never used. Readers of one would wait for its writer anyway: there is one connection for both.
            let anchor = open_pool(&options, 1).await?;
            let shared = Lender::new(writes.clone(), 0);
            self.build(shared.clone(), writes, shared, Some(anchor), durability)
        } else {
            let reads = open_pool(&options, MAX_READERS).await?;
            let peeked = Lender::new(reads.clone(), peek::LIMITS.lanes);
            // Nobody asks this pool but through the lender.
            let writes = Lender::new(writes, 1);
            self.build(peeked, reads, writes, None, durability)
        };
        if create_if_missing {
            store.migrate().await?;
        }
        Ok(store)
    }

    /// See [`SqliteStore::new`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn with_pool(self, pool: SqlitePool) -> Result<SqliteStore, StoreError> {
        let durability = durability(&pool).await?;
        let shared = Lender::new(pool.clone(), 0);
        Ok(self.build(shared.clone(), pool, shared, None, durability))
    }

    fn build(
        self,
        peeked: Lender<Sqlite>,
        reads: SqlitePool,
        writes: Lender<Sqlite>,
        anchor: Option<SqlitePool>,
        durability: Durability,
    ) -> SqliteStore {
        let Self {
            table,
            create_if_missing: _,
        } = self;
        let sql = Statements::new(&table);
        let write_turn = Arc::new(Semaphore::new(1));
        let moves = Moves {
            writes: writes.clone(),
            write_turn: Arc::clone(&write_turn),
        };
        let peeks = Peeks {
            reads: peeked,
            sql: sql.peek.clone(),
        };
        SqliteStore {
            inner: Arc::new(Inner {
                hits: Hits::new(peeks, peek::LIMITS),
                reads,
                writes,
                _anchor: anchor,
                moves: Coalescer::new(moves, LIMITS),
                write_turn,
                finds: AtomicBool::new(true),
                last_fence: AtomicI64::new(0),
                sql,
                durability,
                table,
            }),
        }
    }
}

/// What `url` says.
fn options_of(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    // sqlx takes whatever it does not know for the name of a file.
    if let Some(scheme) = scheme(url).filter(|it| !matches!(*it, "sqlite" | "file")) {
        return Err(StoreError::refused(format!(
            "`{scheme}:` is not what the URL of a SQLite database begins with; write `sqlite://` and the path of a file"
        )));
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| {
        StoreError::refused("this is not the URL of a SQLite database").with_source(error)
    })?;
    // To SQLite, no name is that of a file of the connection's own, which is deleted when that is closed.
    let file = options.get_filename();
    if file.as_os_str().is_empty() || file == Path::new("file:") {
        return Err(StoreError::refused(
            "the URL of a SQLite database names no file; write `sqlite://` and a path, or `sqlite::memory:` for one that \
             is gone with the process",
        ));
    }
    Ok(options)
}

/// What stands before the colon, if it can't be a drive.
fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme = |it: char| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.');
    (scheme.len() > 1 && scheme.chars().all(is_scheme)).then_some(scheme)
}

/// A pool whose connections stay open. They are not tried before use, since a file does not go away like a server, and a
/// caller who leaves during the trial would take the connection along.
async fn open_pool(
    options: &SqliteConnectOptions,
    max_connections: u32,
) -> Result<SqlitePool, StoreError> {
    SqlitePoolOptions::new()
        .max_connections(max_connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await
        .map_err(|error| open_error(error, options.get_filename()))
}

/// What the settings of a connection of `pool` promise.
async fn durability(pool: &SqlitePool) -> Result<Durability, StoreError> {
    let settings = query(
        "SELECT (SELECT file FROM pragma_database_list WHERE name = 'main') AS file, \
                (SELECT synchronous FROM pragma_synchronous) AS synchronous, \
                (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode",
    )
    .fetch_one(pool)
    .await
    .map_err(store_error)?;
    let file: Option<String> = settings.try_get("file").map_err(store_error)?;
    let synchronous: i64 = settings.try_get("synchronous").map_err(store_error)?;
    let journal_mode: String = settings.try_get("journal_mode").map_err(store_error)?;
    Ok(judge(&file.unwrap_or_default(), synchronous, &journal_mode))
}

fn judge(file: &str, synchronous: i64, journal_mode: &str) -> Durability {
    const FULL: i64 = 2;
    if file.is_empty() {
        return Durability::Process;
    }
    match journal_mode {
        "off" | "memory" => Durability::Weak {
            reason: format!(
                "`journal_mode` is `{journal_mode}`, so a crash can damage the file; set `PRAGMA journal_mode = WAL`"
            )
            .into(),
        },
        _ if synchronous < FULL => Durability::Weak {
            reason: "`synchronous` is less than `FULL`, so a loss of power can undo what was recorded; set \
                     `PRAGMA synchronous = FULL` on each connection"
                .into(),
        },
        _ => Durability::Durable,
    }
}
