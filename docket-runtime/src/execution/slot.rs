//! A slot holds what one node came to: written once, by the driver of its step, and read by the steps that need it.
//!
//! This file holds the `unsafe` code of the crate, but for the two places in `frame.rs` that may take a value out. A slot is a `OnceLock` without the means to wait for it: nobody
//! waits for a slot, because whoever writes it is polled before whoever reads it. Beside a `OnceLock` it saves three in ten
//! instructions, of a small execution as of one of 100 steps (counted by callgrind).

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU8, Ordering};

use super::{Empty, Filled};
use crate::error::Error;

/// What a step came to.
pub struct Slot<T> {
    /// `EMPTY`, then `WRITING`, then `FULL`; never back.
    state: AtomicU8,
    /// Initialised exactly when `state` is `FULL`. While `state` is `WRITING` only the one thread that moved it there may
    /// touch it; once it is `FULL` it is only read, until the slot is owned again.
    value: UnsafeCell<MaybeUninit<Result<Filled<T>, Error>>>,
}

const EMPTY: u8 = 0;
const WRITING: u8 = 1;
const FULL: u8 = 2;

// SAFETY: a `&Slot<T>` on another thread gives `&T` (needs `T: Sync`) and moves a `T` in that this thread may then drop
// or take out (needs `T: Send`). Access to `value` is ordered by `state`.
unsafe impl<T: Send + Sync> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// Writes what the step came to.
    ///
    /// # Panics
    ///
    /// When that was written already: a step has one driver, and the driver ends once.
    #[inline]
    pub fn set(&self, value: Result<Filled<T>, Error>) {
        let before =
            self.state
                .compare_exchange(EMPTY, WRITING, Ordering::Relaxed, Ordering::Relaxed);
        assert!(before.is_ok(), "a slot is written once");
        // SAFETY: only one thread ever moves `state` from `EMPTY` to `WRITING`, and it is this one; nobody reads `value`
        // before it is `FULL`. What is overwritten is not initialised, so nothing is leaked.
        unsafe { (*self.value.get()).write(value) };
        self.state.store(FULL, Ordering::Release);
    }

    /// What was written, if it has been.
    #[inline]
    pub fn get(&self) -> Option<Result<&T, &Error>> {
        if self.state.load(Ordering::Acquire) != FULL {
            return None;
        }
        // SAFETY: `FULL` was stored with `Release` after the write, and loaded with `Acquire`; from then on the value is
        // initialised, and only shared references to it are made until the slot is owned again.
        let value = unsafe { (*self.value.get()).assume_init_ref() };
        Some(value.as_ref().map(Filled::as_ref))
    }

    /// Takes out what was written, if it has been.
    ///
    /// # Safety
    ///
    /// No reference that [`get`](Slot::get) gave is alive, and until this returns nobody else calls a method of this slot.
    #[inline]
    pub(crate) unsafe fn take_unread(&self) -> Option<Result<Filled<T>, Error>> {
        if self.state.load(Ordering::Acquire) != FULL {
            return None;
        }
        self.state.store(EMPTY, Ordering::Relaxed);
        // SAFETY: it was `FULL`, so the value is initialised; nobody refers to it, and `EMPTY` says that it is not read or
        // dropped again.
        Some(unsafe { (*self.value.get()).assume_init_read() })
    }

    /// Takes out what was written, if it has been.
    #[inline]
    pub fn take(&mut self) -> Option<Result<Filled<T>, Error>> {
        let state = self.state.get_mut();
        if *state != FULL {
            return None;
        }
        *state = EMPTY;
        // SAFETY: it was `FULL`, so the value is initialised; `&mut self` says that no reference to it is left, and
        // `EMPTY` that it is not read or dropped again.
        Some(unsafe { self.value.get_mut().assume_init_read() })
    }
}

impl<T> Empty for Slot<T> {
    #[inline(always)]
    fn empty() -> Self {
        Self {
            state: AtomicU8::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }
}

impl<T> Drop for Slot<T> {
    #[inline]
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    #[test]
    fn a_slot_is_empty_until_it_is_set() {
        let slot = Slot::empty();
        assert!(slot.get().is_none());
        slot.set(Ok(Filled::Own(String::from("a"))));
        assert_eq!(slot.get().unwrap().unwrap(), "a");
    }

    #[test]
    #[should_panic(expected = "a slot is written once")]
    fn setting_a_slot_twice_panics() {
        let slot = Slot::empty();
        slot.set(Ok(Filled::Own(1)));
        slot.set(Ok(Filled::Own(2)));
    }

    #[test]
    fn taking_leaves_it_empty() {
        let mut slot = Slot::empty();
        slot.set(Ok(Filled::Own(vec![1])));
        assert_eq!(slot.take().unwrap().unwrap().into_value().unwrap(), [1]);
        assert!(slot.take().is_none());
    }

    #[test]
    fn taking_what_nobody_reads_leaves_it_empty() {
        let slot = Slot::empty();
        slot.set(Ok(Filled::Own(vec![1])));
        // SAFETY: nothing else has this slot.
        let taken = unsafe { slot.take_unread() };
        assert_eq!(taken.unwrap().unwrap().into_value().unwrap(), [1]);
        assert!(slot.get().is_none());
    }

    #[test]
    fn a_value_is_dropped_once_whether_taken_or_not() {
        struct Counted(Arc<AtomicUsize>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let drops = Arc::new(AtomicUsize::new(0));
        for take in [true, false] {
            let mut slot = Slot::empty();
            slot.set(Ok(Filled::Own(Counted(Arc::clone(&drops)))));
            if take {
                drop(slot.take());
            }
        }
        drop(Slot::<Counted>::empty());
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn readers_on_other_threads_see_all_or_nothing() {
        let slot = Slot::empty();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        if let Some(value) = slot.get() {
                            assert_eq!(value.unwrap(), &[7; 32]);
                            break;
                        }
                        thread::yield_now();
                    }
                });
            }
            scope.spawn(|| slot.set(Ok(Filled::Own([7u64; 32]))));
        });
    }

    #[test]
    fn of_many_writers_on_many_threads_one_wins_and_the_others_panic() {
        let slot = Slot::empty();
        let wins = AtomicUsize::new(0);
        thread::scope(|scope| {
            for i in 0..3 {
                let (slot, wins) = (&slot, &wins);
                scope.spawn(move || {
                    let set =
                        std::panic::AssertUnwindSafe(|| slot.set(Ok(Filled::Own(Box::new(i)))));
                    if std::panic::catch_unwind(set).is_ok() {
                        wins.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(wins.load(Ordering::Relaxed), 1);
        assert!(**slot.get().unwrap().unwrap() < 3);
    }
}
