//! All drivers of one entry, as the scheduler sees them, and the turns that it gives them.

use std::pin::Pin;
use std::task::Context;

use super::{At, Ended, PollStep, Room};

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

/// What a driver is asked to do. It is as small as it can be, since it is passed at each turn of each step.
#[derive(Debug)]
pub enum Turn<'a, 'cx> {
    /// To go on.
    Poll(&'a mut Context<'cx>),
    /// To end.
    End(&'a mut End),
}

/// How a driver is asked to end.
#[derive(Debug)]
pub enum End {
    /// To say how it ended, since it panicked with this when it was last asked to go on.
    Panicked(String),
    /// To tell of the failure it reported, and, where that is not the end of the execution, to write it down.
    Failed {
        /// The failure.
        ended: Box<Ended>,
        /// Whether the execution ends with it.
        fatal: bool,
    },
}

/// What came of a turn.
#[derive(Debug)]
pub enum Turned {
    /// The inputs are not there yet.
    Waiting,
    /// The step has started, and runs.
    Started,
    /// The step, which had started before, runs on.
    Running,
    /// The step ended, with its value or its failure written down.
    Done,
    /// The step failed, and nothing is written yet: whether that ends the execution is known to the scheduler.
    Failed(Box<Ended>),
}

/// A turn of a step that the entry does not run.
#[cold]
pub fn no_such_step() -> Turned {
    unreachable!("the order of an entry holds its steps only")
}
