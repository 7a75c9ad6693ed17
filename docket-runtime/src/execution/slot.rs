//! A slot holds what one node came to: written by the driver of its step, and read by the steps that need it. In a batch it
//! may be taken to a column before anybody reads it, which lends it back.
//!
//! A slot is a `OnceLock` without the means to wait for it, and without those to settle which of two writers comes first:
//! nobody waits for a slot, because whoever writes it is polled before whoever reads it, and whoever writes it is alone.
//! Beside a `OnceLock` that saves a third of a small execution. What the step came to is told by one byte alone, so that
//! readers, and `drop`, see by one comparison that it is a value of this execution.
//!
//! The byte stands apart from the value, so that the bytes of all slots of an execution can stand side by side: next to its
//! value, each would be as large as the value's alignment.

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::{ManuallyDrop, needs_drop};

use super::filled::SharedValue;
use super::{Empty, Filled};
use crate::batch::Lent;
use crate::error::Error;
use crate::sync::StoreAlone as _;
#[cfg(docket_loom)]
use crate::sync::atomic::GetMut as _;
use crate::sync::atomic::{AtomicU8, Ordering};

/// What is in a [`Spot`]: `EMPTY`, then one of the others for good, until the value is taken out.
pub struct Fill(AtomicU8);

const EMPTY: u8 = 0;
const OWN: u8 = 1;
const SHARED: u8 = 2;
const LENT: u8 = 3;
const FAILED: u8 = 4;

/// The space of a slot. It has a [`Fill`] somewhere, and the field that this names is initialised. While it names none, only
/// the one who writes may touch this; from then on it is only read, until it is taken out.
pub struct Spot<T>(UnsafeCell<Content<T>>);

union Content<T> {
    empty: (),
    own: ManuallyDrop<T>,
    shared: ManuallyDrop<Box<SharedValue<T>>>,
    lent: ManuallyDrop<Lent<T>>,
    failed: ManuallyDrop<Error>,
}

// SAFETY: together with its `Fill`, a `&Spot<T>` on another thread gives `&T` (needs `T: Sync`) and moves a `T` in that this
// thread may then drop or take out (needs `T: Send`). Access to it is ordered by the `Fill`.
unsafe impl<T: Send + Sync> Sync for Spot<T> {}

/// What a step came to.
pub struct SlotRef<'a, T> {
    fill: &'a Fill,
    spot: &'a Spot<T>,
}

impl Fill {
    #[inline(always)]
    pub(super) fn is_empty(&mut self) -> bool {
        *self.0.get_mut() == EMPTY
    }
}

impl<'a, T> SlotRef<'a, T> {
    /// The slot of the two.
    ///
    /// # Safety
    ///
    /// `fill` is that of `spot`, whoever asks.
    #[inline(always)]
    pub(super) unsafe fn new(fill: &'a Fill, spot: &'a Spot<T>) -> Self {
        Self { fill, spot }
    }

    /// Writes what the step came to.
    ///
    /// # Safety
    ///
    /// Until this returns, nobody else writes to this slot.
    ///
    /// # Panics
    ///
    /// When that was written already: a step has one driver, and the driver ends once.
    #[inline]
    pub unsafe fn set(self, value: Result<Filled<T>, Error>) {
        assert!(
            self.fill.0.load(Ordering::Relaxed) == EMPTY,
            "a slot is written once"
        );
        // SAFETY: it is empty, and the caller promises the rest.
        unsafe { self.set_empty(value) };
    }

    /// The same of a slot that is known to be empty.
    ///
    /// # Safety
    ///
    /// Nothing was written to this slot, and until this returns, nobody else writes to it.
    #[inline(always)]
    pub(super) unsafe fn set_empty(self, value: Result<Filled<T>, Error>) {
        let (content, fill) = match value {
            Ok(Filled::Own(value)) => (
                Content {
                    own: ManuallyDrop::new(value),
                },
                OWN,
            ),
            Ok(Filled::Shared(value)) => (
                Content {
                    shared: ManuallyDrop::new(value),
                },
                SHARED,
            ),
            Ok(Filled::Lent(value)) => (
                Content {
                    lent: ManuallyDrop::new(value),
                },
                LENT,
            ),
            Err(error) => (
                Content {
                    failed: ManuallyDrop::new(error),
                },
                FAILED,
            ),
        };
        // SAFETY: `fill` is `EMPTY`, so nobody reads `spot`, and the caller promises that nobody else writes it. What is
        // overwritten is not initialised, so nothing is leaked.
        unsafe { self.spot.0.get().write(content) };
        self.fill.0.store(fill, Ordering::Release);
    }

    /// Puts in a value while nobody else knows of this slot.
    ///
    /// # Safety
    ///
    /// Nothing was written to this slot, and until this returns, nobody else calls a method of it.
    #[inline(always)]
    pub(super) unsafe fn put(self, value: T) {
        let own = ManuallyDrop::new(value);
        // SAFETY: as in `set_empty`.
        unsafe { self.spot.0.get().write(Content { own }) };
        // It is no atomic store: the compiler may then do without the place that the slot has before the future is where it
        // is polled.
        // SAFETY: the caller promises it.
        unsafe { self.fill.0.store_alone(OWN) };
    }

