//! [`Preview`]: what a claim would come to.

use super::seen::Seen;
use super::{ClaimOutcome, ClaimRequest, Claimed, RowStatus};

/// What a claim would come to, as [`Store::preview`](super::Store::preview) says it.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What [`claim`](super::Store::claim) would answer. A [`Claimed`] has the fence of the row as it is, since no other
    /// was given out; 0 where there is no row.
    pub outcome: ClaimOutcome,
    /// The row that was found; `None` where there is none.
    pub row: Option<PreviewedRow>,
}

/// The row that a [`Preview`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let decision = seen.decide(request);
        Self {
            outcome: seen.outcome(decision).or_stale(stale),
            row: Some(row),
        }
    }
}
