//! Making the table, bringing it up to date, and finding out that it is ours.
//!
//! A table of its own, `<table>_migrations`, says which versions have been applied. All steps of one migration are one
//! transaction that takes the write lock first, so of several processes that open one file, one does the work.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection as _, Row as _, Sqlite, Transaction, query};

use super::error::{is_missing_table, store_error};
use super::statements::statement;
use super::{Inner, StoreError};

/// The statements of each version, the first one first. What was released is never changed. Words in braces are filled by
/// [`statement`].
const VERSIONS: [&str; 1] = [include_str!("../schema/sqlite.sql")];

/// The version that this release reads and writes.
pub(super) const LATEST: i64 = VERSIONS.len() as i64;

const CREATE_MIGRATIONS: &str = "
CREATE TABLE IF NOT EXISTS {migrations} (
  version    INTEGER NOT NULL PRIMARY KEY,
  applied_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
) STRICT";

const READ_VERSION: &str = "SELECT COALESCE(MAX(version), 0) AS version FROM {migrations}";

const RECORD_VERSION: &str = "INSERT INTO {migrations} (version) VALUES (?1)";

impl Inner {
    pub(super) async fn migrate(self: &Arc<Self>) -> Result<(), StoreError> {
        if self.version().await? == LATEST {
            let mut reader = self.reads.acquire().await.map_err(store_error)?;
            return self.check(&mut reader).await;
        }
        // In a task of its own, since a caller who leaves must not leave a transaction open behind him (sqlx#4385).
        let inner = Arc::clone(self);
        tokio::spawn(async move { inner.apply().await })
            .await
            .map_err(StoreError::unavailable)?
    }

    /// The statements of the whole table, as [`migrate`](Inner::migrate) would run them on an empty file.
    pub(super) fn schema(&self) -> String {
        VERSIONS
            .iter()
            .map(|version| statement(&[version], &self.table).as_str().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The version of the table; 0 where no migration is recorded.
    pub(super) async fn version(&self) -> Result<i64, StoreError> {
        let read = query(statement(&[READ_VERSION], &self.table)).persistent(false);
        match read.fetch_one(&self.reads).await {
            Ok(row) => row.try_get("version").map_err(store_error),
            Err(error) if is_missing_table(&error) => Ok(0),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn apply(&self) -> Result<(), StoreError> {
        let _write_turn = self.turn(&self.write_turn).await?;
        let mut lent = self.writes.lend().await.map_err(store_error)?;
        let begun = lent.begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = begun.map_err(store_error)?;
        self.apply_in(&mut transaction).await?;
        let done = transaction.commit().await;
        lent.end(&done);
        done.map_err(store_error)
    }

    async fn apply_in(&self, transaction: &mut Transaction<'_, Sqlite>) -> Result<(), StoreError> {
        let run = |text| query(statement(&[text], &self.table)).persistent(false);
        run(CREATE_MIGRATIONS)
            .execute(&mut **transaction)
            .await
            .map_err(store_error)?;
        let row = run(READ_VERSION)
            .fetch_one(&mut **transaction)
            .await
            .map_err(|error| self.not_ours(error))?;
        let version: i64 = row.try_get("version").map_err(store_error)?;
        self.table.refuse_newer(version, LATEST)?;
        for (number, statements) in (1..).zip(VERSIONS).filter(|(it, _)| *it > version) {
            for text in statements.split_inclusive(";\n\n") {
                run(text)
                    .execute(&mut **transaction)
                    .await
                    .map_err(|error| self.not_ours(error))?;
            }
            run(RECORD_VERSION)
                .bind(number)
                .execute(&mut **transaction)
                .await
                .map_err(store_error)?;
        }
        self.check(&mut *transaction).await
    }

    /// Whether the table has the columns that the statements name.
    async fn check(&self, connection: &mut sqlx::SqliteConnection) -> Result<(), StoreError> {
        let statements = [
            &self.sql.find,
            &self.sql.insert,
            &self.sql.take,
            &self.sql.complete,
            &self.sql.fail,
        ];
        for statement in statements {
            // Explaining a statement compiles it, and that needs all of its columns.
            let explain = format!("EXPLAIN {}", statement.as_str());
            query(AssertSqlSafe(explain))
                .persistent(false)
                .fetch_all(&mut *connection)
                .await
                .map_err(|error| self.not_ours(error))?;
        }
        Ok(())
    }

    /// Says that the table is somebody else's, unless SQLite could not answer.
    fn not_ours(&self, error: sqlx::Error) -> StoreError {
        let error = store_error(error);
        if error.is_retryable() {
            return error;
        }
        self.table.not_ours("SqliteOptions", error)
    }
}
