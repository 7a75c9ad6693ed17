//! Making the table, bringing it up to date, and finding out that it is ours.
//!
//! A table of its own, `<table>_migrations`, says which versions have been applied. What defines tables can't be undone
//! here, so of several processes one works at a time, by a lock of the server; and since it may be lost in the middle, the
//! statements of a version can be run again, and the version is recorded after them.

use std::sync::Arc;

use sqlx::mysql::MySqlConnection;
use sqlx::{Executor as _, Row as _, query};

use super::error::{is_missing_table, store_error};
use super::send::Bound;
use super::statements::statement;
use super::{Inner, StoreError};

/// The statements of each version, the first one first. What was released is never changed.
const VERSIONS: [&str; 1] = [include_str!("../schema/mysql.sql")];

/// The version that this release reads and writes.
pub(super) const LATEST: i64 = VERSIONS.len() as i64;

const CREATE_MIGRATIONS: &str = "
CREATE TABLE IF NOT EXISTS {migrations} (
  version    INT         NOT NULL PRIMARY KEY,
  applied_at DATETIME(6) NOT NULL
) ENGINE = InnoDB";

const READ_VERSION: &str =
    "SELECT CAST(COALESCE(MAX(version), 0) AS SIGNED) AS version FROM {migrations}";

const RECORD_VERSION: &str =
    "INSERT IGNORE INTO {migrations} (version, applied_at) VALUES (?, {now})";

/// Locks are of the whole server, and their names have 64 characters at most.
const LOCK: &str = "
SELECT CAST(GET_LOCK(CONCAT('docket:', LEFT(SHA2(CONCAT(COALESCE(?, DATABASE()), '.', ?), 256), 40)), 30) AS SIGNED) AS is_mine";

const UNLOCK: &str = "
SELECT RELEASE_LOCK(CONCAT('docket:', LEFT(SHA2(CONCAT(COALESCE(?, DATABASE()), '.', ?), 256), 40))) AS was_mine";

impl Inner {
    pub(super) async fn migrate(self: &Arc<Self>) -> Result<(), StoreError> {
        let inner = Arc::clone(self);
        // In a task of its own, since a caller who leaves must not leave the lock behind him.
        tokio::spawn(async move {
            let mut lent = inner.records.lend().await.map_err(store_error)?;
            let migrated = if inner.version().await? == LATEST {
                inner.check(&mut lent).await
            } else {
                inner.apply(&mut lent).await
            };
            // Each statement has had its answer. What came of them says nothing of the connection, which the pool tries anyway.
            lent.end(&Ok(()));
            migrated
        })
        .await
        .map_err(StoreError::unavailable)?
    }

    /// The statements of the whole table, as [`migrate`](Inner::migrate) would run them where there is none.
    pub(super) fn schema(&self) -> String {
        VERSIONS
            .iter()
            .map(|version| statement(&[version], &self.table).as_str().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The version of the table; 0 where no migration is recorded.
    pub(super) async fn version(&self) -> Result<i64, StoreError> {
        let read = Bound::new(&statement(&[READ_VERSION], &self.table));
        match read.fetch(&self.claims).await {
            Ok(rows) => match rows.first() {
                Some(row) => row.try_get("version").map_err(store_error),
                None => Ok(0),
            },
            Err(error) if is_missing_table(&error) => Ok(0),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn apply(&self, connection: &mut MySqlConnection) -> Result<(), StoreError> {
        let (schema, name) = self.table.parts();
        let row = query(LOCK)
            .persistent(false)
            .bind(schema)
            .bind(name)
            .fetch_one(&mut *connection)
            .await
            .map_err(store_error)?;
        let is_mine: Option<i64> = row.try_get("is_mine").map_err(store_error)?;
        if is_mine != Some(1) {
            return Err(StoreError::unavailable(
                "another process has been migrating the table for half a minute",
            ));
        }
        let applied = self.apply_alone(connection).await;
        // If this fails, the connection is gone, and the lock with it.
        let _ = query(UNLOCK)
            .persistent(false)
            .bind(schema)
            .bind(name)
            .fetch_one(&mut *connection)
            .await;
        applied
    }

    async fn apply_alone(&self, connection: &mut MySqlConnection) -> Result<(), StoreError> {
        let run = |text| query(statement(&[text], &self.table)).persistent(false);
        let version = self.version().await?;
        self.table.refuse_newer(version, LATEST)?;
        let missing = || (1..).zip(VERSIONS).filter(|(it, _)| *it > version);
        for (_, statements) in missing() {
            for text in statements.split_inclusive(";\n\n") {
                run(text)
                    .execute(&mut *connection)
                    .await
                    .map_err(|error| self.not_ours(error))?;
            }
        }
        // Only then is anything put down: a table that is somebody else's stays alone.
        self.check(connection).await?;
        run(CREATE_MIGRATIONS)
            .execute(&mut *connection)
            .await
            .map_err(store_error)?;
        for (number, _) in missing() {
            run(RECORD_VERSION)
                .bind(number)
                .execute(&mut *connection)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    /// Whether the table has the columns that the statements name: to prepare a statement, the server looks for them.
    async fn check(&self, connection: &mut MySqlConnection) -> Result<(), StoreError> {
        let statements = [
            &self.sql.find.one,
            &self.sql.insert[0],
            &self.sql.take,
            &self.sql.complete.one,
            &self.sql.fail,
        ];
        for statement in statements {
            (&mut *connection)
                .prepare(statement.clone())
                .await
                .map_err(|error| self.not_ours(error))?;
        }
        Ok(())
    }

    /// Says that the table is somebody else's, if that is what the server's answer means.
    fn not_ours(&self, error: sqlx::Error) -> StoreError {
        let is_column = super::error::is_missing_column(&error);
        let error = store_error(error);
        if !is_column {
            return error;
        }
        self.table.not_ours("MySqlOptions", error)
    }
}
