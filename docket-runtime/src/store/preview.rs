//! [`Preview`]: what a claim would come to.

use std::time::Duration;

use super::row::{Decision, Row};
use super::{ClaimOutcome, ClaimRequest, Claimed, RowStatus, Stored};

/// What a claim would come to, as [`Store::preview`](super::Store::preview) says it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// What [`claim`](super::Store::claim) would answer. A [`Claimed`] has the fence of the row as it is, since no other
    /// was given out; 0 where there is no row.
    pub outcome: ClaimOutcome,
    /// The row that was found; `None` where there is none.
    pub row: Option<PreviewedRow>,
}

/// The row that a [`Preview`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewedRow {
    /// Where it stands.
    pub status: RowStatus,
    /// How many attempts there were.
    pub attempt: u32,
    /// Whether it has expired, and so is as good as none.
    pub has_expired: bool,
    /// What is known of how the last attempt ended, where it did not end well; else empty.
    pub error: String,
}

/// A row as a store read it. Times are those of [`Row`], in a unit of `micros` microseconds.
pub(super) struct Seen {
    pub(super) row: Row,
    pub(super) now: i64,
    pub(super) micros: u64,
    pub(super) holder: String,
    /// Of a row that has succeeded.
    pub(super) stored: Option<Stored>,
    pub(super) error: String,
}

impl Preview {
    /// Where there is no row.
    pub(super) fn of_none() -> Self {
        Self {
            outcome: ClaimOutcome::Claimed(Claimed {
                fence: 0,
                attempt: 1,
                generation: 0,
                starts: 1,
            }),
            row: None,
        }
    }

    /// What `request` would get from what was found.
    pub(super) fn of(found: Option<Seen>, request: &ClaimRequest) -> Self {
        let Some(seen) = found else {
            return Self::of_none();
        };
        let stale = seen.stale(request);
        let row = PreviewedRow {
            status: seen.row.status,
            attempt: seen.row.attempt,
            has_expired: seen.row.has_expired(seen.now),
            error: seen.error.clone(),
        };
        Self {
            outcome: seen.outcome(request).or_stale(stale),
            row: Some(row),
        }
    }
}

impl Seen {
    /// The value behind the row that `request` may use though it has expired, and how long ago that was.
    fn stale(&self, request: &ClaimRequest) -> Option<(Stored, Duration)> {
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

    fn outcome(self, request: &ClaimRequest) -> ClaimOutcome {
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
        match row.decide(request, now) {
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
