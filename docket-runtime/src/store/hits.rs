//! [`Hits`]: whether the next claim of a step is likely to be a hit.
//!
//! A claim is one statement, whatever comes of it, and costs what a statement costs that may write. A hit alone is had by a
//! statement that only reads, for a fraction of it, which is in vain where there is no hit: the claim is then one more
//! round trip. So a step is looked up first once its last claims were hits, as many as [`RUN`], and not after the first
//! that was none: of that many operations, one at most takes a round trip more.

use std::sync::atomic::{AtomicU8, Ordering};

use super::{ClaimOutcome, ClaimRequest, Stored};
use crate::key::InputHash;

const RUN: u8 = 16;
/// Steps that share a place are taken for one.
const N_PLACES: usize = 64;

/// By step, how many of its last claims were hits.
pub(super) struct Hits([AtomicU8; N_PLACES]);

impl Hits {
    pub(super) fn new() -> Self {
        Self([const { AtomicU8::new(0) }; N_PLACES])
    }

    /// Whether to look first.
    pub(super) fn are_likely(&self, request: &ClaimRequest) -> bool {
        !request.replace && self.of(request).load(Ordering::Relaxed) >= RUN
    }

    /// A row was looked up first, and in vain. Whoever waits for it asks again and again, and is not to do so each time.
    pub(super) fn end_run(&self, request: &ClaimRequest) {
        self.of(request).store(0, Ordering::Relaxed);
    }

    /// What became of a claim. A count that is lost among many callers does no harm.
    pub(super) fn note(&self, request: &ClaimRequest, outcome: &ClaimOutcome) {
        let hits = self.of(request);
        if outcome.claimed().is_some() {
            hits.store(0, Ordering::Relaxed);
        }
        // Of those who wait, it says nothing.
        if let ClaimOutcome::Hit(_) = outcome {
            let n = hits.load(Ordering::Relaxed);
            if n < RUN {
                hits.store(n + 1, Ordering::Relaxed);
            }
        }
    }

    fn of(&self, request: &ClaimRequest) -> &AtomicU8 {
        // The name is a constant of the program, so that its place in memory tells it from others.
        let place = request.call.step_name.as_ptr().addr();
        let hash = place.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as usize);
        &self.0[hash >> (usize::BITS - N_PLACES.ilog2())]
    }
}

/// A result that has not expired.
pub(super) struct Peeked {
    pub(super) input_hash: InputHash,
    pub(super) stored: Stored,
}

impl Peeked {
    /// The hit that it is for `request`. Whatever else it may be, a claim says.
    pub(super) fn hit(self, request: &ClaimRequest) -> Option<ClaimOutcome> {
        (self.input_hash == request.call.input_hash).then_some(ClaimOutcome::Hit(self.stored))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::Claimed;
    use crate::store::conformance::request;

    const CLAIMED: ClaimOutcome = ClaimOutcome::Claimed(Claimed {
        fence: 1,
        attempt: 1,
        generation: 0,
        starts: 1,
    });

    fn stored() -> Stored {
        Stored {
            bytes: None,
            codec: 1,
            shared: None,
            expires_in: None,
        }
    }

    fn hit() -> ClaimOutcome {
        ClaimOutcome::Hit(stored())
    }

    #[test]
    fn a_step_is_looked_up_first_after_a_run_of_hits_and_until_the_first_miss() {
        let (hits, request) = (Hits::new(), request());
        for _ in 0..RUN {
            assert!(!hits.are_likely(&request));
            hits.note(&request, &hit());
        }
        for _ in 0..300 {
            hits.note(&request, &hit());
            assert!(hits.are_likely(&request));
        }
        let stale = CLAIMED.or_stale(Some((stored(), Duration::ZERO)));
        for claimed in [CLAIMED, stale] {
            hits.note(&request, &claimed);
            assert!(!hits.are_likely(&request), "{claimed:?}");
            for _ in 0..RUN {
                hits.note(&request, &hit());
            }
            assert!(hits.are_likely(&request));
        }
        hits.end_run(&request);
        assert!(!hits.are_likely(&request));
    }
}