    /// What was written, if it has been.
    #[inline(always)]
    pub fn get(self) -> Option<Result<&'a T, &'a Error>> {
        match self.fill.0.load(Ordering::Acquire) {
            EMPTY => None,
            // SAFETY: what `fill` names was stored with `Release` after the write, and loaded with `Acquire`; from then on
            // that field is initialised, and only shared references to it are made until it is taken out.
            OWN => Some(Ok(unsafe { &(*self.spot.0.get()).own })),
            fill => Some(self.get_rare(fill)),
        }
    }

    /// The same of a `fill` that is neither `EMPTY` nor `OWN`.
    #[cold]
    fn get_rare(self, fill: u8) -> Result<&'a T, &'a Error> {
        // SAFETY: as in `get`.
        unsafe {
            let content = &*self.spot.0.get();
            match fill {
                SHARED => Ok(content.shared.value()),
                LENT => Ok(content.lent.as_ref()),
                _ => Err(&content.failed),
            }
        }
    }

    /// Takes out what was written, if it has been.
    ///
    /// # Safety
    ///
    /// No reference that [`get`](SlotRef::get) gave is alive, and until this returns nobody else calls a method of this slot.
    #[inline]
    pub(crate) unsafe fn take_unread(self) -> Option<Result<Filled<T>, Error>> {
        let fill = self.fill.0.load(Ordering::Acquire);
        self.fill.0.store(EMPTY, Ordering::Relaxed);
        // SAFETY: `fill` was loaded above, and the caller promises the rest.
        unsafe { self.spot.move_out(fill) }
    }
}

impl<T> Spot<T> {
    /// Takes out what was written, if it has been.
    ///
    /// # Safety
    ///
    /// `fill` is that of this spot.
    #[inline]
    unsafe fn take(&mut self, fill: &mut Fill) -> Option<Result<Filled<T>, Error>> {
        // Not an atomic load: the compiler may know what was stored last.
        let fill = std::mem::replace(fill.0.get_mut(), EMPTY);
        // SAFETY: `&mut self` says that nobody else has this slot, or a reference to what is in it.
        unsafe { self.move_out(fill) }
    }

    /// Moves out what was written, of which `fill` tells.
    ///
    /// # Safety
    ///
    /// `fill` was in its place until now, where `EMPTY` is by now. Nobody refers to what is here.
    #[inline(always)]
    unsafe fn move_out(&self, fill: u8) -> Option<Result<Filled<T>, Error>> {
        if fill == OWN {
            // SAFETY: the field that `fill` names is initialised; nobody refers to it, and `EMPTY` says that it is not read
            // or dropped again.
            let value = unsafe { ManuallyDrop::take(&mut (*self.0.get()).own) };
            return Some(Ok(Filled::Own(value)));
        }
        // SAFETY: the same.
        unsafe { self.move_out_rare(fill) }
    }

    /// The same of a `fill` that is not `OWN`.
    ///
    /// # Safety
    ///
    /// As of `move_out`.
    #[cold]
    unsafe fn move_out_rare(&self, fill: u8) -> Option<Result<Filled<T>, Error>> {
        // SAFETY: as in `move_out`.
        unsafe {
            let content = &mut *self.0.get();
            match fill {
                EMPTY => None,
                SHARED => Some(Ok(Filled::Shared(ManuallyDrop::take(&mut content.shared)))),
                LENT => Some(Ok(Filled::Lent(ManuallyDrop::take(&mut content.lent)))),
                _ => Some(Err(ManuallyDrop::take(&mut content.failed))),
            }
        }
    }

    /// # Safety
    ///
    /// As of [`clear`](Clear::clear).
    #[cold]
    #[inline(never)]
    unsafe fn clear_rare(&mut self, fill: &mut Fill) {
        // SAFETY: the caller promises it.
        drop(unsafe { self.take(fill) });
    }
}

/// A place that has a [`Fill`] somewhere, or needs none.
pub trait Clear {
    /// Drops what is in it, of which `fill` tells.
    ///
    /// # Safety
    ///
    /// `fill` is that of this place, and this is the last that is done with the two.
    unsafe fn clear(&mut self, fill: &mut Fill);
}

impl<T> Clear for Spot<T> {
    #[inline(always)]
    unsafe fn clear(&mut self, fill: &mut Fill) {
        let state = *fill.0.get_mut();
        // Mostly there is nothing to do, and that is seen by one comparison. What is rare is out of line, so that dropping
        // all slots of an execution is little enough to be done in place.
        if state > OWN {
            // SAFETY: the caller promises it.
            unsafe { self.clear_rare(fill) };
        } else if needs_drop::<T>() && state == OWN {
            // SAFETY: `fill` says that it is initialised, and this is the last that is done with it.
            unsafe { ManuallyDrop::drop(&mut self.0.get_mut().own) };
        }
    }
}

