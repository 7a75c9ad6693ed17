//! A slot holds what one node came to: written once, by the driver of its step, and read by the steps that need it.
//!
//! This file holds all the `unsafe` code of the crate. A slot is a `OnceLock` without the means to wait for it: nobody
//! waits for a slot, because whoever writes it is polled before whoever reads it. That, and one atomic write fewer, is
//! a third of the cost of a small execution (`cargo bench -p docket-tests`).

use std::any::Any;
use std::cell::UnsafeCell;
use std::fmt;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::error::{Error, ErrorKind};
use crate::store::Stored;
use crate::value::Value;

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
        let before = self.state.compare_exchange(EMPTY, WRITING, Ordering::Relaxed, Ordering::Relaxed);
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

impl<T> Drop for Slot<T> {
    #[inline]
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The value of a step.
pub enum Filled<T> {
    /// Made in this execution, for it alone.
    Own(T),
    /// Shared with other executions, or with a store in memory.
    Shared(Box<SharedValue<T>>),
}

/// A value that others may hold too, and the way to one of our own.
pub struct SharedValue<T> {
    value: Arc<T>,
    stored: Stored,
    decode: fn(&Stored) -> Result<T, Error>,
}

impl<T> Filled<T> {
    /// A value as it came through the store.
    pub(crate) fn shared(value: Arc<T>, stored: Stored) -> Self
    where
        T: Value,
    {
        Self::Shared(Box::new(SharedValue { value, stored, decode: decode::<T> }))
    }

    #[inline]
    fn as_ref(&self) -> &T {
        match self {
            Self::Own(value) => value,
            Self::Shared(shared) => &shared.value,
        }
    }

    /// The value itself; where others hold it too, a second one from its stored form.
    ///
    /// # Errors
    ///
    /// Where the stored form can't be decoded.
    #[inline]
    pub fn into_value(self) -> Result<T, Error> {
        match self {
            Self::Own(value) => Ok(value),
            Self::Shared(shared) => {
                let SharedValue { value, stored, decode } = *shared;
                Arc::try_unwrap(value).or_else(|_| decode(&stored))
            }
        }
    }
}

fn decode<T: Value>(stored: &Stored) -> Result<T, Error> {
    let bytes = stored.bytes.as_deref().ok_or_else(|| Error::new(ErrorKind::Encoding))?;
    T::decode(bytes).map_err(|error| Error::new(ErrorKind::Encoding).with_source(error))
}

/// Values are not printed.
impl<T> fmt::Debug for Filled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "Own(…)",
            Self::Shared(_) => "Shared(…)",
        })
    }
}

impl<T> fmt::Debug for SharedValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedValue").field("stored", &self.stored).finish_non_exhaustive()
    }
}

/// Whether the inputs of a step are there.
#[derive(Debug)]
pub enum Readiness {
    /// They are.
    Ready,
    /// At least one is not.
    Waiting,
    /// One that it can't do without never will be.
    Failed(Error),
}

impl Readiness {
    /// What a hard need of `slot` says.
    #[inline]
    pub fn of<T>(slot: &Slot<T>) -> Self {
        match slot.get() {
            Some(Ok(_)) => Self::Ready,
            None => Self::Waiting,
            Some(Err(error)) => Self::Failed(error.clone()),
        }
    }

    /// What a soft need of `slot` says.
    #[inline]
    pub fn of_soft<T>(slot: &Slot<T>) -> Self {
        if slot.get().is_some() { Self::Ready } else { Self::Waiting }
    }

    /// Both: a failure counts at once, though others still run.
    #[inline]
    pub fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Ready => other(),
            Self::Failed(error) => Self::Failed(error),
            Self::Waiting => match other() {
                Self::Failed(error) => Self::Failed(error),
                _ => Self::Waiting,
            },
        }
    }
}

/// Chooses, in a type, whether an entry keeps the value of a node.
#[derive(Debug)]
pub enum Keep<const KEEP: bool> {}

/// See [`Keep`].
pub trait Hold<T> {
    /// A [`Slot`], or nothing.
    type Slot: Any + Send + Sync;
}

/// What an entry starts with. A function, not a constant: a constant would be copied whole, the room for values included.
pub trait Empty {
    /// Without a value.
    fn empty() -> Self;
}

/// In the place of a slot that an entry does not need.
#[derive(Debug)]
pub struct Vacant;

impl<T: Send + Sync + 'static> Hold<T> for Keep<true> {
    type Slot = Slot<T>;
}

impl<T> Hold<T> for Keep<false> {
    type Slot = Vacant;
}

impl<T> Empty for Slot<T> {
    #[inline(always)]
    fn empty() -> Self {
        Self { state: AtomicU8::new(EMPTY), value: UnsafeCell::new(MaybeUninit::uninit()) }
    }
}

impl Empty for Vacant {
    #[inline(always)]
    fn empty() -> Self {
        Vacant
    }
}

/// The slot of a `T`, where it is kept.
pub type Held<const KEEP: bool, T> = <Keep<KEEP> as Hold<T>>::Slot;

/// The slots of one entry, by the numbers of their nodes.
///
/// Going by number keeps the steps free of the entry's types; the compiler sees through it, because the number is a
/// constant wherever it is used.
pub trait Slots: Send + Sync + 'static {
    /// The slot of `node`.
    fn slot(&self, node: usize) -> &dyn Any;
    /// The same, owned.
    fn slot_mut(&mut self, node: usize) -> Option<&mut dyn Any> {
        let _ = node;
        None
    }
}

/// The slot of a `T`, or none where the entry keeps none.
#[inline(always)]
pub(super) fn typed<T: 'static>(slot: &dyn Any) -> Option<&Slot<T>> {
    slot.downcast_ref()
}

#[cfg(test)]
mod tests {
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
                    let set = std::panic::AssertUnwindSafe(|| slot.set(Ok(Filled::Own(Box::new(i)))));
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
