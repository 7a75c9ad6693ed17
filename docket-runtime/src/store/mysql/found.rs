//! A row as it is read by a claim.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::mysql::MySqlRow;

use super::super::seen::Seen;
use super::super::row::{Decision, Row};
use super::super::{ClaimId, ClaimOutcome, ClaimRequest, RowStatus, StoreError, Stored};
use super::micros;
use crate::key::InputHash;

/// Times are in microseconds since 1970.
pub(super) struct Found {
    pub(super) now: i64,
    pub(super) row: Row,
    holder: String,
    /// Of a succeeded row; or of one that is to get another, and has expired.
    stored: Stored,
    error: String,
}

impl Found {
    pub(super) fn read(row: &MySqlRow) -> Result<Self, sqlx::Error> {
        let status: &str = row.try_get("status")?;
        let status = RowStatus::parse(status)
            .ok_or_else(|| sqlx::Error::Decode(format!("there is no status {status:?}").into()))?;
        let bytes: Option<&[u8]> = row.try_get("value")?;
        let codec: Option<i16> = row.try_get("codec")?;
        let error: Option<String> = row.try_get("error")?;
        let now: i64 = row.try_get("now")?;
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
    pub(super) fn stale(&self, request: &ClaimRequest) -> Option<(Stored, Duration)> {
        let most = request.stale.map(micros);
        let by = self.row.stale_by(request, self.now, most)?;
        let value = Stored {
            expires_in: None,
            ..self.stored.clone()
        };
        Some((value, between(0, by)))
    }

    /// What is said to a caller who does not get the row.
    pub(super) fn outcome(self, decision: Decision) -> ClaimOutcome {
        let Self {
            now,
            row,
            holder,
            stored,
            error,
        } = self;
        let Row { fence, attempt, .. } = row;
        match decision {
            Decision::Hit => ClaimOutcome::Hit(stored),
            Decision::Busy { until } => ClaimOutcome::Busy {
                fence,
                holder,
                remaining: between(now, until),
            },
            Decision::Failed { retry_at } => ClaimOutcome::Failed {
                fence,
                attempt,
                error,
                retry_in: retry_at.map(|at| between(now, at)).unwrap_or_default(),
            },
            Decision::Drift => ClaimOutcome::Drift {
                stored: row.input_hash,
            },
            Decision::Unknown | Decision::Mine | Decision::Take(_) => ClaimOutcome::Unknown {
                fence,
                attempt,
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
            row,
            now,
            micros: 1,
            holder,
            stored: Some(stored),
            error,
        }
    }
}

/// Zero where `until` is over.
fn between(now: i64, until: i64) -> Duration {
    Duration::from_micros(until.saturating_sub(now).max(0).unsigned_abs())
}

pub(super) fn fixed<const N: usize>(row: &MySqlRow, column: &str) -> Result<[u8; N], sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode(format!("`{column}` is not of {N} bytes").into()))
}

pub(super) fn not_ours(error: sqlx::Error) -> StoreError {
    StoreError::refused("a row of the table is not as Docket writes it").with_source(error)
}
