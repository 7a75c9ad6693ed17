//! What a row allows: the claim rules, once for all stores that decide in Rust.

use std::time::Duration;

use super::{ClaimId, ClaimRequest, RowStatus};
use crate::key::InputHash;

/// The part of a row that decides about a claim. Times are of the store's clock, in its own unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) status: RowStatus,
    pub(super) claim_id: ClaimId,
    pub(super) fence: i64,
    pub(super) attempt: u32,
    pub(super) generation: u32,
    /// How many have started since one last ended: from 1 on while it runs, 0 after a failure or doubt was recorded.
    pub(super) starts: u32,
    pub(super) input_hash: InputHash,
    /// Whether it was claimed with `repeat_lost: false`.
    pub(super) repeat_never: bool,
    /// Whether its failure was definitely without effect.
    pub(super) is_rejected: bool,
    /// Only while it runs.
    pub(super) lease_until: Option<i64>,
    /// Before then, a failure is not tried anew.
    pub(super) retry_at: Option<i64>,
    /// Of a row that is running or unknown, or has failed in the place of a value that is still there: when that expired.
    pub(super) expires_at: Option<i64>,
    /// Whether it has a value.
    pub(super) has_value: bool,
}

/// The answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The row is the caller's already: it asks again, having missed the first answer.
    Mine,
    /// The caller may have it, as this.
    Take(Takeover),
    /// The result is there.
    Hit,
    /// Somebody holds it until then.
    Busy { until: i64 },
    /// It failed, and is not tried anew before then.
    Failed { retry_at: Option<i64> },
    /// Nobody knows, and the policy does not allow another run.
    Unknown,
    /// It stands for other inputs.
    Drift,
}

/// What becomes of a row that changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Takeover {
    pub(super) attempt: u32,
    pub(super) generation: u32,
    pub(super) starts: u32,
    pub(super) repeat_never: bool,
    /// Whether it starts over, as if it had not been there.
    pub(super) is_new: bool,
}

impl Row {
    /// What `request` gets from this row at `now`.
    pub(super) fn decide(&self, request: &ClaimRequest, now: i64) -> Decision {
        let is_due = self.retry_at.is_none_or(|at| at <= now);
        if self.status == RowStatus::Running && self.claim_id == request.claim_id {
            return Decision::Mine;
        }
        if self.has_expired(now) {
            return Decision::Take(self.anew(request));
        }
        if self.input_hash != request.call.input_hash {
            return Decision::Drift;
        }
        match self.status {
            RowStatus::Succeeded if request.replace && !self.repeat_never => {
                Decision::Take(self.again(request))
            }
            RowStatus::Succeeded => Decision::Hit,
            RowStatus::Failed if request.retry_failed && !self.repeat_never && is_due => {
                Decision::Take(self.again(request))
            }
            RowStatus::Failed => Decision::Failed {
                retry_at: self.retry_at,
            },
            RowStatus::Running => match self.lease_until {
                Some(until) if until > now => Decision::Busy { until },
                _ => self.decide_lost(request),
            },
            RowStatus::Unknown => self.decide_lost(request),
        }
    }

    /// What becomes of a row of which nobody knows how its last attempt ended.
    fn decide_lost(&self, request: &ClaimRequest) -> Decision {
        if request.reconcile {
            Decision::Take(self.handed_over(request))
        } else if self.may_repeat(request) && self.starts < request.max_attempts {
            Decision::Take(self.again(request))
        } else {
            Decision::Unknown
        }
    }

    /// How long ago its value expired, where `request` may use it all the same. `most` is how long that may be, in the unit of
    /// this clock.
    pub(super) fn stale_by(
        &self,
        request: &ClaimRequest,
        now: i64,
        most: Option<i64>,
    ) -> Option<i64> {
        let by = now - self.expires_at?;
        let is_near = (0..=most?).contains(&by);
        let is_ours = self.input_hash == request.call.input_hash && !self.repeat_never;
        (self.has_value && is_ours && is_near).then_some(by)
    }

    /// Whether it is as good as absent.
    pub(super) fn has_expired(&self, now: i64) -> bool {
        let may_expire = matches!(self.status, RowStatus::Succeeded | RowStatus::Failed);
        may_expire && self.expires_at.is_some_and(|at| at <= now)
    }

    /// The strictest policy wins: a release that allows repeats does not repeat what one that doesn't has started.
    fn may_repeat(&self, request: &ClaimRequest) -> bool {
        request.repeat_lost && !self.repeat_never
    }

    /// The next attempt.
    fn again(&self, request: &ClaimRequest) -> Takeover {
        let last_has_ended = matches!(self.status, RowStatus::Succeeded | RowStatus::Failed);
        Takeover {
            attempt: self.attempt.saturating_add(1),
            generation: self.next_generation(),
            starts: if last_has_ended {
                1
            } else {
                self.starts.saturating_add(1)
            },
            repeat_never: self.repeat_never || !request.repeat_lost,
            is_new: false,
        }
    }

    /// The same attempt, in the hands of somebody who is to find out how it ended.
    fn handed_over(&self, request: &ClaimRequest) -> Takeover {
        Takeover {
            attempt: self.attempt,
            generation: self.generation,
            // The step may run under this claim, and take its process with it.
            starts: self.starts.saturating_add(1),
            repeat_never: self.repeat_never || !request.repeat_lost,
            is_new: false,
        }
    }

    /// The first attempt after the row has expired. The generation is kept, so that a row that was made to expire by
    /// hand in order to be tried anew does not fall back to the key of an earlier rejection.
    fn anew(&self, request: &ClaimRequest) -> Takeover {
        Takeover {
            attempt: 1,
            generation: self.next_generation(),
            starts: 1,
            repeat_never: !request.repeat_lost,
            is_new: true,
        }
    }

    fn next_generation(&self) -> u32 {
        let grows = self.status == RowStatus::Failed && self.is_rejected;
        self.generation.saturating_add(u32::from(grows))
    }
}

/// The code of a failure that was definitely without effect.
pub(super) const REJECTED: &str = "rejected";

/// The error of a row whose holder was lost.
pub(super) const LOST: &str = "its process was lost";

/// `error`, cut to 1 KiB at the border of a character.
pub(super) fn cut(error: &str) -> &str {
    &error[..error.floor_char_boundary(1024)]
}

/// Milliseconds, rounded up; the longest times are some million years, so that sums of them don't overflow.
#[cfg_attr(not(any(feature = "sqlite", feature = "redis")), expect(dead_code))]
pub(super) fn millis(duration: Duration) -> i64 {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    i64::try_from(millis).unwrap_or(i64::MAX).min(i64::MAX / 64)
}
