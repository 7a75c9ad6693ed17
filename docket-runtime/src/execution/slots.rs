//! The slots of one entry: which there are is chosen in types.

use std::any::Any;

use super::Slot;
use crate::bulk::AnyDesk;

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
    type Slot = Slot<T>;
}

impl<T> Hold<T> for Keep<false> {
    type Slot = Vacant;
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
///
/// # Safety
///
/// `slot` gives, for one value of `Self` and one node, the same slot each time, and for two the same only if both are equal.
pub unsafe trait Slots: Send + Sync + 'static {
    /// Whether there may be something to do when values of these types, and no more, are dropped.
    const NEED_DROP: bool = true;

    /// The slot of `node`.
    fn slot(&self, node: usize) -> &dyn Any;

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
    fn slot(&self, _node: usize) -> &dyn Any {
        self
    }
}

/// The slot of a `T`, or none where the entry keeps none.
#[inline(always)]
pub(crate) fn typed<T: 'static>(slot: &dyn Any) -> Option<&Slot<T>> {
    slot.downcast_ref()
}
