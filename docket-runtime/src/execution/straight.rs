//! The straight pass: the first one, for as long as each step is ready at its first poll.
//!
//! Then nothing has to be looked up or noted down. Each step has its inputs when its turn comes, since all before it have
//! made their values, so the turns follow each other as the calls of hand-written code do, and the compiler sees them as
//! one piece. The first step that does anything else ends it, and the passes of [`drive`](super::drive) go on from there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Context;

use super::{At, Blind, Ended, Eye, Frame, Pass, PollStep, Room, Seeing, Turned, Turns};
use crate::graph::Graph;
use crate::step::panic_message;

/// A straight pass under way.
#[derive(Debug)]
struct Straight<'p, 'cx, 'a, H, O, E> {
    at: At<'a, H, O>,
    cx: &'p mut Context<'cx>,
    eye: E,
    /// How many steps have made their values.
    made: usize,
    /// Whether all of these are values of this execution.
    are_own: bool,
    failed: Option<Box<Ended>>,
}

/// What a straight pass left to do.
#[derive(Debug)]
pub(super) struct Left {
    /// How many steps, in the order of the plan, have made their values.
    pub(super) made: usize,
    /// What the next one did instead.
    pub(super) next: Next,
}

/// What the first step that has not made its value did.
#[derive(Debug)]
pub(super) enum Next {
    /// It runs.
    Running,
    Failed(Box<Ended>),
    Panicked(String),
}

/// The driver that it is shown has not had a turn, there is no other of its step, and nothing is in the room.
impl<'a, H, O, E: Eye> Pass<'a, H, O> for Straight<'_, '_, 'a, H, O, E> {
    #[inline(always)]
    unsafe fn step<D: PollStep<'a, H, O>>(&mut self, driver: &D, room: Room<'_, D>) -> bool {
        if !D::RUNS {
            return true;
        }
        // SAFETY: the caller promises it.
        match unsafe { driver.first(room, self.at, self.cx, &mut self.eye) } {
            Turned::Done => {
                self.made += 1;
                self.are_own &= D::IS_CALL;
                true
            }
            Turned::Failed(ended) => {
                self.failed = Some(ended);
                false
            }
            Turned::Waiting | Turned::Started | Turned::Running => false,
        }
    }
}

/// Makes a straight pass of `turns`, in an execution that is plain (see `At::is_plain`) and has no deadline, whose list of
/// steps follows the order of the plan. Where nothing is left to do, it says whether all values that were made are of this execution.
///
/// # Safety
///
/// No driver has had a turn.
#[inline(always)]
pub(super) unsafe fn straight<'a, G: Graph, H: Frame<G>, O>(
    at: At<'a, H, O>,
    turns: Pin<&mut impl Turns<'a, H, O>>,
    cx: &mut Context<'_>,
) -> Result<bool, Left> {
    match at.frame().step_watch() {
        // SAFETY: the caller promises it.
        None => unsafe { pass(at, turns, cx, Blind) },
        // SAFETY: as above.
        Some(watch) => unsafe { pass(at, turns, cx, Seeing::new(watch)) },
    }
}

/// Makes the pass, at which `eye` looks.
///
/// # Safety
///
/// No driver has had a turn.
#[inline(always)]
unsafe fn pass<'a, H, O>(
    at: At<'a, H, O>,
    turns: Pin<&mut impl Turns<'a, H, O>>,
    cx: &mut Context<'_>,
    eye: impl Eye,
) -> Result<bool, Left> {
    let mut pass = Straight {
        at,
        cx,
        eye,
        made: 0,
        are_own: true,
        failed: None,
    };
    // SAFETY: each step has one driver, the first that stays in its room ends the pass, and the caller promises the rest.
    let steps = AssertUnwindSafe(|| unsafe { turns.pass(&mut pass) });
    let next = match catch_unwind(steps) {
        Ok(true) => return Ok(pass.are_own),
        Ok(false) => match pass.failed {
            Some(ended) => Next::Failed(ended),
            None => Next::Running,
        },
        Err(panic) => Next::Panicked(panic_message(&*panic)),
    };
    Err(Left {
        made: pass.made,
        next,
    })
}
