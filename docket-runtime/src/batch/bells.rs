//! Who was woken: a waker for each place, and a bit that it sets.

use std::mem::swap;
use std::sync::{Arc, PoisonError};
use std::task::{Wake, Waker};

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard};

/// The bits of all places, and the waker of the batch.
#[derive(Debug)]
pub(super) struct Bells {
    rung: Box<[AtomicU64]>,
    /// Whether the batch was woken since it was last polled: once is enough.
    is_woken: AtomicBool,
    batch: Mutex<Waker>,
}

struct Bell {
    bells: Arc<Bells>,
    place: usize,
}

impl Bells {
    /// For `n` places of items, and three more: [`shared`](Bells::shared), [`desks`](Bells::desks) and
    /// [`feed`](Bells::feed).
    pub(super) fn new(n: usize) -> Arc<Self> {
        Arc::new(Self {
            rung: (0..=n.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            is_woken: AtomicBool::new(false),
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
        let is_hung = self.lock().will_wake(waker);
        if !is_hung {
            // The code of a waker is foreign, and may ring: it is cloned before the lock is taken, and the old one is dropped
            // after that.
            let mut waker = waker.clone();
            swap(&mut *self.lock(), &mut waker);
        }
        // Whoever finds it set, and wakes nobody, has set its bit before; and that is seen from here on.
        self.is_woken.swap(false, Ordering::AcqRel);
    }

    /// The place of the shared steps, the first of the last word, in which no item has one.
    pub(super) fn shared(&self) -> usize {
        (self.rung.len() - 1) * 64
    }

    /// The place of the desks, whose bell says no more than that something has come to them from outside.
    pub(super) fn desks(&self) -> usize {
        self.shared() + 1
    }

    /// The place of what the items come from, where that can be waited for.
    pub(super) fn feed(&self) -> usize {
        self.shared() + 2
    }

    /// Whether somebody rang who was not polled since.
    pub(super) fn is_rung(&self) -> bool {
        self.rung
            .iter()
            .any(|word| word.load(Ordering::Relaxed) != 0)
    }

    /// Takes the bits of one word.
    pub(super) fn take(&self, word: usize) -> u64 {
        if self.rung[word].load(Ordering::Relaxed) == 0 {
            return 0;
        }
        // What was done before a bell rang is seen by whoever is polled for it.
        self.rung[word].swap(0, Ordering::Acquire)
    }

    fn ring(&self, place: usize) {
        self.rung[place / 64].fetch_or(1 << (place % 64), Ordering::Release);
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            let batch = self.lock().clone();
            batch.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waker> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(all(test, not(docket_loom)))]
mod tests {
    use super::*;

    /// Wakes another when it is dropped, as the last handle to a task may whose future holds a sender.
    struct Rings(Waker);

    impl Wake for Rings {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Rings {
        fn drop(&mut self) {
            self.0.wake_by_ref();
        }
    }

    #[test]
    fn a_waker_that_rings_when_it_is_dropped_holds_nobody_up() {
        let bells = Bells::new(1);
        bells.hang(&Waker::from(Arc::new(Rings(bells.bell(0)))));
        assert!(!bells.is_rung());
        bells.hang(Waker::noop());
        assert_eq!(bells.take(0), 1);
    }
}
