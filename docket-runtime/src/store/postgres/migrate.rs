//! Making the table, bringing it up to date, and finding out that it is ours.
//!
//! A table of its own, `<table>_migrations`, says which versions have been applied. All statements of one version go out
//! in one message, which PostgreSQL runs as one transaction: whoever leaves in the middle leaves nothing open. It takes a
//! lock first, so of several processes that start at once one does the work, and writes the version before all else, so
//! the others find it there.

use std::time::Duration;

use sqlx::{Executor as _, Row as _, SqlStr, query, raw_sql};

use super::error::{is_missing_table, is_taken, store_error};
use super::statements::{Statements, joined, statement};
use super::{Inner, StoreError};

/// The statements of each version, the first one first. What was released is never changed.
const VERSIONS: [Version; 1] = [Version {
    record: "INSERT INTO {migrations} (version) VALUES (1)",
    statements: include_str!("../schema/postgres.sql"),
}];

struct Version {
    record: &'static str,
    statements: &'static str,
}

/// The version that this release reads and writes.
pub(super) const LATEST: i64 = VERSIONS.len() as i64;

/// To build an index on a large table takes its time.
const BEGIN: &str = "
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '30s';
SELECT pg_advisory_xact_lock(hashtextextended('docket {table}', 0));
";

const CREATE_MIGRATIONS: &str = "
CREATE TABLE IF NOT EXISTS {migrations} (
  version    INT         PRIMARY KEY,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);
";

const READ_VERSION: &str = "SELECT COALESCE(MAX(version), 0)::bigint AS version FROM {migrations}";

/// Each but the first of a version means that another process has applied it.
const MAX_TRIES: usize = 10 * VERSIONS.len();
const PAUSE: Duration = Duration::from_millis(20);

impl Inner {
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        for _ in 0..MAX_TRIES {
            let version = self.version().await?;
            self.table.refuse_newer(version, LATEST)?;
            let done = usize::try_from(version).unwrap_or(0);
            let Some(next) = VERSIONS.get(done) else {
                return self.check().await;
            };
            match raw_sql(self.apply(next)).execute(self.pool.pool()).await {
                Ok(_) => {}
                // Another process has done it. Its version can be read once it has committed, that is, by now.
                Err(error) if is_taken(&error) => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(self.not_ours(error)),
            }
        }
        Err(StoreError::refused(format!(
            "the versions of the table `{}` can't be recorded",
            self.table
        )))
    }

    /// The message that applies a version. It ends in having our statements understood, and that needs all of the table's
    /// columns: if they are others, nothing has been done.
    fn apply(&self, version: &Version) -> SqlStr {
        let of = |parts: &[&'static str]| statement(parts, &self.table);
        let mut message = vec![
            of(&[BEGIN, CREATE_MIGRATIONS]),
            of(&[version.record, ";\n", version.statements]),
        ];
        for checked in self.checked() {
            let prepare = "\nPREPARE docket_check AS ";
            let deallocate = ";\nDEALLOCATE docket_check;";
            message.extend([of(&[prepare]), checked.clone(), of(&[deallocate])]);
        }
        joined(&message)
    }

    /// Statements that name all columns.
    fn checked(&self) -> [&SqlStr; 4] {
        let Statements {
            claim,
            insert,
            complete,
            fail,
            ..
        } = &self.sql;
        [&claim.one, insert, &complete.one, &fail.one]
    }

    /// The statements of the whole table, as [`migrate`](Inner::migrate) would run them on an empty database.
    pub(super) fn schema(&self) -> String {
        let mut schema = String::new();
        let mut push = |parts: &[&'static str]| {
            schema.push_str(statement(parts, &self.table).as_str().trim_start());
        };
        for Version { statements, .. } in &VERSIONS {
            push(&[statements]);
        }
        push(&["\n", CREATE_MIGRATIONS, "\n"]);
        for Version { record, .. } in &VERSIONS {
            push(&[record, " ON CONFLICT DO NOTHING;\n"]);
        }
        schema
    }

    /// The version of the table; 0 where no migration is recorded.
    pub(super) async fn version(&self) -> Result<i64, StoreError> {
        let read = query(statement(&[READ_VERSION], &self.table)).persistent(false);
        match read.fetch_one(self.pool.pool()).await {
            Ok(row) => row.try_get("version").map_err(store_error),
            Err(error) if is_missing_table(&error) => Ok(0),
            Err(error) => Err(self.not_ours(error)),
        }
    }

    /// Whether the table has the columns that the statements name.
    async fn check(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.pool().acquire().await.map_err(store_error)?;
        for statement in self.checked() {
            let prepared = connection.prepare(statement.clone()).await;
            prepared.map_err(|error| self.not_ours(error))?;
        }
        Ok(())
    }

    /// Says that the table is somebody else's where its columns are, and else what PostgreSQL said.
    fn not_ours(&self, error: sqlx::Error) -> StoreError {
        let is_ours = !has_other_columns(&error);
        let error = store_error(error);
        if is_ours {
            return error;
        }
        self.table.not_ours("PostgresOptions", error)
    }
}

/// A column that is missing, is of another type, or is not one of a table at all; or a constraint that ours breaks.
fn has_other_columns(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|it| it.code());
    matches!(
        code.as_deref(),
        Some("42703" | "42704" | "42804" | "42809" | "42830" | "42883" | "42P10" | "42P17")
    )
}
