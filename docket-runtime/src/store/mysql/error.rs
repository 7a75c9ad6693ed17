//! What the server and sqlx say, in the words of a store.

use sqlx::Error;
use sqlx::mysql::MySqlDatabaseError;

use super::StoreError;

/// The error as a store tells it: whether the same statement may succeed later, and what the server said, once.
pub(super) fn store_error(error: Error) -> StoreError {
    let number = number(&error);
    match error {
        Error::Database(database) => {
            let said = database.into_error();
            match number {
                Some(it) if PASSING.contains(&it) => StoreError::unavailable(said),
                Some(NO_SUCH_TABLE) => StoreError::refused(
                    "the table is missing: `migrate` makes it, once the store has the right name",
                )
                .with_source(said),
                Some(DATA_TOO_LONG | PACKET_TOO_LARGE) => StoreError::refused(
                    "something is too long for the table, or for `max_allowed_packet`",
                )
                .with_source(said),
                _ => StoreError::refused("the server refused the statement").with_source(said),
            }
        }
        // A connection in disorder is closed, and the next one is not.
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::PoolTimedOut => {
            StoreError::unavailable(error)
        }
        other => StoreError::refused("the server can't be used").with_source(other),
    }
}

/// Whether the server undid the statement because it stood in the way of another, or did not get its turn: it may be sent
/// again at once.
pub(super) fn is_to_be_repeated(error: &Error) -> bool {
    matches!(
        number(error),
        Some(CHECKREAD | LOCK_WAIT_TIMEOUT | DEADLOCK | NEED_REPREPARE)
    )
}

/// Whether there is a row of that key already.
pub(super) fn is_duplicate(error: &Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|it| it.is_unique_violation())
}

pub(super) fn is_missing_table(error: &Error) -> bool {
    number(error) == Some(NO_SUCH_TABLE)
}

pub(super) fn is_missing_column(error: &Error) -> bool {
    number(error) == Some(BAD_FIELD)
}

fn number(error: &Error) -> Option<u16> {
    let error = error.as_database_error()?;
    Some(error.try_downcast_ref::<MySqlDatabaseError>()?.number())
}

const CHECKREAD: u16 = 1020;
const BAD_FIELD: u16 = 1054;
const NO_SUCH_TABLE: u16 = 1146;
const PACKET_TOO_LARGE: u16 = 1153;
const LOCK_WAIT_TIMEOUT: u16 = 1205;
const DEADLOCK: u16 = 1213;
const DATA_TOO_LONG: u16 = 1406;
const NEED_REPREPARE: u16 = 1615;

/// The conditions that pass.
///
/// A server that is read-only is one of them: after a failover the next connection finds the new primary, and what was
/// obtained until then must not be given up for it.
const PASSING: [u16; 35] = [
    CHECKREAD,
    LOCK_WAIT_TIMEOUT,
    DEADLOCK,
    NEED_REPREPARE,
    1021, // DISK_FULL
    1030, // GET_ERRNO: the storage engine
    1037, // OUTOFMEMORY
    1038, // OUT_OF_SORTMEMORY
    1040, // CON_COUNT_ERROR
    1041, // OUT_OF_RESOURCES
    1043, // HANDSHAKE_ERROR
    1047, // UNKNOWN_COM_ERROR: Galera, while a node is not ready
    1053, // SERVER_SHUTDOWN
    1077, // NORMAL_SHUTDOWN
    1078, // GOT_SIGNAL
    1079, // SHUTDOWN_COMPLETE
    1114, // RECORD_FILE_FULL
    1152, // ABORTING_CONNECTION
    1158, // NET_READ_ERROR
    1159, // NET_READ_INTERRUPTED
    1160, // NET_ERROR_ON_WRITE
    1161, // NET_WRITE_INTERRUPTED
    1184, // NEW_ABORTING_CONNECTION
    1203, // TOO_MANY_USER_CONNECTIONS
    1226, // USER_LIMIT_REACHED
    1290, // OPTION_PREVENTS_STATEMENT: `read_only`
    1317, // QUERY_INTERRUPTED
    1461, // MAX_PREPARED_STMT_COUNT_REACHED
    1836, // READ_ONLY_MODE
    1927, // CONNECTION_KILLED, of MariaDB
    1969, // STATEMENT_TIMEOUT, of MariaDB
    3024, // QUERY_TIMEOUT, of MySQL
    3101, // TRANSACTION_ROLLBACK_DURING_COMMIT, of group replication
    3169, // SESSION_WAS_KILLED, of MySQL
    4031, // CLIENT_INTERACTION_TIMEOUT, of MySQL
];
