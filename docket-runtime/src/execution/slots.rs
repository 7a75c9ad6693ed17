//! The slots of one entry: which there are is chosen in types.

use std::any::Any;

use super::slot::{Clear, Fill, Spot};
use super::{Filled, Slot, SlotRef};
use crate::bulk::AnyDesk;
use crate::error::Error;

/// Chooses, in a type, whether an entry keeps the value of a node.
#[derive(Debug)]
pub enum Keep<const KEEP: bool> {}

/// See [`Keep`].
pub trait Hold<T> {
    /// The space of a slot, or nothing.
    type Spot: Any + Send + Sync;
    /// A slot by itself, or nothing.
    type Slot: Aside<T>;
}

/// A slot that stands beside a frame, or nothing.
pub trait Aside<T>: Empty {
    /// What stands there.
    fn found(&self) -> Found<'_>;

    /// Takes out what was written, if it has been.
    fn take(&mut self) -> Option<Result<Filled<T>, Error>>;
}

impl<T: Send + Sync + 'static> Aside<T> for Slot<T> {
    #[inline(always)]
    fn found(&self) -> Found<'_> {
        Found::slot(self)
    }

    #[inline(always)]
    fn take(&mut self) -> Option<Result<Filled<T>, Error>> {
        Self::take(self)
    }
}

impl<T> Aside<T> for Vacant {
    #[inline(always)]
    fn found(&self) -> Found<'_> {
        Found::other(self)
    }

    #[inline(always)]
    fn take(&mut self) -> Option<Result<Filled<T>, Error>> {
        None
    }
}

/// What an entry starts with. A function, not a constant: a constant would be copied whole, the room for values included.
pub trait Empty {
    /// Without a value.
    fn empty() -> Self;
}

/// Whether one of these is `true`.
pub const fn any(of: &[bool]) -> bool {
    let mut i = 0;
    while i < of.len() {
        if of[i] {
            return true;
        }
        i += 1;
    }
    false
}

/// In the place of a slot that an entry does not need.
#[derive(Debug)]
pub struct Vacant;

impl<T: Send + Sync + 'static> Hold<T> for Keep<true> {
    type Spot = Spot<T>;
    type Slot = Slot<T>;
}

impl<T> Hold<T> for Keep<false> {
    type Spot = Vacant;
    type Slot = Vacant;
}

impl Empty for Vacant {
    #[inline(always)]
    fn empty() -> Self {
        Vacant
    }
}

impl Clear for Vacant {
    #[inline(always)]
    unsafe fn clear(&mut self, _fill: &mut Fill) {}
}

/// What is in the spots of an entry, side by side.
#[derive(Debug)]
pub struct Fills<const N: usize>([Fill; N]);

impl<const N: usize> Fills<N> {
    /// Whether nothing is in any of them.
    #[inline(always)]
    pub fn are_empty(&mut self) -> bool {
        self.0
            .iter_mut()
            .fold(true, |are, fill| are & fill.is_empty())
    }

    /// The one at this place.
    #[inline(always)]
    pub fn at(&self, place: u16) -> &Fill {
        &self.0[usize::from(place)]
    }
}

/// Clears a spot when it is dropped: also if a drop before it panicked.
#[derive(Debug)]
pub struct Clearing<'a, S: Clear, const N: usize> {
    fills: *mut Fills<N>,
    place: u16,
    spot: &'a mut S,
}

impl<'a, S: Clear, const N: usize> Clearing<'a, S, N> {
    /// Clears `spot`, whose fill is at `place` in `fills`.
    ///
    /// # Safety
    ///
    /// `fills` is valid for as long as this is there, and it is changed by others like this alone. This is the last that is
    /// done with `spot` and its fill.
    #[inline(always)]
    pub unsafe fn new(fills: *mut Fills<N>, place: u16, spot: &'a mut S) -> Self {
        Self { fills, place, spot }
    }
}

impl<S: Clear, const N: usize> Drop for Clearing<'_, S, N> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: whoever made this promised it. Of those like it, one is dropped at a time.
        unsafe {
            self.spot
                .clear(&mut (*self.fills).0[usize::from(self.place)])
        };
    }
}

/// What stands in the place of a node, of whatever type its value is.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    fill: Option<&'a Fill>,
    what: &'a dyn Any,
}

impl<'a> Found<'a> {
    /// The slot of a [`Spot`], if `spot` is one.
    ///
    /// # Safety
    ///
    /// `fill` is that of `spot`, whoever asks.
    #[inline(always)]
    pub unsafe fn spot(fill: &'a Fill, spot: &'a dyn Any) -> Self {
        Self {
            fill: Some(fill),
            what: spot,
        }
    }

    /// That slot.
    #[inline(always)]
    pub fn slot<T: Send + Sync + 'static>(slot: &'a Slot<T>) -> Self {
        let (fill, spot) = slot.parts();
        Self {
            fill: Some(fill),
            what: spot,
        }
    }

    /// Something else.
    #[inline(always)]
    pub fn other(what: &'a dyn Any) -> Self {
        Self { fill: None, what }
    }

    /// What it is, if it is no slot.
    #[inline(always)]
    pub(crate) fn what(self) -> &'a dyn Any {
        self.what
    }

    /// Whether nothing is kept there.
    #[inline(always)]
    pub(crate) fn is_vacant(self) -> bool {
        self.what.is::<Vacant>()
    }

    /// The slot of a `T`, if it is one.
    #[inline(always)]
    pub(crate) fn typed<T: 'static>(self) -> Option<SlotRef<'a, T>> {
        // SAFETY: the two are those of one slot.
        Some(unsafe { SlotRef::new(self.fill?, self.what.downcast_ref()?) })
    }
}

impl<const N: usize> Empty for Fills<N> {
    #[inline(always)]
    fn empty() -> Self {
        Self(std::array::from_fn(|_| Fill::empty()))
    }
}

/// The space of a `T`, where it is kept.
pub type Held<const KEEP: bool, T> = <Keep<KEEP> as Hold<T>>::Spot;

/// The slot of a `T` beside a frame, where there is one.
pub type SetAside<const ASIDE: bool, T> = <Keep<ASIDE> as Hold<T>>::Slot;

/// The slots of one entry, by the numbers of their nodes.
///
/// Going by number keeps the steps free of the entry's types; the compiler sees through it, because the number is a
/// constant wherever it is used.
///
/// # Safety
///
/// `slot` gives, for one value of `Self` and one node, the same slot each time, and for two the same only if both are equal.
pub unsafe trait Slots: Send + Sync + 'static {
    /// Whether there may be something to do when values of these types, and no more, are dropped.
    const NEED_DROP: bool = true;

    /// The slot of `node`.
    fn slot(&self, node: usize) -> Found<'_>;

    /// Leaves all that was written where it is, undropped: from now on nothing was.
    fn forget(&mut self) {}

    /// For how many items of a batch the column of `node` has no value.
    fn items_missing(&self, _node: usize) -> usize {
        0
    }

    /// Where the items of a batch ask for the output of `node`.
    fn desk(&self, _node: usize) -> Option<&dyn AnyDesk> {
        None
    }
}

// SAFETY: there are no slots.
unsafe impl Slots for Vacant {
    fn slot(&self, _node: usize) -> Found<'_> {
        Found::other(self)
    }
}
