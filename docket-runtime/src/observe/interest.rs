//! [`Interest`]: what an observer wants to be told.

use std::fmt;
use std::ops::BitOr;

/// What an [`Observer`](super::Observer) wants to be told: the kinds of its events, and whether they have times.
///
/// ```
/// use docket_runtime::observe::{Interest, Observer, StepEnded};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// /// Counts steps, and has no use for durations.
/// #[derive(Default)]
/// struct Count(AtomicU64);
///
/// impl Observer for Count {
///     fn interest(&self) -> Interest {
///         Interest::STEP_ENDS
///     }
///
///     fn step_ended(&self, _event: &StepEnded<'_>) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
/// ```
///
/// The default is [`NONE`](Interest::NONE).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Interest(u8);

impl Interest {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Starts and ends of executions.
    pub const EXECUTIONS: Self = Self(1);
    /// Starts and ends of steps, retries, and waits: [`STEP_STARTS`](Interest::STEP_STARTS),
    /// [`STEP_ENDS`](Interest::STEP_ENDS) and [`STEP_WAITS`](Interest::STEP_WAITS).
    pub const STEPS: Self = Self::STEP_STARTS.and(Self::STEP_ENDS).and(Self::STEP_WAITS);
    /// Starts of steps.
    pub const STEP_STARTS: Self = Self(1 << 1);
    /// Ends of steps, of those that are skipped or dropped too.
    pub const STEP_ENDS: Self = Self(1 << 6);
    /// Retries and waits of steps.
    pub const STEP_WAITS: Self = Self(1 << 7);
    /// Starts and ends of attempts.
    pub const ATTEMPTS: Self = Self(1 << 2);
    /// Answers of the store, and `reconcile` functions that are asked.
    pub const STORE: Self = Self(1 << 3);
    /// Items of batches that end.
    pub const BATCHES: Self = Self(1 << 4);
    /// Durations. Without it, the `duration` of every event is zero.
    pub const TIMES: Self = Self(1 << 5);
    /// Everything.
    pub const ALL: Self = Self(u8::MAX);

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it holds something of `other`.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it holds any kind of event.
    pub(crate) const fn is_some(self) -> bool {
        self.0 & !Self::TIMES.0 != 0
    }
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The largest first: of what one says, no other says a part.
        let names = [
            (Self::EXECUTIONS, "EXECUTIONS"),
            (Self::STEPS, "STEPS"),
            (Self::STEP_STARTS, "STEP_STARTS"),
            (Self::STEP_ENDS, "STEP_ENDS"),
            (Self::STEP_WAITS, "STEP_WAITS"),
            (Self::ATTEMPTS, "ATTEMPTS"),
            (Self::STORE, "STORE"),
            (Self::BATCHES, "BATCHES"),
            (Self::TIMES, "TIMES"),
        ];
        let (mut left, mut is_first) = (self.0, true);
        for (it, name) in names {
            if left & it.0 != it.0 {
                continue;
            }
            left &= !it.0;
            if !is_first {
                f.write_str(" | ")?;
            }
            f.write_str(name)?;
            is_first = false;
        }
        if is_first {
            f.write_str("NONE")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interests_add_up_and_print_as_they_are_written() {
        assert_eq!(format!("{:?}", Interest::NONE), "NONE");
        let steps = Interest::STEPS | Interest::TIMES;
        assert_eq!(format!("{steps:?}"), "STEPS | TIMES");
        assert_eq!(steps | Interest::ALL, Interest::ALL);
        let parts = Interest::STEP_WAITS | Interest::STEP_ENDS;
        assert_eq!(format!("{parts:?}"), "STEP_ENDS | STEP_WAITS");
        assert_eq!(parts | Interest::STEP_STARTS, Interest::STEPS);
        assert_eq!(
            format!("{:?}", Interest::ALL),
            "EXECUTIONS | STEPS | ATTEMPTS | STORE | BATCHES | TIMES"
        );
        assert!(!Interest::TIMES.is_some());
    }
}
