//! [`Lender`]: lends the connections of a pool, and keeps a few at hand.
//!
//! A pool of sqlx 0.9 asks the server for a sign of life whenever a connection comes back, in a task of its own: for a store
//! whose statements are short, that is as many round trips again as it has statements. So a store that has its pool for
//! itself keeps the connections that have just claimed, and lends them to the next. Of the application's pool it keeps none:
//! others may be waiting. Nor of that for records: whoever is lent a connection that has died without a word learns it by
//! waiting, and a record is not to wait.

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
pub(in crate::store) struct Lender<DB: Database>(Arc<Shared<DB>>);

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
pub(in crate::store) struct Lent<DB: Database> {
    lender: Lender<DB>,
    /// There until it goes back.
    connection: Option<PoolConnection<DB>>,
    since: Instant,
}

impl<DB: Database> Lender<DB> {
    /// Keeps `n_most` connections of `pool`; none where others use it as well.
    pub(in crate::store) fn new(pool: Pool<DB>, n_most: usize) -> Self {
        Self(Arc::new(Shared {
            pool,
            n_most,
            state: Mutex::new(State {
                kept: Vec::new(),
                n_waiting: 0,
            }),
        }))
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(in crate::store) fn pool(&self) -> &Pool<DB> {
        &self.0.pool
    }

    pub(in crate::store) async fn lend(&self) -> Result<Lent<DB>, sqlx::Error> {
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

    /// Has the pool try those that are kept.
    fn give_back_kept(&self) {
        let kept = std::mem::take(&mut self.0.lock().kept);
        for it in kept {
            give_back(it.connection);
        }
    }

    fn kept_or_waiting(&self) -> Result<Kept<DB>, Waiting<'_, DB>> {
        let mut state = self.0.lock();
        let found = state.kept.pop();
        let (kept, stale) = match found {
            Some(it) if it.last_used.elapsed() < FRESH => (Some(it), Vec::new()),
            // The others were used even longer ago.
            found => (
                None,
                found.into_iter().chain(state.kept.drain(..)).collect(),
            ),
        };
        if kept.is_none() {
            state.n_waiting += 1;
        }
        drop(state);
        for it in stale {
            give_back(it.connection);
        }
        kept.ok_or_else(|| Waiting(&self.0))
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
    pub(in crate::store) fn end<T>(mut self, answer: &Result<T, sqlx::Error>) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let is_good = match answer {
            Ok(_) => true,
            // That there is such a row is an answer like any other.
            Err(sqlx::Error::Database(said)) => said.is_unique_violation(),
            Err(_) => {
                // What this connection died of, those beside it may have died of as well.
                self.lender.give_back_kept();
                false
            }
        };
        let mut state = self.lender.0.lock();
        let has_place = state.n_waiting == 0 && state.kept.len() < self.lender.0.n_most;
        if is_good && has_place && self.since.elapsed() < LONGEST {
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

    /// There was no answer: the connection is closed in the middle, and those that are kept are tried.
    #[cfg(feature = "mysql")]
    pub(in crate::store) fn give_up(self) {
        self.lender.give_back_kept();
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

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use sqlx::Sqlite;
    use sqlx::sqlite::SqlitePoolOptions;
    use tokio::time::timeout;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// One of a pool that has one connection, and how often that was given back.
    async fn lender(n_most: usize) -> (Lender<Sqlite>, Arc<AtomicU32>) {
        lender_of(1, n_most).await
    }

    /// The same with so many connections.
    async fn lender_of(n_connections: u32, n_most: usize) -> (Lender<Sqlite>, Arc<AtomicU32>) {
        let n_returns = Arc::<AtomicU32>::default();
        let counted = Arc::clone(&n_returns);
        let pool = SqlitePoolOptions::new()
            .max_connections(n_connections)
            .after_release(move |_, _| {
                counted.fetch_add(1, Ordering::Relaxed);
                Box::pin(async { Ok(true) })
            })
            .connect("sqlite::memory:")
            .await
            .unwrap();
        let before = n_returns.load(Ordering::Relaxed);
        n_returns.fetch_sub(before, Ordering::Relaxed);
        (Lender::new(pool, n_most), n_returns)
    }

    /// What is given back is there again before it can be lent, since there is one.
    async fn use_it<T>(lender: &Lender<Sqlite>, answer: Result<T, sqlx::Error>) {
        let lent = timeout(PATIENCE, lender.lend()).await.unwrap().unwrap();
        lent.end(&answer);
    }

    #[tokio::test]
    async fn what_is_kept_is_not_given_back() {
        let (lender, n_returns) = lender(1).await;
        for _ in 0..5 {
            use_it(&lender, Ok(())).await;
        }
        assert_eq!(n_returns.load(Ordering::Relaxed), 0);
        use_it(&lender, Err::<(), _>(sqlx::Error::PoolTimedOut)).await;
        use_it(&lender, Ok(())).await;
        assert_eq!(n_returns.load(Ordering::Relaxed), 1, "after an error");
    }

    #[tokio::test]
    async fn that_a_row_is_there_already_is_an_answer() {
        let (lender, n_returns) = lender(1).await;
        for (statement, is_ok) in [
            ("CREATE TABLE rows (name TEXT PRIMARY KEY)", true),
            ("INSERT INTO rows VALUES ('a')", true),
            ("INSERT INTO rows VALUES ('a')", false),
            ("INSERT INTO rows VALUES ('b')", true),
        ] {
            let mut lent = timeout(PATIENCE, lender.lend()).await.unwrap().unwrap();
            let answer = sqlx::query(statement).execute(&mut *lent).await;
            assert_eq!(answer.is_ok(), is_ok, "{answer:?}");
            lent.end(&answer);
        }
        assert_eq!(n_returns.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn where_one_has_died_the_others_are_tried() {
        let (lender, n_returns) = lender_of(2, 2).await;
        let (one, other) = (lender.lend().await.unwrap(), lender.lend().await.unwrap());
        one.end(&Ok(()));
        let reset = std::io::ErrorKind::ConnectionReset;
        other.end(&Err::<(), _>(sqlx::Error::Io(reset.into())));
        // Both are there again once they were given back.
        let both = async { (lender.lend().await.unwrap(), lender.lend().await.unwrap()) };
        let _both = timeout(PATIENCE, both).await.unwrap();
        assert_eq!(n_returns.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn of_the_application_none_is_kept() {
        let (lender, n_returns) = lender(0).await;
        for _ in 0..5 {
            use_it(&lender, Ok(())).await;
        }
        drop(lender.lend().await.unwrap());
        assert_eq!(n_returns.load(Ordering::Relaxed), 5);
    }

    #[tokio::test]
    async fn who_waits_for_the_pool_gets_what_would_be_kept() {
        let (lender, _) = lender(1).await;
        let first = lender.lend().await.unwrap();
        let next = use_it(&lender, Ok(()));
        let end = async {
            tokio::task::yield_now().await;
            first.end(&Ok(()));
        };
        timeout(PATIENCE, async { tokio::join!(next, end) })
            .await
            .expect("it is not kept from him");
    }

    #[tokio::test]
    async fn what_is_left_in_the_middle_is_closed_and_the_next_is_another() {
        let (lender, n_returns) = lender(1).await;
        drop(lender.lend().await.unwrap());
        use_it(&lender, Ok(())).await;
        assert_eq!(n_returns.load(Ordering::Relaxed), 0);
    }
}
