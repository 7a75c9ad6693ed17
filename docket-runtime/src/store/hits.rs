//! [`Hits`]: whether the next claim of a step is likely to be a hit.
//!
//! A claim is one statement, whatever comes of it, and costs what a statement costs that may write. A hit alone is had by a
//! statement that only reads, for a fraction of it, which is in vain where there is no hit: the claim is then one more
//! round trip. So a step is looked up first once its last claims were hits, as many as [`RUN`], and not after the first
//! that was none: of that many operations, one at most takes a round trip more, where they come one after the other. Of those
//! that come at the same time, all may have looked before the first has found that it did so in vain.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use super::coalesce::{Batch, Coalescer, Limits};
use super::{ClaimOutcome, ClaimRequest, StoreError, Stored};
use crate::key::{CacheKey, InputHash};

const RUN: u8 = 16;
/// Steps that share a place are taken for one.
const N_PLACES: usize = 64;

/// How a store reads results, by a statement that only reads.
pub(super) trait Peek: Send + Sync + 'static {
    /// The results of `keys`, which are distinct and in order, each in turn; `None` where there is none, or it has expired.
    fn peek(
        &self,
        keys: &[CacheKey],
    ) -> impl Future<Output = Result<Vec<Option<Peeked>>, StoreError>> + Send;
}

/// What is known of the hits of a store, and the way to them.
pub(super) struct Hits<P: Peek> {
    runs: Runs,
    peeks: Coalescer<Peeks<P>>,
}

/// What came of looking first.
pub(super) enum Look {
    Hit(ClaimOutcome),
    /// There is no result, or it is of no use: a claim says what there is.
    InVain,
    /// It was not looked, since a hit is not likely.
    Unlikely,
}

impl<P: Peek> Hits<P> {
    pub(super) fn new(peeks: P, limits: Limits) -> Self {
        Self {
            runs: Runs::new(),
            peeks: Coalescer::new(Peeks::new(peeks), limits),
        }
    }

    /// Looks for the result of `request`, if it is likely to be there.
    pub(super) async fn look(&self, request: &ClaimRequest) -> Result<Look, StoreError> {
        if !self.runs.are_likely(request) {
            return Ok(Look::Unlikely);
        }
        let found = self.peeks.send(&request.call.key).await?;
        match found.and_then(|it| it.hit(request)) {
            Some(hit) => Ok(Look::Hit(hit)),
            None => {
                self.runs.end(request);
                Ok(Look::InVain)
            }
        }
    }

    /// What became of a claim.
    pub(super) fn note(&self, request: &ClaimRequest, outcome: &ClaimOutcome) {
        self.runs.note(request, outcome);
    }
}

/// Those that come at the same time are one statement.
struct Peeks<P> {
    statement: P,
    /// The size of a result in bytes, by those of the last statement: how many results an answer has room for.
    size: AtomicUsize,
}

impl<P> Peeks<P> {
    fn new(statement: P) -> Self {
        Self {
            statement,
            size: AtomicUsize::new(0),
        }
    }
}

impl<P: Peek> Batch for Peeks<P> {
    type Operation = CacheKey;
    type Answer = Option<Peeked>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(&self, _: &CacheKey) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
        let peeked = self.statement.peek(keys).await?;
        let values = peeked
            .iter()
            .flatten()
            .filter_map(|it| it.stored.bytes.as_ref());
        let n_bytes: usize = values.map(|it| it.len()).sum();
        self.size
            .store(n_bytes.div_ceil(keys.len().max(1)), Ordering::Relaxed);
        Ok(peeked)
    }
}

/// By step, how many of its last claims were hits.
struct Runs([AtomicU8; N_PLACES]);

impl Runs {
    fn new() -> Self {
        Self([const { AtomicU8::new(0) }; N_PLACES])
    }

    /// Whether to look first.
    fn are_likely(&self, request: &ClaimRequest) -> bool {
        !request.replace && self.of(request).load(Ordering::Relaxed) >= RUN
    }

    /// A row was looked up first, and in vain. Whoever waits for it asks again and again, and is not to do so each time.
    fn end(&self, request: &ClaimRequest) {
        self.of(request).store(0, Ordering::Relaxed);
    }

    /// A count that is lost among many callers does no harm.
    fn note(&self, request: &ClaimRequest, outcome: &ClaimOutcome) {
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
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::store::Claimed;
    use crate::store::conformance::request;

    /// Results of so many bytes each. Keeps how many were read by each statement.
    #[derive(Clone)]
    struct Results(usize, Arc<Mutex<Vec<usize>>>);

    impl Peek for Results {
        async fn peek(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
            self.1.lock().unwrap().push(keys.len());
            sleep(Duration::from_millis(1)).await;
            let result = || Peeked {
                input_hash: request().call.input_hash,
                stored: Stored {
                    bytes: Some(vec![0; self.0].into()),
                    ..stored()
                },
            };
            Ok(keys.iter().map(|_| Some(result())).collect())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_has_as_many_results_as_its_bytes_have_room_for() {
        const LIMITS: Limits = Limits {
            lanes: 1,
            operations: 8,
            bytes: 1000,
            patience: None,
        };
        for (size, n_each) in [(100, 8), (300, 3), (5000, 1)] {
            let results = Results(size, Arc::default());
            let hits = Arc::new(Hits::new(results.clone(), LIMITS));
            let request_of_one_step = request();
            for _ in 0..RUN {
                hits.note(&request_of_one_step, &hit());
            }
            let looks = (0..25).map(|_| {
                let hits = Arc::clone(&hits);
                tokio::spawn(async move { hits.look(&request()).await })
            });
            for look in looks.collect::<Vec<_>>() {
                let look = look.await.unwrap().unwrap();
                assert!(matches!(look, Look::Hit(_)));
            }
            let n_read = results.1.lock().unwrap().clone();
            // The first one is alone, and says how large they are.
            let most = n_read.iter().max().copied();
            assert_eq!((n_read[0], most), (1, Some(n_each)), "{n_read:?}");
        }
    }

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
        let (runs, request) = (Runs::new(), request());
        for _ in 0..RUN {
            assert!(!runs.are_likely(&request));
            runs.note(&request, &hit());
        }
        for _ in 0..300 {
            runs.note(&request, &hit());
            assert!(runs.are_likely(&request));
        }
        let stale = CLAIMED.or_stale(Some((stored(), Duration::ZERO)));
        for claimed in [CLAIMED, stale] {
            runs.note(&request, &claimed);
            assert!(!runs.are_likely(&request), "{claimed:?}");
            for _ in 0..RUN {
                runs.note(&request, &hit());
            }
            assert!(runs.are_likely(&request));
        }
        runs.end(&request);
        assert!(!runs.are_likely(&request));
    }
}
