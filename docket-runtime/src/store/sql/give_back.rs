//! [`give_back`]: a connection's way back into its pool, on which it must not get lost.

use std::time::Duration;

use sqlx::Database;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// A connection that says nothing for so long is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Gives `connection` back to its pool, in a task of its own.
///
/// A pool of sqlx 0.9 asks the server for a sign of life before it takes a connection back, and waits for it without an end.
/// So a network that dies without a word at that moment costs the pool one of its connections for good, or until TCP gives
/// up, which takes a quarter of an hour. A pool of two is then soon without any. Here the connection is closed instead, and
/// the pool opens another. See the test `connections_that_die_behind_a_record_hold_up_nobody`.
pub(super) fn give_back<DB: Database>(mut connection: PoolConnection<DB>) {
    let Ok(runtime) = Handle::try_current() else {
        // There is nobody to ask the server, and nobody to wait.
        drop(connection.detach());
        return;
    };
    let returned = connection.return_to_pool();
    // What is left in the middle is closed, and no longer counted.
    runtime.spawn(timeout(PATIENCE, returned));
}
