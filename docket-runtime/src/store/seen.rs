//! [`Seen`]: a row as a store has read it, and what a claim of it comes to.

use std::time::Duration;

use super::row::{Decision, Row};
use super::{ClaimOutcome, ClaimRequest, Claimed, Stored};

/// A row as a store has read it. Times are those of [`Row`], in a unit of `micros` microseconds.
pub(super) struct Seen {
    pub(super) row: Row,
    pub(super) now: i64,
    pub(super) micros: u64,
    pub(super) holder: String,
    /// Of a row that has succeeded; or of one that is to get another value, while its own has expired.
    pub(super) stored: Option<Stored>,
    pub(super) error: String,
}

impl Seen {
    pub(super) fn decide(&self, request: &ClaimRequest) -> Decision {
        self.row.decide(request, self.now)
    }

    /// The value that `request` may use though it has expired, and how long ago that was.
    pub(super) fn stale(&self, request: &ClaimRequest) -> Option<(Stored, Duration)> {
        let most = request.stale.map(|it| {
            let units = it.as_micros().div_ceil(u128::from(self.micros));
            i64::try_from(units).unwrap_or(i64::MAX)
        });
        let by = self.row.stale_by(request, self.now, most)?;
        let stored = Stored {
            expires_in: None,
            ..self.stored.clone()?
        };
        let by = by.unsigned_abs().saturating_mul(self.micros);
        Some((stored, Duration::from_micros(by)))
    }

    /// What a caller is told. Of a claim that is yet to be made, it is what the row would then say, under the fence that it has
    /// now.
    pub(super) fn outcome(self, decision: Decision) -> ClaimOutcome {
        let Self {
            row,
            now,
            micros,
            holder,
            stored,
            error,
        } = self;
        let (fence, attempt) = (row.fence, row.attempt);
        let until = |at: i64| {
            let left = at.saturating_sub(now).max(0).unsigned_abs();
            Duration::from_micros(left.saturating_mul(micros))
        };
        match decision {
            Decision::Take(takeover) => ClaimOutcome::Claimed(Claimed {
                fence,
                attempt: takeover.attempt,
                generation: takeover.generation,
                starts: takeover.starts,
            }),
            Decision::Mine => ClaimOutcome::Claimed(Claimed {
                fence,
                attempt,
                generation: row.generation,
                starts: row.starts,
            }),
            Decision::Hit => ClaimOutcome::Hit(Stored {
                expires_in: row.expires_at.map(until),
                ..stored.unwrap_or(Stored {
                    bytes: None,
                    codec: 0,
                    shared: None,
                    expires_in: None,
                })
            }),
            Decision::Busy { until: at } => ClaimOutcome::Busy {
                fence,
                holder,
                remaining: until(at),
            },
            Decision::Failed { retry_at } => ClaimOutcome::Failed {
                fence,
                attempt,
                error,
                retry_in: retry_at.map(until).unwrap_or_default(),
            },
            Decision::Unknown => ClaimOutcome::Unknown {
                fence,
                attempt,
                error,
            },
            Decision::Drift => ClaimOutcome::Drift {
                stored: row.input_hash,
            },
        }
    }
}
