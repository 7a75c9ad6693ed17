//! The steps of one frame, and whose turn it is: those that are there once, or those of one item.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Context;

use crate::error::Error;
use crate::execution::{End, Ended, Run, Turn, Turned, late};
use crate::step::panic_message;

/// The first `n` bits.
pub(super) const fn all<const W: usize>(n: usize) -> [u64; W] {
    let mut bits = [0; W];
    let mut i = 0;
    while i < n {
        bits[i / 64] |= 1 << (i % 64);
        i += 1;
    }
    bits
}

/// The numbers of the bits that are set.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        word &= word.checked_sub(1)?;
        Some(bit as usize)
    })
}

/// Steps, by their places in `order`, each after all that it needs.
///
/// As in an execution without items, a pass polls what runs, and looks at what waits only when there is news: something
/// before it has ended, or, what is not so there, something came from outside.
pub(super) struct Crew<const W: usize> {
    order: &'static [usize],
    /// By node, whether its failure is the end of everything.
    fatals: &'static [bool],
    running: [u64; W],
    waiting: [u64; W],
    /// Whether there was no pass yet, or the last one broke off.
    fresh: bool,
    /// The place of the step whose turn it is, for when it panics.
    at: usize,
}

impl<const W: usize> Crew<W> {
    pub(super) fn new(order: &'static [usize], fatals: &'static [bool], left: [u64; W]) -> Self {
        Self {
            order,
            fatals,
            running: [0; W],
            waiting: left,
            fresh: true,
            at: 0,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.running
            .iter()
            .chain(&self.waiting)
            .all(|word| *word == 0)
    }

    /// The steps that wait, if none runs.
    pub(super) fn all_waiting(&self) -> Option<[u64; W]> {
        self.running
            .iter()
            .all(|word| *word == 0)
            .then_some(self.waiting)
    }

    /// Whether steps run, and all of them are such as `nodes` says.
    pub(super) fn runs_only(&self, nodes: &[bool]) -> bool {
        let runs = self.running.iter().any(|word| *word != 0);
        let mut places = (self.running.iter().enumerate())
            .flat_map(|(word, bits)| ones(*bits).map(move |bit| word * 64 + bit));
        runs && places.all(|place| nodes[self.order[place]])
    }

    /// Gives each step that can use it one turn, and says whether one ended.
    #[inline]
    pub(super) fn pass(
        &mut self,
        cx: &mut Context<'_>,
        run: &Run<'_>,
        has_news: bool,
        is_overdue: bool,
        turn: &mut impl FnMut(usize, Turn<'_, '_>) -> Turned,
    ) -> Result<bool, Error> {
        self.fresh |= has_news;
        let mut has_ended = false;
        loop {
            let pass = AssertUnwindSafe(|| self.turns(cx, run, is_overdue, &mut has_ended, turn));
            match catch_unwind(pass) {
                Ok(ended) => return ended.map(|()| has_ended),
                Err(panic) => {
                    has_ended = true;
                    self.panicked(panic_message(&*panic), turn)?;
                }
            }
        }
    }

    #[inline]
    fn turns(
        &mut self,
        cx: &mut Context<'_>,
        run: &Run<'_>,
        is_overdue: bool,
        has_ended: &mut bool,
        turn: &mut impl FnMut(usize, Turn<'_, '_>) -> Turned,
    ) -> Result<(), Error> {
        let mut news = self.fresh && !is_overdue;
        self.fresh = false;
        for word in 0..W {
            let mut bits = self.running[word];
            if news {
                bits |= self.waiting[word];
            }
            while bits != 0 {
                let place = bits.trailing_zeros();
                bits &= bits - 1;
                // A step before it may have held this thread for longer than there was time.
                if self.waiting[word] & (1 << place) != 0 && run.is_overdue() {
                    return Err(late(run));
                }
                self.at = word * 64 + place as usize;
                match turn(self.order[self.at], Turn::Poll(cx)) {
                    Turned::Running | Turned::Waiting => continue,
                    Turned::Started => {
                        self.running[word] |= 1 << place;
                        self.waiting[word] &= !(1 << place);
                        continue;
                    }
                    Turned::Done => self.end(),
                    Turned::Failed(ended) => {
                        self.end();
                        self.fail(ended, turn)?;
                    }
                }
                *has_ended = true;
                // Whoever waited for it comes after it in the order.
                if !news && !is_overdue {
                    news = true;
                    bits |= self.waiting[word] & (u64::MAX << place);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn end(&mut self) {
        let (word, bit) = (self.at / 64, 1 << (self.at % 64));
        self.running[word] &= !bit;
        self.waiting[word] &= !bit;
    }

    #[cold]
    fn fail(
        &mut self,
        ended: Box<Ended>,
        turn: &mut impl FnMut(usize, Turn<'_, '_>) -> Turned,
    ) -> Result<(), Error> {
        let node = self.order[self.at];
        let fatal = ended.aborts() || self.fatals[node];
        match turn(node, Turn::End(&mut End::Failed { ended, fatal })) {
            Turned::Failed(ended) => Err(ended.error),
            _ => Ok(()),
        }
    }

    #[cold]
    fn panicked(
        &mut self,
        message: String,
        turn: &mut impl FnMut(usize, Turn<'_, '_>) -> Turned,
    ) -> Result<(), Error> {
        // The steps after it have not had their turn, and some may have waited for it.
        self.fresh = true;
        self.end();
        match turn(self.order[self.at], Turn::End(&mut End::Panicked(message))) {
            Turned::Failed(ended) => self.fail(ended, turn),
            _ => Ok(()),
        }
    }
}
