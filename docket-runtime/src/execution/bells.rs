//! Who was woken, in one execution with many steps in flight: a waker for each step, and a bit that it sets, all of them in
//! one allocation.
//!
//! What holds at all times of the waker of the execution: it is written by the execution alone, under the lock, and read by
//! others under the lock alone. So the execution reads it without: mostly it finds the one that it has hung there before.

use std::marker::PhantomData;
use std::mem::{ManuallyDrop, offset_of};
use std::ops::Deref;
use std::sync::{Arc, PoisonError};
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard, UnsafeCell};

/// The bits of the steps at `W` times 64 places, and the waker of the execution.
pub struct Bells<const W: usize> {
    rung: [AtomicU64; W],
    /// Those who were last polled with their bell, until it is seen that it has rung. Only the execution knows of them.
    quiet: [AtomicU64; W],
    execution: UnsafeCell<Waker>,
    lock: Mutex<()>,
    bells: [[Bell; 64]; W],
}

// SAFETY: see the top of this file; all else in it can be shared.
unsafe impl<const W: usize> Sync for Bells<W> {}

/// Its own place. The data of a waker is a pointer to this, with the provenance of the whole allocation: a count of the
/// `Arc` is kept for each waker, and what a bell is part of is found from its place.
struct Bell(u32);

/// A waker that is not counted.
pub(super) struct Borrowed<'b> {
    waker: ManuallyDrop<Waker>,
    bells: PhantomData<&'b ()>,
}

impl Deref for Borrowed<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

impl<const W: usize> Bells<W> {
    /// Bells that wake `waker`.
    #[cold]
    pub(super) fn new(waker: &Waker) -> Arc<Self> {
        Arc::new(Self {
            rung: std::array::from_fn(|_| AtomicU64::new(0)),
            quiet: std::array::from_fn(|_| AtomicU64::new(0)),
            execution: UnsafeCell::new(waker.clone()),
            lock: Mutex::new(()),
            bells: std::array::from_fn(|word| {
                std::array::from_fn(|bit| {
                    Bell(u32::try_from(word * 64 + bit).expect("no graph has so many steps"))
                })
            }),
        })
    }

    /// Says who is to be woken. What rang before that is seen by a [`take`](Bells::take) after it.
    ///
    /// # Safety
    ///
    /// It is not called by two at once.
    #[inline]
    pub(super) unsafe fn hang(&self, waker: &Waker) {
        // SAFETY: nobody writes, since that is done here alone.
        if !self.execution.with(|it| unsafe { (*it).will_wake(waker) }) {
            // SAFETY: the caller promises it.
            unsafe { self.hang_other(waker) };
        }
    }

    /// # Safety
    ///
    /// See [`hang`](Bells::hang).
    #[cold]
    unsafe fn hang_other(&self, waker: &Waker) {
        // The code of a waker is foreign: it is cloned before the lock is taken, and the old one is dropped after that.
        let mut waker = waker.clone();
        let lock = self.lock();
        // SAFETY: the lock is held, and the one who may read without is here.
        self.execution.with_mut(|it| unsafe { it.swap(&mut waker) });
        drop(lock);
    }

    /// Takes the bits of one word.
    #[inline]
    pub(super) fn take(&self, word: usize) -> u64 {
        if self.rung[word].load(Ordering::Relaxed) == 0 {
            return 0;
        }
        // What was done before a bell rang is seen by whoever is polled for it.
        self.rung[word].swap(0, Ordering::Acquire)
    }

    /// Of one word, those who were last polled with their bell, which has not rung since. The bits of those whose bells have
    /// are [taken](Bells::take). It is asked by the execution alone.
    #[inline]
    pub(super) fn quiet(&self, word: usize) -> u64 {
        let quiet = self.quiet[word].load(Ordering::Relaxed) & !self.take(word);
        self.quiet[word].store(quiet, Ordering::Relaxed);
        quiet
    }

    /// Notes whether the step at `place` is polled with its bell. The execution alone notes it.
    #[inline]
    pub(super) fn set_quiet(&self, place: usize, is_quiet: bool) {
        let (word, bit) = (&self.quiet[place / 64], 1 << (place % 64));
        let quiet = word.load(Ordering::Relaxed);
        word.store(
            if is_quiet { quiet | bit } else { quiet & !bit },
            Ordering::Relaxed,
        );
    }

