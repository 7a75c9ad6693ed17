//! Claiming a row.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlStr, query};

use super::super::seen::Seen;
use super::super::row::{Decision, Row, Takeover, millis};
use super::super::{ClaimId, ClaimOutcome, ClaimRequest, Claimed, RowStatus, Stored};
use super::error::store_error;
use super::moves::Move;
use super::record::Query;
use super::{Inner, StoreError};
use crate::key::InputHash;

/// Each further look means that somebody else has got something done with the row.
const MAX_LOOKS: u32 = 100;

impl Inner {
    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        if self.hits.are_likely(request) {
            let seen = self.peeks.send(&request.call.key).await?;
            if let Some(hit) = seen.and_then(|it| it.hit(request)) {
                return Ok(hit);
            }
            self.hits.end_run(request);
        }
        let outcome = self.claim_in_full(request).await?;
        self.hits.note(request, &outcome);
        Ok(outcome)
    }

    async fn claim_in_full(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        for _ in 0..MAX_LOOKS {
            let found = self.find(request).await?;
            let stale = found.as_ref().and_then(|it| it.stale(request));
            let claimed = match found {
                None => self.insert(request).await?,
                Some(found) => match found.row.decide(request, found.now) {
                    Decision::Mine => self.prolong(request, &found.row).await?,
                    Decision::Take(takeover) => {
                        self.take(request, &found.row, takeover, stale.is_some())
                            .await?
                    }
                    settled => return Ok(found.outcome(settled).or_stale(stale)),
                },
            };
            if let Some(claimed) = claimed {
                return Ok(ClaimOutcome::Claimed(claimed).or_stale(stale));
            }
        }
        Err(StoreError::unavailable(
            "the row changed hands each time it was looked at",
        ))
    }

    pub(super) async fn find(&self, request: &ClaimRequest) -> Result<Option<Found>, StoreError> {
        let row = query(self.sql.find.clone())
            .bind(&request.call.key.0[..])
            .fetch_optional(&self.reads)
            .await
            .map_err(store_error)?;
        row.map(|row| Found::read(&row).map_err(not_ours))
            .transpose()
    }

    /// `None` if somebody else was faster.
    async fn insert(&self, request: &ClaimRequest) -> Result<Option<Claimed>, StoreError> {
        let insert = bind_call(query(self.sql.insert.clone()), request)
            .bind(!request.repeat_lost)
            .bind(self.last_fence.load(Ordering::Relaxed) + 1);
        let fence = self.claim_row(request, &self.sql.insert, insert).await?;
        Ok(fence.map(|fence| Claimed {
            fence,
            attempt: 1,
            generation: 0,
            starts: 1,
        }))
    }

    /// `keeps` says whether the row's value stays.
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

/// A row as it was read.
pub(super) struct Found {
    now: i64,
    row: Row,
    holder: String,
    /// Of a succeeded row; or of one that is to get another, and has expired.
    stored: Stored,
    error: String,
}

impl Found {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let status: &str = row.try_get("status")?;
        let status = RowStatus::parse(status)
            .ok_or_else(|| sqlx::Error::Decode(format!("there is no status {status:?}").into()))?;
        let bytes: Option<&[u8]> = row.try_get("value")?;
        let codec: Option<i16> = row.try_get("codec")?;
        let error: Option<String> = row.try_get("error")?;
        let now = row.try_get("now")?;
        let expires_at: Option<i64> = row.try_get("expires_at")?;
        Ok(Self {
            now,
            row: Row {
                status,
                claim_id: ClaimId::from(fixed(row, "claim_id")?),
                fence: row.try_get("fence")?,
                attempt: row.try_get("attempt")?,
                generation: row.try_get("generation")?,
                starts: row.try_get("starts")?,
                input_hash: InputHash(fixed(row, "input_hash")?),
                repeat_never: row.try_get("repeat_never")?,
                is_rejected: row.try_get("is_rejected")?,
                lease_until: row.try_get("lease_until")?,
                retry_at: row.try_get("retry_at")?,
                expires_at,
                has_value: bytes.is_some(),
            },
            holder: row.try_get("holder")?,
            stored: Stored {
                bytes: bytes.map(Into::into),
                codec: codec.unwrap_or_default(),
                shared: None,
                expires_in: expires_at.map(|at| between(now, at)),
            },
            error: error.unwrap_or_default(),
        })
    }

    /// The value that has expired and that `request` may use all the same, and how long ago it expired.
    fn stale(&self, request: &ClaimRequest) -> Option<(Stored, Duration)> {
        let most = request.stale.map(millis);
        let by = self.row.stale_by(request, self.now, most)?;
        let value = Stored {
            expires_in: None,
            ..self.stored.clone()
        };
        Some((value, between(0, by)))
    }

    /// What is said to a caller who does not get the row.
    fn outcome(self, decision: Decision) -> ClaimOutcome {
        let Self {
            now,
            row,
            holder,
            stored,
            error,
        } = self;
        let remaining = |until: i64| between(now, until);
        match decision {
            Decision::Hit => ClaimOutcome::Hit(stored),
            Decision::Busy { until } => ClaimOutcome::Busy {
                fence: row.fence,
                holder,
                remaining: remaining(until),
            },
            Decision::Failed { retry_at } => ClaimOutcome::Failed {
                fence: row.fence,
                attempt: row.attempt,
                error,
                retry_in: retry_at.map(remaining).unwrap_or_default(),
            },
            Decision::Drift => ClaimOutcome::Drift {
                stored: row.input_hash,
            },
            Decision::Unknown | Decision::Mine | Decision::Take(_) => ClaimOutcome::Unknown {
                fence: row.fence,
                attempt: row.attempt,
                error,
            },
        }
    }
}

impl From<Found> for Seen {
    fn from(found: Found) -> Self {
        let Found {
            now,
            row,
            holder,
            stored,
            error,
        } = found;
        Self {
            now,
            micros: 1000,
            holder,
            stored: Some(stored),
            error,
            row,
        }
    }
}

/// The time from `now` to `until`; zero if that is past.
fn between(now: i64, until: i64) -> Duration {
    Duration::from_millis(until.saturating_sub(now).max(0) as u64)
}

pub(super) fn fixed<const N: usize>(row: &SqliteRow, column: &str) -> Result<[u8; N], sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode(format!("`{column}` is not of {N} bytes").into()))
}

pub(super) fn not_ours(error: sqlx::Error) -> StoreError {
    StoreError::refused("a row of the table is not as Docket writes it").with_source(error)
}
