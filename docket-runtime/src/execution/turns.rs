//! All drivers of one entry, as the scheduler sees them.

use std::pin::Pin;

use super::{At, PollStep, Room, Turn, Turned};

/// The drivers of one entry, one for each step of its graph: a tree of blocks (see `drivers`).
///
/// It could do without by two closures; but to a closure each of the types that it holds brings a lifetime of its own, and the
/// compiler compares all of these with each other: of 300 steps that took most of its time.
pub trait Turns<'a, H, O>: Send {
    /// Shows each driver to `pass`, in the order of the list, for as long as it says `true`. `false` when it does not.
    ///
    /// # Safety
    ///
    /// What `pass` asks for holds for each driver: see [`Pass::step`].
    unsafe fn pass<P: Pass<'a, H, O>>(self: Pin<&mut Self>, pass: &mut P) -> bool;

    /// A turn of the step `node`.
    fn turn(self: Pin<&mut Self>, node: usize, at: At<'a, H, O>, turn: Turn<'_, '_>) -> Turned;
}

/// A pass over drivers that the compiler sees as one piece: nothing is looked up to get from one to the next.
pub trait Pass<'a, H, O> {
    /// Gives the next driver of the list its turn, if it is to have one. `false` when the pass ends with it.
    ///
    /// # Safety
    ///
    /// Each implementation says above it what it asks for.
    unsafe fn step<D: PollStep<'a, H, O>>(&mut self, driver: &D, room: Room<'_, D>) -> bool;
}
