//! What SQLite and sqlx say, in the words of a store.

use sqlx::Error;

use super::StoreError;

/// Whether the same statement may succeed later.
pub(super) fn store_error(error: Error) -> StoreError {
    let is_retryable = match &error {
        Error::Database(database) => database.code().is_some_and(|it| is_passing(&it)),
        Error::Io(_) | Error::PoolTimedOut | Error::WorkerCrashed => true,
        _ => false,
    };
    if is_retryable {
        StoreError::unavailable(error)
    } else {
        StoreError::refused("SQLite refused the statement").with_source(error)
    }
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
    let primary = code.parse::<u32>().map(|it| it & 0xff);
    matches!(
        primary,
        Ok(BUSY | LOCKED | NOMEM | INTERRUPT | IOERR | FULL | PROTOCOL)
    )
}
