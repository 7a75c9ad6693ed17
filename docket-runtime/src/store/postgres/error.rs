//! What PostgreSQL and sqlx say, in the words of a store.

use sqlx::Error;
use sqlx::error::DatabaseError;

use super::StoreError;

/// The error as a store tells it: whether the same statement may succeed later, and what PostgreSQL said, once.
pub(super) fn store_error(error: Error) -> StoreError {
    match error {
        Error::Database(database) => {
            let code = code(&*database).unwrap_or_default();
            let said = database.into_error();
            if is_passing(&code) {
                return StoreError::unavailable(said);
            }
            let message = match &*code {
                "42P01" => "the table is not there; `PostgresStore::migrate` makes it",
                "42501" => "the role has not the right to do this",
                _ => "PostgreSQL refused the statement",
            };
            StoreError::refused(message).with_source(said)
        }
        // A conversation in disorder is over, and the next connection has another. For sqlx 0.9 with TLS it is disorder, too,
        // when a server that has just gone down answers nothing.
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::WorkerCrashed => StoreError::unavailable(error),
        other => StoreError::refused("PostgreSQL can't be used").with_source(other),
    }
}

/// Whether what was sent can't be kept in the columns it was meant for.
pub(super) fn is_about_data(error: &Error) -> bool {
    let code = error.as_database_error().and_then(code);
    // Data exceptions, and limits of a program such as the depth of a JSON document.
    code.is_some_and(|it| it.starts_with("22") || it.starts_with("54"))
}

/// Whether a table is missing that a statement names.
pub(super) fn is_missing_table(error: &Error) -> bool {
    has_code(error, "42P01")
}

/// Whether there is such a row already.
pub(super) fn is_taken(error: &Error) -> bool {
    has_code(error, "23505")
}

fn has_code(error: &Error, expected: &str) -> bool {
    let code = error.as_database_error().and_then(code);
    code.is_some_and(|it| it == expected)
}

fn code(error: &(impl DatabaseError + ?Sized)) -> Option<String> {
    error.code().map(String::from)
}

/// Whether a SQLSTATE is of a condition that passes.
fn is_passing(code: &str) -> bool {
    match code {
        // Serialization failure, deadlock; lock timeout; statement timeout; the server, or this connection, is shut down,
        // has crashed, or starts.
        "40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "57P05" => true,
        // A failover made a standby of the server that this connection is to.
        "25006" => true,
        // The connection; too little memory, disk or connections; the server's own files.
        _ => code.starts_with("08") || code.starts_with("53") || code.starts_with("58"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_next_connection_may_not_meet_is_worth_another_try() {
        let says_nothing = "unexpected response from SSLRequest: 0x00";
        for error in [
            Error::Protocol(says_nothing.into()),
            Error::Tls("the handshake was cut off".into()),
            Error::Io(std::io::ErrorKind::ConnectionReset.into()),
            Error::PoolTimedOut,
        ] {
            assert!(store_error(error).is_retryable());
        }
        assert!(!store_error(Error::ColumnNotFound("cache_key".into())).is_retryable());
    }
}