    /// The waker of the step at `place`, to be cloned by whoever keeps it.
    #[inline]
    pub(super) fn bell(self: &Arc<Self>, place: usize) -> Borrowed<'_> {
        let bells = Arc::as_ptr(self);
        assert!(place < W * 64, "a step has a bit");
        // SAFETY: the place is in bounds. No reference is made, so that the pointer is good for the whole allocation.
        let bell = unsafe { (&raw const (*bells).bells).cast::<Bell>().add(place) };
        // SAFETY: the table upholds the contract of a waker. This one has no count of its own: it is not dropped, and
        // borrows the one of `self`.
        let waker = unsafe { Waker::new(bell.cast(), Self::TABLE) };
        Borrowed {
            waker: ManuallyDrop::new(waker),
            bells: PhantomData,
        }
    }

    const TABLE: &'static RawWakerVTable = &RawWakerVTable::new(
        |bell| {
            // SAFETY: see `of`; the waker that is cloned has a count.
            unsafe { Arc::increment_strong_count(Self::of(bell).0) };
            RawWaker::new(bell, Self::TABLE)
        },
        |bell| {
            // SAFETY: see `of`; the waker gives its count away.
            let (bells, place) = unsafe {
                let (bells, place) = Self::of(bell);
                (Arc::from_raw(bells), place)
            };
            bells.ring(place);
        },
        |bell| {
            // SAFETY: see `of`; the waker has a count.
            let (bells, place) = unsafe {
                let (bells, place) = Self::of(bell);
                (&*bells, place)
            };
            bells.ring(place);
        },
        |bell| {
            // SAFETY: see `of`; the waker gives its count away.
            drop(unsafe { Arc::from_raw(Self::of(bell).0) });
        },
    );

    /// What the bell is part of, and its place.
    ///
    /// # Safety
    ///
    /// `bell` is the data of a waker of this table, which is not dropped.
    unsafe fn of(bell: *const ()) -> (*const Self, usize) {
        let bell = bell.cast::<Bell>();
        // SAFETY: it is the bell at this place of an allocation that is alive, and the pointer is good for all of it.
        unsafe {
            let place = (*bell).0 as usize;
            let first = bell.sub(place);
            (
                first.byte_sub(offset_of!(Self, bells)).cast::<Self>(),
                place,
            )
        }
    }

    fn ring(&self, place: usize) {
        let before = self.rung[place / 64].fetch_or(1 << (place % 64), Ordering::Release);
        // Whoever finds a bit that was not taken yet leaves the waking to whoever set it; and after a bit was taken, the
        // waker is the one that was hung before that.
        if before == 0 {
            let lock = self.lock();
            // SAFETY: the lock is held, so nobody writes.
            let execution = self.execution.with(|it| unsafe { (*it).clone() });
            drop(lock);
            execution.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;
    use std::thread;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counted() -> (Arc<Count>, Waker) {
        let count = Arc::<Count>::default();
        (Arc::clone(&count), Waker::from(count))
    }

    #[test]
    fn a_bell_sets_the_bit_of_its_place_and_wakes_once_until_that_is_taken() {
        let (count, waker) = counted();
        let bells = Bells::<2>::new(&waker);
        let kept: Vec<Waker> = [0, 63, 64, 127]
            .map(|place| bells.bell(place).clone())
            .into();
        for bell in &kept {
            bell.wake_by_ref();
        }
        assert_eq!(count.0.load(Ordering::Relaxed), 2, "once for each word");
        assert_eq!([bells.take(0), bells.take(1)], [1 | 1 << 63, 1 | 1 << 63]);
        assert_eq!([bells.take(0), bells.take(1)], [0, 0]);
        kept.into_iter().for_each(Waker::wake);
        assert_eq!([bells.take(0), bells.take(1)], [1 | 1 << 63, 1 | 1 << 63]);
    }

    #[test]
    fn a_bell_outlives_the_execution() {
        let (count, waker) = counted();
        let bells = Bells::<1>::new(&waker);
        let bell = bells.bell(5).clone();
        drop(bells);
        let other = bell.clone();
        drop(bell);
        other.wake();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_bell_wakes_whoever_was_hung_last() {
        let ((first, waker), (second, other)) = (counted(), counted());
        let bells = Bells::<1>::new(&waker);
        // SAFETY: nobody else does.
        unsafe { bells.hang(&other) };
        bells.bell(0).wake_by_ref();
        assert_eq!(first.0.load(Ordering::Relaxed), 0);
        assert_eq!(second.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn two_wakers_of_one_place_are_known_to_be_the_same() {
        let bells = Bells::<1>::new(Waker::noop());
        assert!(bells.bell(1).clone().will_wake(&bells.bell(1)));
        assert!(!bells.bell(1).clone().will_wake(&bells.bell(2)));
    }

    #[test]
    fn no_bell_is_lost_between_threads() {
        let (count, waker) = counted();
        let bells = Bells::<1>::new(&waker);
        let mut seen = 0;
        thread::scope(|scope| {
            for place in 0..3 {
                let bell = bells.bell(place).clone();
                scope.spawn(move || bell.wake());
            }
            while seen != 0b111 {
                // SAFETY: nobody else does.
                unsafe { bells.hang(&waker) };
                seen |= bells.take(0);
                thread::yield_now();
            }
        });
        assert!((1..=3).contains(&count.0.load(Ordering::Relaxed)));
    }
}
