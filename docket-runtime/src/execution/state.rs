//! What is kept of an execution from one poll to the next, beside what its steps run and make. It is part of each future, so
//! it is as small as the plan allows, which chooses its types.

use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use super::bells::Bells;
use super::span::all_from;
use super::{At, Entry, Frame};
use crate::graph::Graph;

/// Chooses, in a type, of how many bytes the words are that hold a bit for each step.
#[derive(Debug)]
pub enum Word<const BYTES: usize> {}

/// See [`Word`].
pub trait WordOf {
    /// A number of so many bytes.
    type Int: Int;
}

/// The bits of as many steps as it has.
pub trait Int: Copy + Send + 'static {
    /// None of them.
    const NONE: Self;

    /// The bits as those of a word of 64.
    fn get(self) -> u64;

    /// Those of a word of 64 that has no more than these.
    fn of(word: u64) -> Self;
}

macro_rules! words {
    ($($bytes:literal $Int:ident)*) => {
        $(
            impl WordOf for Word<$bytes> {
                type Int = $Int;
            }

            impl Int for $Int {
                const NONE: Self = 0;

                #[inline(always)]
                fn get(self) -> u64 {
                    u64::from(self)
                }

                #[inline(always)]
                #[allow(clippy::cast_possible_truncation, reason = "there are no more")]
                fn of(word: u64) -> Self {
                    word as Self
                }
            }
        )*
    };
}

words!(1 u8 2 u16 4 u32 8 u64);

/// Of nothing.
impl Int for () {
    const NONE: Self = ();

    #[inline(always)]
    fn get(self) -> u64 {
        0
    }

    #[inline(always)]
    fn of(_word: u64) -> Self {}
}

/// Chooses, in a type, whether so many steps may be in flight at once that each has a waker of its own.
#[derive(Debug)]
pub enum Crowd<const MANY: bool> {}

/// See [`Crowd`].
pub trait CrowdOf {
    /// The wakers, when there are some.
    type Bells<const W: usize>: Hung<W>;
    /// How many steps are in flight, if anybody wants to know.
    type Count: Int;
}

impl CrowdOf for Crowd<true> {
    type Bells<const W: usize> = Option<Arc<Bells<W>>>;
    type Count = u32;
}

impl CrowdOf for Crowd<false> {
    type Bells<const W: usize> = Unneeded;
    type Count = ();
}

/// The wakers of an execution, when there are some.
pub trait Hung<const W: usize>: Send {
    /// Whether there may ever be some.
    const MANY: bool;
    /// None yet.
    const NONE: Self;

    /// Those there are.
    fn get(&self) -> Option<&Arc<Bells<W>>>;

    /// The same, and where there are none yet, new ones, which wake `execution`.
    fn get_or_hang(&mut self, execution: &Waker) -> &Arc<Bells<W>>;
}

impl<const W: usize> Hung<W> for Option<Arc<Bells<W>>> {
    const MANY: bool = true;
    const NONE: Self = None;

    #[inline(always)]
    fn get(&self) -> Option<&Arc<Bells<W>>> {
        self.as_ref()
    }

    #[inline(always)]
    fn get_or_hang(&mut self, execution: &Waker) -> &Arc<Bells<W>> {
        self.get_or_insert_with(|| Bells::new(execution))
    }
}

/// In their place where there never are any.
#[derive(Debug)]
pub struct Unneeded;

impl<const W: usize> Hung<W> for Unneeded {
    const MANY: bool = false;
    const NONE: Self = Unneeded;

    #[inline(always)]
    fn get(&self) -> Option<&Arc<Bells<W>>> {
        None
    }

    fn get_or_hang(&mut self, _execution: &Waker) -> &Arc<Bells<W>> {
        unreachable!("no more than a few of these steps are in flight at once")
    }
}

type IntOf<E> = <<E as Entry>::Word as WordOf>::Int;
type BellsOf<E, const W: usize> = <<E as Entry>::Crowd as CrowdOf>::Bells<W>;

/// See above. `W` words hold a bit for each step.
pub(super) struct State<E: Entry, const W: usize> {
    running: [IntOf<E>; W],
    waiting: [IntOf<E>; W],
    pub(super) bells: BellsOf<E, W>,
    /// How many run, where there may be bells: who would hang them is who wants to know.
    in_flight: <E::Crowd as CrowdOf>::Count,
    /// What has to be looked after beside the steps.
    cares: u8,
}

