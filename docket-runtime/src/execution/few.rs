//! Passes over an execution of a few steps: each of those that run is asked, by way of one bit, as `join!` would ask it, and
//! each that can start does, all in one piece of code.

use std::marker::PhantomData;
use std::task::Context;

use super::drive::A_FEW;
use super::span::within;
use super::state::State;
use super::{At, Ended, Entry, Frame, Pass, PollStep, Room, Turned};
use crate::graph::Graph;

/// A pass under way, in an execution that is plain (see `At::is_plain`). The list of its steps follows the order of the plan,
/// and there are no more than the bits of a word. Those who watch are told if it `CARES`.
#[derive(Debug)]
pub(super) struct Few<'p, 'cx, 'a, E, G, H, O, const CARES: bool> {
    pub(super) at: At<'a, H, O>,
    pub(super) cx: &'p mut Context<'cx>,
    /// Whether it has a deadline, which is not here yet.
    pub(super) has_deadline: bool,
    /// The step that is next in the list.
    pub(super) next: u64,
    /// Those whose turn it is.
    pub(super) due: u64,
    /// Whether a step has failed.
    pub(super) has_failed: bool,
    pub(super) noted: &'p mut Noted,
    pub(super) entry: PhantomData<fn() -> (E, G)>,
}

/// What is known of the steps after each turn, whether it panics or not.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) running: u64,
    pub(super) waiting: u64,
    pub(super) in_flight: u32,
    /// The place of the step that has its turn, or had the last one.
    pub(super) place: usize,
    /// Why that step has ended the pass, if it did.
    pub(super) end: Option<FewEnd>,
}

/// Why a pass has ended with a step.
#[derive(Debug)]
pub(super) enum FewEnd {
    Failed(Box<Ended>),
    /// It would have started, at the deadline or after.
    Late,
    /// It is one more that runs than a few.
    Many,
}

/// It asks for nothing.
impl<'a, E, G, H, O, const CARES: bool> Pass<'a, H, O> for Few<'_, '_, 'a, E, G, H, O, CARES>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
{
    #[inline(always)]
    unsafe fn step<D: PollStep<'a, H, O>>(&mut self, driver: &D, room: Room<'_, D>) -> bool {
        if !D::RUNS {
            return true;
        }
        let bit = self.next;
        self.next <<= 1;
        if self.due & bit == 0 {
            return true;
        }
        let place = bit.trailing_zeros() as usize;
        let noted = &mut *self.noted;
        noted.place = place;
        if noted.waiting & bit != 0 {
            let (_, needs) = E::STEPS.needs[place];
            // Where one has failed, those that need it fail at once, whatever else they wait for.
            if !self.has_failed && (noted.running | noted.waiting) & needs != 0 {
                return true;
            }
            // A step before it may have held this thread for longer than there was time.
            if self.has_deadline && self.at.frame().run().is_overdue() {
                noted.end = Some(FewEnd::Late);
                return false;
            }
        }
        match driver.plain::<CARES>(room, self.at, self.cx) {
            Turned::Running | Turned::Waiting => true,
            Turned::Started => {
                noted.running |= bit;
                noted.waiting &= !bit;
                if !State::<E, 1>::MANY {
                    return true;
                }
                noted.in_flight += 1;
                if noted.in_flight < A_FEW {
                    return true;
                }
                noted.end = Some(FewEnd::Many);
                false
            }
            Turned::Done => {
                if State::<E, 1>::MANY {
                    noted.in_flight -= u32::from(noted.running & bit != 0);
                }
                noted.running &= !bit;
                noted.waiting &= !bit;
                self.due |= noted.waiting & within(E::STEPS.readers[place], 0);
                true
            }
            Turned::Failed(ended) => {
                noted.end = Some(FewEnd::Failed(ended));
                false
            }
        }
    }
}
