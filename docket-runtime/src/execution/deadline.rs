//! [`Deadline`]: a moment in eight bytes. An `Instant` takes sixteen, and each future has one.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// When an execution has to be done, if it has to: nanoseconds from a moment that is the same for all of the process, and
/// may be later. It reaches 292 years; what is after that is as good as then.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline(i64);

/// Made when it is first asked for.
fn origin() -> Instant {
    static ORIGIN: OnceLock<std::time::Instant> = OnceLock::new();
    // The clock of a test of tokio's may stand still: this is a point to count from, and no more.
    Instant::from_std(*ORIGIN.get_or_init(std::time::Instant::now))
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).map_or(Deadline::LAST, |nanos| nanos.min(Deadline::LAST))
}

impl Deadline {
    /// Later than each moment: none.
    pub(super) const NONE: Self = Self(i64::MAX);
    const LAST: i64 = i64::MAX - 1;

    /// At this moment.
    #[cold]
    pub(super) fn at(moment: Instant) -> Self {
        let origin = origin();
        match moment.checked_duration_since(origin) {
            Some(after) => Self(nanos(after)),
            None => Self(-nanos(origin.duration_since(moment))),
        }
    }

    #[inline(always)]
    pub(super) fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// The moment.
    #[inline]
    pub(super) fn get(self) -> Option<Instant> {
        self.is_some().then(|| self.moment())
    }

    #[cold]
    fn moment(self) -> Instant {
        let (origin, distance) = (origin(), Duration::from_nanos(self.0.unsigned_abs()));
        let moment = if self.0 < 0 {
            origin.checked_sub(distance)
        } else {
            origin.checked_add(distance)
        };
        // Both are within what a clock can show, since it was a moment before.
        moment.unwrap_or(origin)
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
