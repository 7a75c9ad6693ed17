//! Moves of rows, and committing those together that come together.
//!
//! A commit waits for the disk, and SQLite has one writer at a time: writers in line wait longer for the disk than for each
//! other's work. So a lone move is one statement in autocommit, and moves that queue up meanwhile share a transaction.

use std::sync::Arc;

use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Connection as _, Execute as _, Row as _, SqlStr, Sqlite, query_with};
use tokio::sync::Semaphore;

use super::StoreError;
use super::error::store_error;
use super::record::Query;
use crate::key::CacheKey;
use crate::store::coalesce::Batch;
use crate::store::sql::Lender;

/// A statement that changes one row at most, and returns the row's fence if it did. A clone shares what it holds.
#[derive(Clone)]
pub(super) struct Move {
    key: CacheKey,
    size: usize,
    sql: SqlStr,
    arguments: SqliteArguments,
}

impl Move {
    /// `sql` with what is bound to `query`, of which about `size` bytes are a value or other long text.
    pub(super) fn new(
        key: CacheKey,
        size: usize,
        sql: &SqlStr,
        mut query: Query<'_>,
    ) -> Result<Self, StoreError> {
        let arguments = query.take_arguments().map_err(|error| {
            StoreError::refused("a value can't be bound to a statement").with_source(error)
        })?;
        Ok(Self {
            key,
            size,
            sql: sql.clone(),
            arguments: arguments.unwrap_or_default(),
        })
    }

    /// The fence of the row if it was moved.
    async fn run(
        self,
        executor: impl sqlx::SqliteExecutor<'_>,
    ) -> Result<Option<i64>, sqlx::Error> {
        // All rows are fetched, that is, the statement runs to its end and commits before we go on.
        let rows = query_with(self.sql, self.arguments)
            .fetch_all(executor)
            .await?;
        rows.first().map(|row| row.try_get("fence")).transpose()
    }
}

/// How moves are sent.
pub(super) struct Moves {
    pub(super) writes: Lender<Sqlite>,
    pub(super) write_turn: Arc<Semaphore>,
}

impl Batch for Moves {
    type Operation = Move;
    type Answer = Option<i64>;

    fn key(operation: &Move) -> &CacheKey {
        &operation.key
    }

    fn size(&self, operation: &Move) -> usize {
        operation.size
    }

    async fn send(&self, moves: &[Move]) -> Result<Vec<Option<i64>>, StoreError> {
        if let [lone] = moves {
            let _turn = self.write_turn.acquire().await;
            let mut lent = self.writes.lend().await.map_err(store_error)?;
            let moved = lone.clone().run(&mut *lent).await;
            lent.end(&moved);
            return Ok(vec![moved.map_err(store_error)?]);
        }
        // In a task of its own: who gives up waiting must not leave a transaction open (sqlx#4385).
        let together = commit_together(
            self.writes.clone(),
            Arc::clone(&self.write_turn),
            moves.to_vec(),
        );
        tokio::spawn(together)
            .await
            .map_err(StoreError::unavailable)?
            .map_err(store_error)
    }
}

async fn commit_together(
    writes: Lender<Sqlite>,
    write_turn: Arc<Semaphore>,
    moves: Vec<Move>,
) -> Result<Vec<Option<i64>>, sqlx::Error> {
    let _turn = write_turn.acquire().await;
    let mut lent = writes.lend().await?;
    let answers = run_together(&mut lent, moves).await;
    lent.end(&answers);
    answers
}

async fn run_together(
    connection: &mut SqliteConnection,
    moves: Vec<Move>,
) -> Result<Vec<Option<i64>>, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut answers = Vec::with_capacity(moves.len());
    for it in moves {
        answers.push(it.run(&mut *transaction).await?);
    }
    transaction.commit().await?;
    Ok(answers)
}
