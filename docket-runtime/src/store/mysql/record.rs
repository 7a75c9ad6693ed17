//! The moves of whoever holds a row, and the purge.

use std::time::Duration;

use sqlx::SqlStr;

use super::super::row::{LOST, cut};
use super::super::sql::{Fields, Held};
use super::super::{Completion, Failure, Write};
use super::complete::Record;
use super::error::store_error;
use super::metadata::{fitting, kind};
use super::send::Bound;
use super::{ClaimRef, Inner, StoreError, micros};
use crate::key::CacheKey;

impl Inner {
    pub(super) async fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> Result<Write, StoreError> {
        let record = Record {
            claim: *claim,
            completion: completion.clone(),
        };
        self.completions.send(&record).await
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
        let fail = Bound::new(&self.sql.fail)
            .bind(status)
            .bind(cut(error))
            .bind(status)
            .bind(fitting(metadata))
            .bind(status)
            .bind(*code)
            .bind(kind(code, metadata))
            .bind(status)
            .bind(status)
            .bind(micros(*retry_in))
            // The four columns of a value.
            .bind(status)
            .bind(status)
            .bind(status)
            .bind(status)
            .bind(status)
            .bind(ttl.map(micros))
            .bind(status)
            .bind(ttl.map(micros))
            .bind(status)
            .bind(status);
        self.record(held(fail, claim).bind(status)).await
    }

    /// One statement where all are held, and one more to find out which are where some are not.
    pub(super) async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let held = Held::new(claims);
        let renew = Bound::new(&self.sql.renew)
            .bind(held.to_json())
            .bind(micros(lease));
        let n_renewed = self.write(renew).await?;
        if n_renewed == held.len() {
            return Ok(claims.to_vec());
        }
        let rows = Bound::new(&self.sql.still_held)
            .bind(held.to_json())
            .fetch(&self.records)
            .await
            .map_err(store_error)?;
        held.among(rows.iter().map(|row| Fields(row).pair()))
    }

    pub(super) async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        let release = |sql: &SqlStr| held(Bound::new(sql), claim);
        if self.write(release(&self.sql.release_first)).await? == 0 {
            self.write(release(&self.sql.release_later)).await?;
        }
        Ok(())
    }

    pub(super) async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        let mark_lost = Bound::new(&self.sql.mark_lost)
            .bind(LOST)
            .bind(&key.0[..])
            .bind(fence);
        self.write(mark_lost).await.map(drop)
    }

    pub(super) async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        self.write(Bound::new(&self.sql.purge).bind(limit)).await
    }

    pub(super) async fn record(&self, statement: Bound) -> Result<Write, StoreError> {
        Ok(match self.write(statement).await? {
            0 => Write::Fenced,
            _ => Write::Recorded,
        })
    }

    /// Runs a statement that returns no rows, and says how many it met. sqlx asks the server to count those that it met
    /// and not those that it changed, so that a record sent twice counts twice.
    pub(super) async fn write(&self, statement: Bound) -> Result<u64, StoreError> {
        let done = statement.execute(&self.records).await;
        Ok(done.map_err(store_error)?.rows_affected())
    }
}

/// The parameters of a statement whose condition begins with who moves which row.
fn held(statement: Bound, claim: &ClaimRef) -> Bound {
    statement
        .bind(&claim.key.0[..])
        .bind(&claim.claim_id.as_bytes()[..])
        .bind(claim.fence)
}