/// What `At::is_plain` says, turned around.
const NOT_PLAIN: u8 = 1;
/// There is a deadline.
const DEADLINE: u8 = 2;
/// Somebody wants to know of steps.
const SEEN: u8 = 4;
/// A step has failed. Those that need it fail at once, whatever else they wait for.
const FAILED: u8 = 8;

impl<E: Entry, const W: usize> State<E, W> {
    /// Whether so many steps may be in flight that there are bells.
    pub(super) const MANY: bool = <BellsOf<E, W> as Hung<W>>::MANY;

    /// No step has had a turn, or none but those of a straight pass.
    #[inline(always)]
    pub(super) fn new<G: Graph, H: Frame<G>, O>(at: At<'_, H, O>) -> Self {
        let mut cares = 0;
        if !at.is_plain() {
            cares |= NOT_PLAIN;
        }
        if at.frame().run().has_deadline() {
            cares |= DEADLINE;
        }
        if at.frame().step_watch().is_some() {
            cares |= SEEN;
        }
        Self {
            running: [IntOf::<E>::NONE; W],
            waiting: [IntOf::<E>::NONE; W],
            bells: BellsOf::<E, W>::NONE,
            in_flight: Int::NONE,
            cares,
        }
    }

    /// Whether there is nothing to look after but the steps, of which none has failed, and a deadline, if there is one.
    #[inline(always)]
    pub(super) fn is_carefree(&self) -> bool {
        self.cares & !DEADLINE == 0
    }

    /// See `At::is_plain`.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.cares & NOT_PLAIN == 0
    }

    #[inline(always)]
    pub(super) fn has_deadline(&self) -> bool {
        self.cares & DEADLINE != 0
    }

    #[inline(always)]
    pub(super) fn has_failed(&self) -> bool {
        self.cares & FAILED != 0
    }

    /// Notes that a step has.
    pub(super) fn fail(&mut self) {
        self.cares |= FAILED;
    }

    /// Those of the steps of a word that run.
    #[inline(always)]
    pub(super) fn running(&self, word: usize) -> u64 {
        self.running[word].get()
    }

    /// Those that have not started, and not ended without that.
    #[inline(always)]
    pub(super) fn waiting(&self, word: usize) -> u64 {
        self.waiting[word].get()
    }

    #[inline(always)]
    pub(super) fn set(&mut self, word: usize, running: u64, waiting: u64) {
        self.running[word] = Int::of(running);
        self.waiting[word] = Int::of(waiting);
    }

    /// How many run.
    #[inline(always)]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "no graph has so many steps"
    )]
    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight.get() as u32
    }

    #[inline(always)]
    pub(super) fn set_in_flight(&mut self, steps: u32) {
        self.in_flight = Int::of(u64::from(steps));
    }

    /// Notes that all from the place `from` on wait.
    #[inline]
    pub(super) fn wait_from(&mut self, from: usize) {
        self.waiting = all_from::<W>(from, E::STEPS.order.len()).map(Int::of);
    }

    /// Notes that the step at `place` has started, and runs.
    #[inline]
    pub(super) fn runs(&mut self, place: usize) {
        let (word, bit) = (place / 64, 1 << (place % 64));
        self.set(word, self.running(word) | bit, self.waiting(word) & !bit);
        if Self::MANY {
            self.set_in_flight(self.in_flight() + 1);
        }
    }

    /// Notes that the step at `place` neither runs nor waits any longer.
    #[inline]
    pub(super) fn end(&mut self, place: usize) {
        let (word, bit) = (place / 64, 1 << (place % 64));
        let (running, waiting) = (self.running(word), self.waiting(word));
        if Self::MANY {
            self.set_in_flight(self.in_flight() - u32::from(running & bit != 0));
        }
        self.set(word, running & !bit, waiting & !bit);
    }

    /// Whether all have ended.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        (0..W).all(|word| self.running(word) | self.waiting(word) == 0)
    }
}

impl<E: Entry, const W: usize> fmt::Debug for State<E, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("cares", &self.cares)
            .finish_non_exhaustive()
    }
}
