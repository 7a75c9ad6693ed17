//! The moves of whoever holds a row, and the purge.

use std::time::Duration;

use sqlx::sqlite::SqliteArguments;
use sqlx::{SqlStr, Sqlite, query};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::row::{LOST, cut, millis};
use super::super::sql::{Fields, Held};
use super::super::{Completion, Failure, Write};
use super::error::store_error;
use super::moves::Move;
use super::{ClaimRef, Inner, StoreError};
use crate::key::CacheKey;

pub(super) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

impl Inner {
    pub(super) async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        let Completion {
            value,
            json,
            ttl,
            stale: _,
            metadata,
        } = completion;
        let size =
            value.bytes.as_ref().map_or(0, |it| it.len()) + json.as_ref().map_or(0, |it| it.len());
        let complete = held(&self.sql.complete, claim)
            .bind(value.codec)
            .bind(value.bytes.as_deref())
            .bind(json.as_deref())
            .bind(&**metadata)
            .bind(ttl.map(millis))
            .bind(completion.kept_for().map(millis));
        self.record(claim, size, &self.sql.complete, complete).await
    }

    pub(super) async fn fail(
        &self,
        claim: &ClaimRef,
        failure: &Failure,
    ) -> Result<Write, StoreError> {
        let Failure {
            status: _,
            code,
            error,
            retry_in,
            ttl: _,
            metadata,
        } = failure;
        let (status, ttl) = (failure.row_status().as_str(), failure.kept_for());
        let fail = held(&self.sql.fail, claim)
            .bind(status)
            .bind(cut(error))
            .bind(&**metadata)
            .bind(*code)
            .bind(millis(*retry_in))
            .bind(ttl.map(millis));
        self.record(claim, 0, &self.sql.fail, fail).await
    }

    pub(super) async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let held = Held::new(claims);
        let renew = query(self.sql.renew.clone())
            .bind(held.to_json())
            .bind(millis(lease));
        let _write_turn = self.turn(&self.write_turn).await?;
        let mut lent = self.writes.lend().await.map_err(store_error)?;
        let rows = renew.fetch_all(&mut *lent).await;
        lent.end(&rows);
        let rows = rows.map_err(store_error)?;
        held.among(rows.iter().map(|row| Fields(row).pair()))
    }

    pub(super) async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        if self.write(held(&self.sql.release_first, claim)).await? == 0 {
            self.write(held(&self.sql.release_later, claim)).await?;
        }
        Ok(())
    }

    pub(super) async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        let mark_lost = query(self.sql.mark_lost.clone())
            .bind(&key.0[..])
            .bind(fence)
            .bind(LOST);
        self.write(mark_lost).await.map(drop)
    }

    pub(super) async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.write(query(self.sql.purge.clone()).bind(limit)).await
    }

    async fn record(
        &self,
        claim: &ClaimRef,
        size: usize,
        sql: &SqlStr,
        query: Query<'_>,
    ) -> Result<Write, StoreError> {
        let record = Move::new(claim.key, size, sql, query)?;
        Ok(match self.moves.send(&record).await? {
            None => Write::Fenced,
            Some(_) => Write::Recorded,
        })
    }

    /// Runs a statement that returns no rows, and says how many it changed.
    pub(super) async fn write(&self, query: Query<'_>) -> Result<u64, StoreError> {
        let _write_turn = self.turn(&self.write_turn).await?;
        let mut lent = self.writes.lend().await.map_err(store_error)?;
        let done = query.execute(&mut *lent).await;
        lent.end(&done);
        Ok(done.map_err(store_error)?.rows_affected())
    }

    pub(super) async fn turn<'a>(
        &self,
        of: &'a Semaphore,
    ) -> Result<SemaphorePermit<'a>, StoreError> {
        of.acquire().await.map_err(StoreError::unavailable)
    }
}

/// A statement whose first three parameters say who moves which row.
fn held<'q>(statement: &SqlStr, claim: &'q ClaimRef) -> Query<'q> {
    query(statement.clone())
        .bind(&claim.key.0[..])
        .bind(&claim.claim_id.as_bytes()[..])
        .bind(claim.fence)
}
