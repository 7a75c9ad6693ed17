//! [`Deadline`]: a moment in eight bytes. An `Instant` takes sixteen, and each future has one.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// When an execution has to be done, if it has to, counted from a moment that is the same for all of the process, and may be later:
/// whole seconds, and in the lower [`NANOS`] bits the nanoseconds after them, so that nothing has to be divided where it is
/// asked at each poll. It reaches 272 years; what is after that is as good as then.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline(i64);

/// How many bits nanoseconds take.
const NANOS: u32 = 30;

/// Made when it is first asked for.
fn origin() -> Instant {
    static ORIGIN: OnceLock<std::time::Instant> = OnceLock::new();
    // The clock of a test of tokio's may stand still: this is a point to count from, and no more.
    Instant::from_std(*ORIGIN.get_or_init(std::time::Instant::now))
}

impl Deadline {
    /// Later than each moment: none.
    pub(super) const NONE: Self = Self(i64::MAX);
    /// The last second that it reaches.
    const LAST: u64 = (i64::MAX >> NANOS).unsigned_abs() - 1;

    /// At this moment.
    #[cold]
    pub(super) fn at(moment: Instant) -> Self {
        let origin = origin();
        let (seconds, nanos) = match moment.checked_duration_since(origin) {
            Some(after) => (Self::whole(after), after.subsec_nanos()),
            None => {
                let before = origin.duration_since(moment);
                match before.subsec_nanos() {
                    0 => (-Self::whole(before), 0),
                    nanos => (-Self::whole(before) - 1, 1_000_000_000 - nanos),
                }
            }
        };
        Self(seconds << NANOS | i64::from(nanos))
    }

    fn whole(distance: Duration) -> i64 {
        distance.as_secs().min(Self::LAST).cast_signed()
    }

    #[inline(always)]
    pub(super) fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// Whether it is here. It is out of line, not to be in the way of those who have none.
    #[inline(never)]
    pub(super) fn is_here(self) -> bool {
        self.get().is_some_and(|moment| Instant::now() >= moment)
    }

    /// The moment.
    #[inline]
    pub(super) fn get(self) -> Option<Instant> {
        self.is_some().then(|| self.moment())
    }

    #[inline]
    fn moment(self) -> Instant {
        let (seconds, nanos) = (self.0 >> NANOS, self.0 & ((1 << NANOS) - 1));
        let (seconds, nanos) = (
            Duration::from_secs(seconds.unsigned_abs()),
            Duration::from_nanos(nanos.cast_unsigned()),
        );
        let moment = if self.0 < 0 {
            origin().checked_sub(seconds)
        } else {
            origin().checked_add(seconds)
        };
        // It is within what a clock can show, since it was a moment before, or is 272 years away.
        moment.map_or_else(origin, |moment| moment + nanos)
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_comes_back_to_the_nanosecond() {
        let now = Instant::now();
        for distance in [0, 1, 999_999_999, 3_600_000_000_000].map(Duration::from_nanos) {
            for moment in [now + distance, now - distance] {
                assert_eq!(Deadline::at(moment).get(), Some(moment));
            }
        }
    }

    #[test]
    fn the_earlier_moment_is_the_smaller_one_and_none_is_after_all() {
        let now = Instant::now();
        let [before, at, after] = [
            now - Duration::from_secs(1),
            now,
            now + Duration::from_secs(1),
        ];
        let moments = [before, at, after].map(Deadline::at);
        assert!(moments.is_sorted());
        assert!(moments.iter().all(|it| *it < Deadline::NONE));
        assert_eq!(Deadline::NONE.get(), None);
    }

    #[test]
    fn what_is_too_far_away_is_the_last_moment() {
        let far = Instant::now() + Duration::from_secs(300 * 366 * 24 * 3600);
        let last = Deadline::at(far);
        assert!(last.is_some());
        assert!(
            last.get()
                .is_some_and(|last| last < far && last > Instant::now())
        );
    }
}
