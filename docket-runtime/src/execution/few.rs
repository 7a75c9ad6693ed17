//! Passes over an execution of a few steps: each of those that run is asked, by way of one bit, as `join!` would ask it.

use std::task::Context;

use super::drive::{A_FEW, Steps};
use super::span::within;
use super::{At, Ended, Pass, PollStep, Room, Turned};

/// A pass under way. The list of steps follows the order of the plan, there are no more than the bits of a word, and no deadline.
#[derive(Debug)]
pub(super) struct Few<'p, 'cx, 'a, H, O> {
    pub(super) steps: &'static Steps,
    pub(super) at: At<'a, H, O>,
    pub(super) cx: &'p mut Context<'cx>,
    /// The step that is next in the list.
    pub(super) next: u64,
    /// Those whose turn it is.
    pub(super) due: u64,
    pub(super) running: &'p mut u64,
    pub(super) waiting: &'p mut u64,
    pub(super) in_flight: &'p mut u32,
    /// The place of the step that has its turn, or had the last one.
    pub(super) place: &'p mut usize,
    /// How that step failed, if it did.
    pub(super) failed: Option<Box<Ended>>,
}

/// It asks for nothing. It ends with a step that failed, and with one that makes more than a few that run.
impl<'a, H, O> Pass<'a, H, O> for Few<'_, '_, 'a, H, O> {
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
        *self.place = place;
        match driver.again(room, self.at, self.cx) {
            Turned::Running | Turned::Waiting => true,
            Turned::Started => {
                *self.running |= bit;
                *self.waiting &= !bit;
                *self.in_flight += 1;
                *self.in_flight < A_FEW
            }
            Turned::Done => {
                *self.in_flight -= u32::from(*self.running & bit != 0);
                *self.running &= !bit;
                *self.waiting &= !bit;
                self.due |= *self.waiting & within(self.steps.readers[place], 0);
                true
            }
            Turned::Failed(ended) => {
                self.failed = Some(ended);
                false
            }
        }
    }
}
