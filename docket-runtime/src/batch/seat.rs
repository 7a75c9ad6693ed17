//! Where the frame of a batch keeps a node, chosen in types.

use std::any::Any;

use super::Column;
use crate::execution::{Empty, Found, Slot, Vacant};
use crate::plan::place;

/// Chooses, in a type, where the frame of a batch keeps the value of a node: one of [`place`].
#[derive(Debug)]
pub enum Seat<const PLACE: u8> {}

/// See [`Seat`].
pub trait Sit<T> {
    /// A [`Slot`], a [`Column`], or nothing.
    type Place: Any + Send + Sync;
}

/// The place of a `T`.
pub type Seated<const PLACE: u8, T> = <Seat<PLACE> as Sit<T>>::Place;

impl<T> Sit<T> for Seat<{ place::NONE }> {
    type Place = Vacant;
}

impl<T: Send + Sync + 'static> Sit<T> for Seat<{ place::SLOT }> {
    type Place = Slot<T>;
}

impl<T: Send + Sync + 'static> Sit<T> for Seat<{ place::COLUMN }> {
    type Place = Column<T>;
}

/// What a batch of some length starts with.
pub trait Room {
    /// Without a value, for `n` items.
    fn with_room(n: usize) -> Self;

    /// What stands there.
    fn found(&self) -> Found<'_>;

    /// For how many items there is none in the end.
    fn missing(&self) -> usize {
        0
    }
}

impl Room for Vacant {
    fn with_room(_n: usize) -> Self {
        Vacant
    }

    fn found(&self) -> Found<'_> {
        Found::other(self)
    }
}

impl<T: Send + Sync + 'static> Room for Slot<T> {
    fn with_room(_n: usize) -> Self {
        Self::empty()
    }

    #[inline(always)]
    fn found(&self) -> Found<'_> {
        Found::slot(self)
    }
}

impl<T: Send + Sync + 'static> Room for Column<T> {
    fn with_room(n: usize) -> Self {
        Self::new(n)
    }

    #[inline(always)]
    fn found(&self) -> Found<'_> {
        Found::other(self)
    }

    fn missing(&self) -> usize {
        Column::missing(self)
    }
}
