//! [`Repeat`], and all that follows from it.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Verdict};
use crate::store::FailureStatus;

use super::Ended;
use super::patience::Patience;

/// What of a persisted step may happen again.
///
/// | | `Free` | `Keyed` | `Never` |
/// | --- | --- | --- | --- |
/// | the store is down before the run | runs unrecorded | error, not run | error, not run |
/// | the holder of the row is lost | run again | run again, same idempotency key | `InDoubt` |
/// | the step failed | run again | run again, same key | final |
/// | it panicked, timed out or is in doubt | run again | run again, same key | `InDoubt` |
/// | the provider rejected it | run again | run again, new key | final |
/// | the store is down after the run | the value, unrecorded | recorded when it is back | recorded when it is back |
/// | the value can't be decoded | run again | run again, same key | error |
/// | the value can't be stored | error | error | error |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Anything, at any time: caches of work that is pure or cheap to repeat.
    Free,
    /// A run, under the same idempotency key: effects whose provider drops a request it has seen.
    #[default]
    Keyed,
    /// Nothing: effects that must not happen twice.
    Never,
}

impl Repeat {
    /// Whether a new call may take over a failed row.
    pub(super) fn retries_failed(self) -> bool {
        self != Repeat::Never
    }

    /// Whether a row may be taken over whose holder was lost.
    pub(super) fn repeats_lost(self) -> bool {
        self != Repeat::Never
    }

    /// Whether a row may be taken over whose value can't be decoded.
    pub(crate) fn replaces_undecodable(self) -> bool {
        self != Repeat::Never
    }

    /// Whether the step runs when the store can't be asked, and its value counts when it can't be recorded.
    pub(crate) fn runs_unrecorded(self) -> bool {
        self == Repeat::Free
    }

    /// How often a record is tried; `None` is for as long as the process lives.
    pub(super) fn record_tries(self) -> Option<u32> {
        match self {
            Repeat::Free => Some(3),
            Repeat::Keyed | Repeat::Never => None,
        }
    }

    /// How long a claim may take: who may run without the store does not wait long for one that answers nobody.
    pub(super) fn claim_patience(self, lease: Duration) -> Patience {
        // A claim is only good for what is left of its lease when the answer comes.
        let most = Duration::from_secs(5).min(lease / 3);
        let silence = match self {
            Repeat::Free => Duration::from_millis(500).min(most),
            Repeat::Keyed | Repeat::Never => most,
        };
        Patience { most, silence }
    }

    /// How the end of a run is recorded.
    pub(super) fn judge(self, ended: &Ended) -> Judgement {
        let Ended { error, verdict } = ended;
        let code = code(error, *verdict);
        let outcome_is_unknown = matches!(code, "in_doubt" | "timed_out" | "panicked");
        Judgement {
            status: match self {
                Repeat::Never if outcome_is_unknown => FailureStatus::Unknown,
                Repeat::Free | Repeat::Keyed | Repeat::Never => FailureStatus::Failed,
            },
            code,
            kind: match code {
                "rejected" => "rejected",
                "aborted" => "permanent",
                _ => "transient",
            },
        }
    }
}

/// What is written of a run that ended without a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) status: FailureStatus,
    pub(super) code: &'static str,
    /// `rejected` gives the next run a new idempotency key.
    pub(super) kind: &'static str,
}

fn code(error: &Error, verdict: Option<Verdict>) -> &'static str {
    match (verdict, error.kind()) {
        (Some(Verdict::Rejected), _) => "rejected",
        (Some(Verdict::InDoubt), _) | (None, ErrorKind::InDoubt) => "in_doubt",
        (Some(Verdict::Abort), _) | (None, ErrorKind::Aborted) => "aborted",
        // At a deadline the step's code was dropped in the middle, as at a timeout.
        (None, ErrorKind::TimedOut | ErrorKind::DeadlineExceeded) => "timed_out",
        (None, ErrorKind::Panicked) => "panicked",
        (None, _) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureStatus::{Failed, Unknown};

    fn check(
        kind: ErrorKind,
        verdict: Option<Verdict>,
        keyed: FailureStatus,
        never: FailureStatus,
        row: [&str; 2],
    ) {
        let ended = Ended {
            error: Error::new(kind),
            verdict,
        };
        for (repeat, status) in [
            (Repeat::Free, keyed),
            (Repeat::Keyed, keyed),
            (Repeat::Never, never),
        ] {
            let got = repeat.judge(&ended);
            assert_eq!(
                (got.status, [got.code, got.kind]),
                (status, row),
                "{repeat:?} {kind:?} {verdict:?}"
            );
        }
    }

    #[test]
    fn each_end_has_its_status_code_and_kind() {
        use ErrorKind as Kind;
        check(Kind::Failed, None, Failed, Failed, ["failed", "transient"]);
        check(
            Kind::Failed,
            Some(Verdict::Rejected),
            Failed,
            Failed,
            ["rejected", "rejected"],
        );
        check(
            Kind::Aborted,
            Some(Verdict::Abort),
            Failed,
            Failed,
            ["aborted", "permanent"],
        );
        check(
            Kind::InDoubt,
            Some(Verdict::InDoubt),
            Failed,
            Unknown,
            ["in_doubt", "transient"],
        );
        check(
            Kind::TimedOut,
            None,
            Failed,
            Unknown,
            ["timed_out", "transient"],
        );
        check(
            Kind::DeadlineExceeded,
            None,
            Failed,
            Unknown,
            ["timed_out", "transient"],
        );
        check(
            Kind::Panicked,
            None,
            Failed,
            Unknown,
            ["panicked", "transient"],
        );
    }

    #[test]
    fn a_claim_never_outlives_a_third_of_its_lease() {
        assert_eq!(
            Repeat::Keyed.claim_patience(Duration::from_secs(30)),
            Patience::of(Duration::from_secs(5))
        );
        assert_eq!(
            Repeat::Keyed.claim_patience(Duration::from_secs(3)),
            Patience::of(Duration::from_secs(1))
        );
        let free = Repeat::Free.claim_patience(Duration::from_millis(300));
        assert_eq!(free, Patience::of(Duration::from_millis(100)));
    }
}
