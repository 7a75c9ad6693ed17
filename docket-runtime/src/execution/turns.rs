//! All drivers of one entry, as the scheduler sees them.

use std::pin::Pin;

use super::{At, Eye, Straight, Turn, Turned};

/// The drivers of one entry, one for each step of its graph.
///
/// What `graph!` writes implements it, once for a graph, for a struct with a type parameter for each block of drivers. It
/// could do without by two closures; but to a closure each of the types that it holds brings a lifetime of its own, and the
/// compiler compares all of these with each other: of 300 steps that took most of its time.
pub trait Turns<'a, H, O>: Send {
    /// The first turns of a straight pass, in the order of the list, for as long as each step makes its value. `false` when
    /// one does not.
    ///
    /// # Safety
    ///
    /// No driver has had a turn.
    unsafe fn first<E: Eye>(self: Pin<&mut Self>, pass: &mut Straight<'_, '_, 'a, H, O, E>)
    -> bool;

    /// A turn of the step `node`.
    fn turn(self: Pin<&mut Self>, node: usize, at: At<'a, H, O>, turn: Turn<'_, '_>) -> Turned;
}
