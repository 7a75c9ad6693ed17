//! What SQLite and sqlx say, in the words of a store.

use sqlx::Error;

use super::StoreError;

/// The error as a store tells it: whether the same statement may succeed later, and what SQLite said, once.
pub(super) fn store_error(error: Error) -> StoreError {
    match error {
        Error::Database(database) => {
            let code = database.code().map(String::from).unwrap_or_default();
            let said = database.into_error();
            if is_passing(&code) {
                StoreError::unavailable(said)
            } else if primary(&code) == Some(CANTOPEN) {
                StoreError::refused("SQLite can't open the file").with_source(said)
            } else {
                StoreError::refused("SQLite refused the statement").with_source(said)
            }
        }
        Error::Io(_) | Error::PoolTimedOut | Error::WorkerCrashed => StoreError::unavailable(error),
        other => StoreError::refused("SQLite can't be used").with_source(other),
    }
}

const CANTOPEN: u32 = 14;

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
