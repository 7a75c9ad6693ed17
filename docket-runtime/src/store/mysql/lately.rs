//! Whether claims found their row lately.

use std::sync::atomic::{AtomicI32, Ordering};

/// A claim can go about it in two ways. To insert first takes one round trip where there is no row, and two where there
/// is a result; to read first, the reverse. So it goes by what most of the last claims should have done.
#[derive(Default)]
pub(super) struct Lately {
    /// How many more of them found a row than did not.
    excess: AtomicI32,
}

/// After so many of one kind, one more of that kind says nothing new: calls come in bursts.
const MEMORY: i32 = 4;

impl Lately {
    /// Whether more claims found a row than did not.
    pub(super) fn mostly_found(&self) -> bool {
        self.excess.load(Ordering::Relaxed) > 0
    }

    /// A count that is lost among many callers does no harm.
    pub(super) fn note(&self, was_found: bool) {
        let excess = self.excess.load(Ordering::Relaxed);
        let step = if was_found { 1 } else { -1 };
        let next = (excess + step).clamp(-MEMORY, MEMORY);
        if next != excess {
            self.excess.store(next, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_by_the_most_of_the_last_claims() {
        let lately = Lately::default();
        assert!(!lately.mostly_found(), "at first, rows are claimed");
        lately.note(true);
        assert!(lately.mostly_found());
        for _ in 0..100 {
            lately.note(true);
        }
        for _ in 0..MEMORY {
            assert!(lately.mostly_found());
            lately.note(false);
        }
        assert!(!lately.mostly_found());
    }
}
