//! Who was woken: a waker for each place, and a bit that it sets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// The bits of all places, and the waker of the batch.
#[derive(Debug)]
pub(super) struct Bells {
    rung: Box<[AtomicU64]>,
    batch: Mutex<Waker>,
}

struct Bell {
    bells: Arc<Bells>,
    place: usize,
}

impl Bells {
    /// For `n` places of items, and one more, [`shared`](Bells::shared).
    pub(super) fn new(n: usize) -> Arc<Self> {
        Arc::new(Self {
            rung: (0..=n.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            batch: Mutex::new(Waker::noop().clone()),
        })
    }

    /// A waker of `place`, which may be used again for whoever has the place next.
    pub(super) fn bell(self: &Arc<Self>, place: usize) -> Waker {
        let bells = Arc::clone(self);
        Waker::from(Arc::new(Bell { bells, place }))
    }

    /// Says who is to be woken. What rang before that is seen by the poll that says so.
    pub(super) fn hang(&self, waker: &Waker) {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        if !batch.will_wake(waker) {
            batch.clone_from(waker);
        }
    }

    /// The place of the shared steps, alone in the last word.
    pub(super) fn shared(&self) -> usize {
        (self.rung.len() - 1) * 64
    }

    /// Takes the bits of one word.
    pub(super) fn take(&self, word: usize) -> u64 {
        if self.rung[word].load(Ordering::Relaxed) == 0 {
            return 0;
        }
        self.rung[word].swap(0, Ordering::Acquire)
    }

    fn ring(&self, place: usize) {
        let bit = 1 << (place % 64);
        let before = self.rung[place / 64].fetch_or(bit, Ordering::AcqRel);
        if before & bit == 0 {
            let batch = self
                .batch
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            batch.wake();
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.bells.ring(self.place);
    }
}
