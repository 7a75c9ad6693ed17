//! A frame inside the caller's future.

use std::fmt;
use std::mem::{forget, replace};

use super::{Frame, Home, Place, View, resolved, start};
use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::execution::{Filled, Found, Run, Slots, Watch};
use crate::graph::Graph;
use crate::plan::Need;

impl Home for Place<false> {
    type Frame<'g, 'r, G: Graph + 'g, S: Slots> = Local<'g, 'r, G, S>;

    #[inline]
    fn open<'g, 'r, G: Graph, S: Slots>(
        graph: &'g G,
        run: Run<'r>,
        slots: impl FnOnce() -> S,
    ) -> Local<'g, 'r, G, S> {
        Local {
            graph,
            watch: None,
            run,
            // Last, so that nothing can panic while they are on their way to their place: they are not copied then.
            slots: slots(),
        }
    }
}

/// A frame inside the caller's future.
pub struct Local<'g, 'r, G, S> {
    graph: &'g G,
    /// Its drop tells the end of the execution.
    watch: Option<Watch>,
    run: Run<'r>,
    slots: S,
}

impl<G: Graph, S: Slots> View<G> for Local<'_, '_, G, S> {
    type Owned = Never;

    #[inline(always)]
    fn graph(&self) -> &G {
        self.graph
    }

    #[inline(always)]
    fn slot_at(&self, node: usize) -> Found<'_> {
        self.slots.slot(node)
    }

    fn items_missing(&self, node: usize) -> usize {
        self.slots.items_missing(node)
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.slots.desk(node)
    }

    #[inline(always)]
    fn run(&self) -> &Run<'_> {
        &self.run
    }

    #[inline(always)]
    fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    fn owned(&self, _needs: &'static [Need]) -> Never {
        unreachable!("an entry whose steps outlive a poll has a shared frame")
    }
}

impl<G: Graph, S: Slots> Frame<G> for Local<'_, '_, G, S> {
    #[inline(always)]
    fn start(&mut self, entry: &'static str) {
        // There was none, and to ask whether it is to be dropped would be felt.
        forget(replace(
            &mut self.watch,
            start(self.graph, &mut self.run, entry),
        ));
    }

    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        self.take_now(node)
    }

    #[inline(always)]
    fn end(&mut self, are_own: bool) {
        resolved(self);
        if are_own && !S::NEED_DROP {
            // To find out slot by slot that there is nothing to drop takes as long as a step.
            self.slots.forget();
        }
    }

    #[inline(always)]
    fn take_now<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        let slot = self.slots.slot(node).typed::<T>()?;
        // SAFETY: references to the values of a local frame are borrowed from it, and it is borrowed mutably.
        unsafe { slot.take_unread() }
    }
}

impl<G, S> fmt::Debug for Local<'_, '_, G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

/// The view of a task where there are no tasks.
#[derive(Clone, Copy, Debug)]
pub enum Never {}

impl<G: Graph> View<G> for Never {
    type Owned = Never;

    fn graph(&self) -> &G {
        match *self {}
    }

    fn slot_at(&self, _node: usize) -> Found<'_> {
        match *self {}
    }

    fn run(&self) -> &Run<'_> {
        match *self {}
    }

    fn watch(&self) -> Option<&Watch> {
        match *self {}
    }

    fn owned(&self, _needs: &'static [Need]) -> Never {
        *self
    }
}
