//! One statement on a connection of its own.

use sqlx::postgres::{PgArguments, PgRow, Postgres};

use super::super::sql::Lender;

pub(super) type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// Runs a statement, and gives the rows that it returns.
pub(super) async fn fetch(
    lender: &Lender<Postgres>,
    query: Query<'_>,
) -> Result<Vec<PgRow>, sqlx::Error> {
    let mut lent = lender.lend().await?;
    let rows = query.fetch_all(&mut *lent).await;
    lent.end(&rows);
    rows
}

/// Runs a statement, and says how many rows it changed.
pub(super) async fn execute(
    lender: &Lender<Postgres>,
    query: Query<'_>,
) -> Result<u64, sqlx::Error> {
    let mut lent = lender.lend().await?;
    let done = query.execute(&mut *lent).await;
    lent.end(&done);
    Ok(done?.rows_affected())
}