impl<T> Empty for Spot<T> {
    #[inline(always)]
    fn empty() -> Self {
        Self(UnsafeCell::new(Content { empty: () }))
    }
}

impl Empty for Fill {
    #[inline(always)]
    fn empty() -> Self {
        Self(AtomicU8::new(EMPTY))
    }
}

/// A slot by itself, with what is apart from each other elsewhere.
pub struct Slot<T> {
    fill: Fill,
    spot: Spot<T>,
}

impl<T> Slot<T> {
    /// To write it, and to read it.
    #[inline(always)]
    pub fn at(&self) -> SlotRef<'_, T> {
        SlotRef {
            fill: &self.fill,
            spot: &self.spot,
        }
    }

    /// Its two parts.
    #[inline(always)]
    pub(super) fn parts(&self) -> (&Fill, &Spot<T>) {
        (&self.fill, &self.spot)
    }

    /// Takes out what was written, if it has been.
    #[inline]
    pub fn take(&mut self) -> Option<Result<Filled<T>, Error>> {
        // SAFETY: they are those of one slot.
        unsafe { self.spot.take(&mut self.fill) }
    }
}

impl<T> Empty for Slot<T> {
    #[inline(always)]
    fn empty() -> Self {
        Self {
            fill: Fill::empty(),
            spot: Spot::empty(),
        }
    }
}

impl<T> Drop for Slot<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: they are those of one slot.
        unsafe { self.spot.clear(&mut self.fill) };
    }
}

impl<T> Clone for SlotRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SlotRef<'_, T> {}

impl fmt::Debug for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fill").field(&self.0).finish()
    }
}

impl<T> fmt::Debug for Spot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spot").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SlotRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotRef")
            .field("fill", &self.fill)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("fill", &self.fill)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;
    use crate::error::ErrorKind;

    /// No test has two writers at once.
    fn write<T>(slot: &Slot<T>, value: T) {
        // SAFETY: see above.
        unsafe { slot.at().set(Ok(Filled::Own(value))) };
    }

    #[test]
    fn a_slot_is_empty_until_it_is_set() {
        let slot = Slot::empty();
        assert!(slot.at().get().is_none());
        write(&slot, String::from("a"));
        assert_eq!(slot.at().get().unwrap().unwrap(), "a");
    }

    #[test]
    #[should_panic(expected = "a slot is written once")]
    fn setting_a_slot_twice_panics() {
        let slot = Slot::empty();
        write(&slot, 1);
        write(&slot, 2);
    }

    #[test]
    fn taking_leaves_it_empty() {
        let mut slot = Slot::empty();
        write(&slot, vec![1]);
        assert_eq!(slot.take().unwrap().unwrap().into_value().unwrap(), [1]);
        assert!(slot.take().is_none());
    }

    #[test]
    fn taking_what_nobody_reads_leaves_it_empty() {
        let slot = Slot::empty();
        write(&slot, vec![1]);
        // SAFETY: nothing else has this slot.
        let taken = unsafe { slot.at().take_unread() };
        assert_eq!(taken.unwrap().unwrap().into_value().unwrap(), [1]);
        assert!(slot.at().get().is_none());
    }

    #[test]
    fn a_failure_is_kept_and_given_back() {
        let mut slot = Slot::<String>::empty();
        // SAFETY: nothing else has this slot.
        unsafe { slot.at().set(Err(Error::new(ErrorKind::Failed))) };
        assert_eq!(
            slot.at().get().unwrap().unwrap_err().kind(),
            ErrorKind::Failed
        );
        assert_eq!(slot.take().unwrap().unwrap_err().kind(), ErrorKind::Failed);
        assert!(slot.take().is_none());
    }

    #[test]
    fn a_failure_that_nobody_takes_is_dropped() {
        #[derive(Debug)]
        struct Cause(#[expect(dead_code, reason = "it is counted")] Arc<()>);
        impl fmt::Display for Cause {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        }
        impl std::error::Error for Cause {}
        let count = Arc::new(());
        let error = Error::new(ErrorKind::Failed).with_source(Cause(Arc::clone(&count)));
        let slot = Slot::<String>::empty();
        // SAFETY: nothing else has this slot.
        unsafe { slot.at().set(Err(error)) };
        assert_eq!(Arc::strong_count(&count), 2);
        drop(slot);
        assert_eq!(Arc::strong_count(&count), 1);
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
            write(&slot, Counted(Arc::clone(&drops)));
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
                        if let Some(value) = slot.at().get() {
                            assert_eq!(value.unwrap(), &[7; 32]);
                            break;
                        }
                        thread::yield_now();
                    }
                });
            }
            scope.spawn(|| write(&slot, [7u64; 32]));
        });
    }
}
