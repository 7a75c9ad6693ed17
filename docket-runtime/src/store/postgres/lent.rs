//! [`Lent`]: a connection of a pool for one statement.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow, Postgres};

use super::super::give_back::give_back;

pub(super) type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// A connection that is closed if it is left in the middle of a statement.
///
/// Whoever gives up on a statement may do so because its connection is dead without saying so. The pool would wait for the
/// end of the statement before it lends the connection again, and would have one less until TCP notices.
struct Lent {
    /// There until it goes back.
    connection: Option<PoolConnection<Postgres>>,
    is_busy: bool,
}

impl Lent {
    async fn from(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self {
            connection: Some(pool.acquire().await?),
            is_busy: false,
        })
    }

    /// For one statement, until [`end`](Lent::end).
    fn begin(&mut self) -> &mut PgConnection {
        self.is_busy = true;
        self.connection.as_mut().expect("it is lent")
    }

    fn end(mut self) {
        self.is_busy = false;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.is_busy {
            connection.close_on_drop();
        } else {
            give_back(connection);
        }
    }
}

/// Runs a statement, and gives the rows that it returns.
pub(super) async fn fetch(pool: &PgPool, query: Query<'_>) -> Result<Vec<PgRow>, sqlx::Error> {
    let mut lent = Lent::from(pool).await?;
    let rows = query.fetch_all(lent.begin()).await;
    lent.end();
    rows
}

/// Runs a statement, and says how many rows it changed.
pub(super) async fn execute(pool: &PgPool, query: Query<'_>) -> Result<u64, sqlx::Error> {
    let mut lent = Lent::from(pool).await?;
    let done = query.execute(lent.begin()).await;
    lent.end();
    Ok(done?.rows_affected())
}
