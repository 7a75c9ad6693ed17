//! What SQLite and sqlx say, in the words of a store.

use std::path::Path;

use sqlx::Error;

use super::StoreError;

/// The error as a store tells it: whether the same statement may succeed later, and what SQLite said, once.
pub(super) fn store_error(error: Error) -> StoreError {
    match error {
        Error::Database(database) => {
            let code = database.code().map(String::from).unwrap_or_default();
            let is_missing = says_no_such_table(database.message());
            let said = database.into_error();
            if is_passing(&code) {
                return StoreError::unavailable(said);
            }
            let message = match primary(&code) {
                Some(CANTOPEN) => "SQLite can't open the file",
                Some(NOTADB) => "the file is not a SQLite database",
                Some(TOOBIG) => {
                    "the value is too large for SQLite, whose rows hold 1,000,000,000 bytes at most"
                }
                _ if is_missing => "Docket's table is not there; `migrate` makes it",
                _ => "SQLite refused the statement",
            };
            StoreError::refused(message).with_source(said)
        }
        Error::Io(_) | Error::PoolTimedOut | Error::WorkerCrashed => StoreError::unavailable(error),
        other => StoreError::refused("SQLite can't be used").with_source(other),
    }
}

/// The same, where `file` was opened.
pub(super) fn open_error(error: Error, file: &Path) -> StoreError {
    let Error::Database(database) = error else {
        return store_error(error);
    };
    let file = file.display();
    let message = match primary(&database.code().unwrap_or_default()) {
        Some(CANTOPEN) => format!("SQLite can't open the file `{file}`"),
        Some(NOTADB) => format!("the file `{file}` is not a SQLite database"),
        _ => return store_error(Error::Database(database)),
    };
    StoreError::refused(message).with_source(database.into_error())
}

/// Whether a statement failed because its table is not there.
pub(super) fn is_missing_table(error: &Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|it| says_no_such_table(it.message()))
}

/// SQLite has one code for all that is wrong with a statement.
fn says_no_such_table(message: &str) -> bool {
    message.starts_with("no such table")
}

const CANTOPEN: u32 = 14;
const TOOBIG: u32 = 18;
const NOTADB: u32 = 26;

/// The last byte of an extended result code.
fn primary(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().map(|it| it & 0xff)
}

/// Whether an extended result code is of a condition that passes: its last byte is the primary one.
fn is_passing(code: &str) -> bool {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const NOMEM: u32 = 7;
    const INTERRUPT: u32 = 9;
    const IOERR: u32 = 10;
    const FULL: u32 = 13;
    const PROTOCOL: u32 = 15;
    matches!(
        primary(code),
        Some(BUSY | LOCKED | NOMEM | INTERRUPT | IOERR | FULL | PROTOCOL)
    )
}

#[cfg(test)]
mod tests {
    use sqlx::query;
    use sqlx::sqlite::SqlitePool;

    use super::store_error;

    #[tokio::test]
    async fn what_sqlite_refuses_is_told_with_the_way_out() {
        let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
        for (statement, said) in [
            (
                "SELECT zeroblob(1000000001)",
                "the value is too large for SQLite, whose rows hold 1,000,000,000 bytes at most",
            ),
            (
                "SELECT * FROM step_cache",
                "Docket's table is not there; `migrate` makes it",
            ),
            ("SELECT", "SQLite refused the statement"),
        ] {
            let refused = query(statement).fetch_all(&pool).await.unwrap_err();
            let error = store_error(refused);
            assert_eq!(error.to_string(), said);
            assert!(!error.is_retryable());
        }
    }
}
