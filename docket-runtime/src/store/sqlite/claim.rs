//! Claiming a row.

use std::sync::atomic::Ordering;

use sqlx::{SqlStr, query};

use super::super::hits::Look;
use super::super::row::{Row, Takeover, millis};
use super::super::seen::Seen;
use super::super::sql::by_reading::{self, ByReading};
use super::super::sql::{Fields, not_ours};
use super::super::{ClaimOutcome, ClaimRequest, Claimed};
use super::error::store_error;
use super::moves::Move;
use super::record::Query;
use super::{Inner, StoreError};
use crate::key::CacheKey;

impl Inner {
    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        let mut looks_first = request.is_cache || self.finds.load(Ordering::Relaxed);
        match self.hits.look(request).await? {
            Look::Hit(hit) => return Ok(hit),
            // There is likely to be no row; or one that has just expired, for those who use such values.
            Look::InVain => looks_first = request.stale.is_some(),
            Look::Unlikely => {}
        }
        let outcome = by_reading::claim(self, request, looks_first).await?;
        self.hits.note(request, &outcome);
        Ok(outcome)
    }
}

impl ByReading for Inner {
    async fn find(&self, key: &CacheKey) -> Result<Option<Seen>, StoreError> {
        let row = query(self.sql.find.clone())
            .bind(&key.0[..])
            .fetch_optional(&self.reads)
            .await
            .map_err(store_error)?;
        self.finds.store(row.is_some(), Ordering::Relaxed);
        row.map(|row| Fields(&row).seen().map_err(not_ours))
            .transpose()
    }

    async fn insert(&self, request: &ClaimRequest) -> Result<Option<Claimed>, StoreError> {
        let insert = bind_call(query(self.sql.insert.clone()), request)
            .bind(!request.repeat_lost)
            .bind(self.last_fence.load(Ordering::Relaxed) + 1);
        let inserted = self.claim_row(request, &self.sql.insert, insert).await;
        // Where the write lock is not to be had, whoever comes next may find a result without it.
        let is_new = matches!(inserted, Ok(Some(_)));
        self.finds.store(!is_new, Ordering::Relaxed);
        Ok(inserted?.map(|fence| Claimed {
            fence,
            attempt: 1,
            generation: 0,
            starts: 1,
        }))
    }

    async fn take(
        &self,
        request: &ClaimRequest,
        row: &Row,
        takeover: Takeover,
        keeps: bool,
    ) -> Result<Option<Claimed>, StoreError> {
        let Takeover {
            attempt,
            generation,
            starts,
            repeat_never,
            is_new,
        } = takeover;
        let take = bind_call(query(self.sql.take.clone()), request)
            .bind(repeat_never)
            .bind(attempt)
            .bind(generation)
            .bind(is_new)
            .bind(&row.claim_id.as_bytes()[..])
            .bind(row.fence)
            .bind(row.status.as_str())
            .bind(row.lease_until)
            .bind(row.expires_at)
            .bind(starts)
            .bind(keeps);
        let fence = self.claim_row(request, &self.sql.take, take).await?;
        Ok(fence.map(|fence| Claimed {
            fence,
            attempt,
            generation,
            starts,
        }))
    }

    async fn prolong(
        &self,
        request: &ClaimRequest,
        row: &Row,
    ) -> Result<Option<Claimed>, StoreError> {
        let prolong = query(self.sql.prolong.clone())
            .bind(&request.call.key.0[..])
            .bind(&request.claim_id.as_bytes()[..])
            .bind(millis(request.lease));
        let n_rows = self.write(prolong).await?;
        Ok((n_rows > 0).then_some(Claimed {
            fence: row.fence,
            attempt: row.attempt,
            generation: row.generation,
            starts: row.starts,
        }))
    }
}

impl Inner {
    /// Runs a statement that returns the fence of the row if it was won.
    async fn claim_row(
        &self,
        request: &ClaimRequest,
        sql: &SqlStr,
        claim: Query<'_>,
    ) -> Result<Option<i64>, StoreError> {
        let claim = Move::new(request.call.key, 0, sql, claim)?;
        let fence = self.moves.send(&claim).await?;
        if let Some(fence) = fence {
            self.last_fence.fetch_max(fence, Ordering::Relaxed);
        }
        Ok(fence)
    }
}

/// The parameters 1 to 10, which both ways to a row share.
fn bind_call<'q>(query: Query<'q>, request: &'q ClaimRequest) -> Query<'q> {
    let ClaimRequest {
        call,
        claim_id,
        holder,
        lease,
        retry_failed: _,
        repeat_lost: _,
        replace: _,
        reconcile: _,
        max_attempts: _,
        is_cache: _,
        stale: _,
    } = request;
    query
        .bind(&call.key.0[..])
        .bind(&*call.namespace)
        .bind(call.scope.as_str())
        .bind(&*call.execution_id)
        .bind(call.step_name)
        .bind(call.step_version)
        .bind(&call.input_hash.0[..])
        .bind(&claim_id.as_bytes()[..])
        .bind(&**holder)
        .bind(millis(*lease))
}
