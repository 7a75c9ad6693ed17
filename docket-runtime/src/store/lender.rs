//! [`Lender`]: lends the connections of a pool, and keeps a few at hand.
//!
//! A pool of sqlx 0.9 asks the server for a sign of life whenever a connection comes back, in a task of its own: for a store
//! whose statements are short, that is as many round trips again as it has statements. So a store that has its pool for
//! itself keeps the connections that it has just used, and lends them to the next. Of the application's pool it keeps none:
//! others may be waiting.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};
use tokio::runtime::Handle;

use super::give_back::give_back;

/// A connection that was not used for so long goes through its pool, which tries it before it is lent.
const FRESH: Duration = Duration::from_secs(1);
/// After so long it goes through its pool as well, which may find that it is too old.
const LONGEST: Duration = Duration::from_secs(60);

/// A clone lends the same connections.
pub(super) struct Lender<DB: Database>(Arc<Shared<DB>>);

struct Shared<DB: Database> {
    pool: Pool<DB>,
    /// How many are kept at most: fewer than the pool has, since others ask the pool.
    n_most: usize,
    state: Mutex<State<DB>>,
}

struct State<DB: Database> {
    kept: Vec<Kept<DB>>,
    /// How many wait for a connection of the pool. As long as there are any, none is kept.
    n_waiting: usize,
}

struct Kept<DB: Database> {
    connection: PoolConnection<DB>,
    /// When it came from the pool.
    since: Instant,
    last_used: Instant,
}

/// A connection for one statement.
///
/// It is closed if it is left in the middle. Whoever gives up on a statement may do so because its connection is dead without
/// saying so. The pool would wait for the end of the statement before it lends the connection again, and would have one
/// less until TCP notices.
pub(super) struct Lent<DB: Database> {
    lender: Lender<DB>,
    /// There until it goes back.
    connection: Option<PoolConnection<DB>>,
    since: Instant,
}

impl<DB: Database> Lender<DB> {
    /// Of a pool that nobody else has.
    pub(super) fn of_ours(pool: Pool<DB>, n_kept: usize) -> Self {
        Self(Arc::new(Shared {
            pool,
            n_most: n_kept,
            state: Mutex::new(State {
                kept: Vec::new(),
                n_waiting: 0,
            }),
        }))
    }

    /// Of a pool that others use as well.
    pub(super) fn of_application(pool: Pool<DB>) -> Self {
        Self::of_ours(pool, 0)
    }

    pub(super) fn pool(&self) -> &Pool<DB> {
        &self.0.pool
    }

    pub(super) async fn lend(&self) -> Result<Lent<DB>, sqlx::Error> {
        let waiting = match self.kept_or_waiting() {
            Ok(Kept {
                connection, since, ..
            }) => {
                return Ok(Lent {
                    lender: self.clone(),
                    connection: Some(connection),
                    since,
                });
            }
            Err(waiting) => waiting,
        };
        let connection = self.0.pool.acquire().await?;
        drop(waiting);
        Ok(Lent {
            lender: self.clone(),
            connection: Some(connection),
            since: Instant::now(),
        })
    }

    fn kept_or_waiting(&self) -> Result<Kept<DB>, Waiting<'_, DB>> {
        let mut state = self.0.lock();
        let found = state.kept.pop();
        let (kept, stale) = match found {
            Some(it) if it.last_used.elapsed() < FRESH => (Some(it), Vec::new()),
            // The others were used even longer ago.
            found => (None, found.into_iter().chain(state.kept.drain(..)).collect()),
        };
        if kept.is_none() {
            state.n_waiting += 1;
        }
        drop(state);
        for it in stale {
            give_back(it.connection);
        }
        kept.ok_or(Waiting(&self.0))
    }
}

impl<DB: Database> Clone for Lender<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<DB: Database> Shared<DB> {
    fn lock(&self) -> MutexGuard<'_, State<DB>> {
        // Nothing panics under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Database> Drop for Shared<DB> {
    fn drop(&mut self) {
        for it in self.lock().kept.drain(..) {
            give_back(it.connection);
        }
    }
}

/// Counts one who waits.
struct Waiting<'a, DB: Database>(&'a Shared<DB>);

impl<DB: Database> Drop for Waiting<'_, DB> {
    fn drop(&mut self) {
        self.0.lock().n_waiting -= 1;
    }
}

impl<DB: Database> Lent<DB> {
    /// The statement has come to its end. After one that failed, the pool is to see whether the connection is good.
    pub(super) fn end<T>(mut self, answer: &Result<T, sqlx::Error>) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let mut state = self.lender.0.lock();
        let has_place = state.n_waiting == 0 && state.kept.len() < self.lender.0.n_most;
        if answer.is_ok() && has_place && self.since.elapsed() < LONGEST {
            state.kept.push(Kept {
                connection,
                since: self.since,
                last_used: Instant::now(),
            });
            return;
        }
        drop(state);
        give_back(connection);
    }
}

impl<DB: Database> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.connection.as_ref().expect("it is lent")
    }
}

impl<DB: Database> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.connection.as_mut().expect("it is lent")
    }
}

impl<DB: Database> Drop for Lent<DB> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if Handle::try_current().is_ok() {
            connection.close_on_drop();
        } else {
            // To close it in order takes a task.
            drop(connection.detach());
        }
    }
}
