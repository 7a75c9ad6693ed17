//! Where the drivers of one execution work.

use super::{Filled, Frame, SlotRef, Slots, Watch};
use crate::error::Error;
use crate::graph::Graph;

/// The frame of an execution, and the slots of outputs beside it: what its drivers write to.
///
/// An output that no step reads stands beside a frame that tasks share, so that one that runs on can't keep it from the caller.
#[derive(Debug)]
pub struct Site<H, O> {
    /// The frame.
    pub frame: H,
    /// Slots of outputs.
    pub outputs: O,
}

/// Where the drivers of one execution work: one reference, since it is part of each future.
#[derive(Debug)]
pub struct At<'a, H, O> {
    site: &'a Site<H, O>,
}

impl<'a, H, O> At<'a, H, O> {
    /// The drivers of one execution work at `site`.
    ///
    /// # Safety
    ///
    /// This, and its copies, are given to drivers that take their turns one at a time, and while one of them may take a
    /// turn, there is no other for `site`.
    #[inline(always)]
    pub unsafe fn new(site: &'a Site<H, O>) -> Self {
        Self { site }
    }

    #[inline(always)]
    pub(super) fn frame(self) -> &'a H {
        &self.site.frame
    }

    /// Whether nothing but the steps themselves is to be looked after: no step has options that were set at run time or runs
    /// inside a span, and nothing is to happen in a step's place. It is asked once, so that it need not be asked for each step.
    #[inline(always)]
    pub(super) fn is_plain<G: Graph>(self) -> bool
    where
        H: Frame<G>,
    {
        let is_traced = self.frame().watch().is_some_and(Watch::is_traced);
        let has_rehearsal = self.frame().run().rehearsal().is_some();
        self.frame().graph().core().is_plain() && !has_rehearsal && !is_traced
    }

    /// Writes what the step at `node`, whose turn it is, came to.
    #[inline]
    pub(super) fn write<G: Graph, T: 'static>(self, node: usize, value: Result<Filled<T>, Error>)
    where
        H: Frame<G>,
        O: Slots,
    {
        // SAFETY: while there are drivers, nobody writes but they, and in a batch what `settle` does after their turns. By the
        // promise given to `new` they have their turns one at a time.
        unsafe { self.slot(node).set(value) };
    }

    /// The same of a step whose first turn it is.
    ///
    /// # Safety
    ///
    /// Nothing was written for this step before.
    #[inline(always)]
    pub(super) unsafe fn write_first<G: Graph, T: 'static>(self, node: usize, value: Filled<T>)
    where
        H: Frame<G>,
        O: Slots,
    {
        // SAFETY: as in `write`; and each node has a slot of its own, by the promise of `Slots`.
        unsafe { self.slot(node).set_empty(Ok(value)) };
    }

    #[inline(always)]
    fn slot<G: Graph, T: 'static>(self, node: usize) -> SlotRef<'a, T>
    where
        H: Frame<G>,
        O: Slots,
    {
        self.frame()
            .slot_at(node)
            .typed()
            .or_else(|| self.site.outputs.slot(node).typed())
            .expect("an entry keeps what its steps make")
    }
}

impl<H, O> Clone for At<'_, H, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H, O> Copy for At<'_, H, O> {}
