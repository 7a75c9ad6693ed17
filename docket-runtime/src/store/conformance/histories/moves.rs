//! The moves of a history, as data.

use std::time::Duration;

use super::super::super::Failure;
use super::super::{LONG, doubt, failure, rejection};

/// One call of a method of the store.
#[derive(Clone, Debug)]
pub(super) enum Move {
    Claim(Ask),
    Complete {
        which: Which,
        value: u8,
        ttl: Option<Time>,
        /// For how much longer it is kept when it has expired.
        stale: Option<Time>,
    },
    Fail {
        which: Which,
        how: How,
        retry_in: Time,
        ttl: Option<Time>,
    },
    Renew {
        which: Which,
        lease: Time,
    },
    MarkLost(Which),
    Release(Which),
    Purge,
}

/// The policy of a claim.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) lease: Time,
    pub(super) retry_failed: bool,
    pub(super) repeat_lost: bool,
    pub(super) replace: bool,
    pub(super) reconcile: bool,
    pub(super) max_attempts: u32,
    /// Whether it is of other inputs than the rest.
    pub(super) drifts: bool,
    /// Whether a value that has expired will do.
    pub(super) uses_stale: bool,
    /// Whether it is the last claim once more, with a new lease; the rest is then as it was.
    pub(super) is_sent_again: bool,
}

/// The claim that a move is made under: of those that were won, counted from the first and round again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    Last,
    Nth(usize),
}

/// No clock runs while a history is played: a time is over at once, or not before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    Over,
    Long,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Failed,
    Rejected,
    InDoubt,
}

/// The history of `seed`.
pub(super) fn random(seed: u64, n_moves: usize) -> Vec<Move> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..n_moves).map(|_| Move::random(&mut rng)).collect()
}

impl Move {
    fn random(rng: &mut fastrand::Rng) -> Self {
        let which = Which::random(rng);
        match rng.u8(..20) {
            0..8 => Move::Claim(Ask::random(rng)),
            8..11 => Move::Complete {
                which,
                value: rng.u8(..),
                ttl: rng.bool().then(|| Time::random(rng)),
                stale: rng.bool().then(|| Time::random(rng)),
            },
            11..15 => Move::Fail {
                which,
                how: [How::Failed, How::Rejected, How::InDoubt][rng.usize(..3)],
                retry_in: Time::random(rng),
                ttl: rng.bool().then(|| Time::random(rng)),
            },
            15..17 => Move::Renew {
                which,
                lease: Time::random(rng),
            },
            17 => Move::MarkLost(which),
            18 => Move::Release(which),
            _ => Move::Purge,
        }
    }
}

impl Ask {
    fn random(rng: &mut fastrand::Rng) -> Self {
        Self {
            lease: Time::random(rng),
            retry_failed: rng.bool(),
            repeat_lost: rng.u8(..10) < 7,
            replace: rng.u8(..10) < 2,
            reconcile: rng.u8(..10) < 2,
            max_attempts: rng.u32(1..4),
            drifts: rng.u8(..10) == 0,
            uses_stale: rng.bool(),
            is_sent_again: rng.u8(..10) == 0,
        }
    }
}

impl Which {
    /// Most moves are of the last holder.
    fn random(rng: &mut fastrand::Rng) -> Self {
        match rng.bool() {
            true => Which::Last,
            false => Which::Nth(rng.usize(..8)),
        }
    }
}

impl Time {
    fn random(rng: &mut fastrand::Rng) -> Self {
        match rng.bool() {
            true => Time::Over,
            false => Time::Long,
        }
    }

    pub(super) fn duration(self) -> Duration {
        match self {
            Time::Over => Duration::ZERO,
            Time::Long => LONG,
        }
    }

    /// Which of the two a store has told.
    pub(super) fn told(left: Duration) -> Self {
        match left < LONG / 2 {
            true => Time::Over,
            false => Time::Long,
        }
    }
}

impl How {
    pub(super) fn failure(self) -> Failure {
        match self {
            How::Failed => failure(),
            How::Rejected => rejection(),
            How::InDoubt => doubt(),
        }
    }
}
