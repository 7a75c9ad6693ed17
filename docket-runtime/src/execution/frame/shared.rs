//! A frame that tasks share.

use std::fmt;
use std::sync::Arc;

use super::{Frame, Home, Place, View, start, unread_in_time};
use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::execution::readers::{Readers, check, check_narrower};
use crate::execution::{Filled, Found, Run, Slots, Watch};
use crate::graph::Graph;
use crate::plan::Need;

impl Home for Place<true> {
    type Frame<'g, 'r, G: Graph + 'g, S: Slots> = Shared<G, S>;

    fn open<'g, 'r, G: Graph, S: Slots>(
        graph: &'g G,
        run: Run<'r>,
        slots: impl FnOnce() -> S,
    ) -> Shared<G, S> {
        Shared {
            inner: Arc::new(SharedInner {
                graph: graph.clone(),
                watch: None,
                run: run.into_owned(),
                slots: slots(),
                readers: Readers::default(),
            }),
        }
    }
}

/// A frame that tasks share.
pub struct Shared<G, S> {
    inner: Arc<SharedInner<G, S>>,
}

struct SharedInner<G, S> {
    graph: G,
    watch: Option<Watch>,
    run: Run<'static>,
    slots: S,
    readers: Readers,
}

impl<G: Graph, S: Slots> View<G> for Shared<G, S> {
    type Owned = Owned<G, S>;

    fn graph(&self) -> &G {
        &self.inner.graph
    }

    fn slot_at(&self, node: usize) -> Found<'_> {
        self.inner.slots.slot(node)
    }

    fn items_missing(&self, node: usize) -> usize {
        self.inner.slots.items_missing(node)
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.inner.slots.desk(node)
    }

    fn run(&self) -> &Run<'_> {
        &self.inner.run
    }

    fn watch(&self) -> Option<&Watch> {
        self.inner.watch.as_ref()
    }

    fn owned(&self, needs: &'static [Need]) -> Owned<G, S> {
        Owned::new(Arc::clone(&self.inner), needs)
    }
}

impl<G: Graph, S: Slots> Frame<G> for Shared<G, S> {
    fn start(&mut self, entry: &'static str) {
        let inner = Arc::get_mut(&mut self.inner).expect("nobody has a view of it yet");
        inner.watch = start(&inner.graph, &mut inner.run, entry);
    }

    fn may_be_read(&self, node: usize) -> bool {
        self.inner.readers.may_read(node)
    }

    async fn unread(&self, node: usize) {
        self.inner.readers.unread(node).await;
    }

    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        if let Err(error) = unread_in_time::<G, _>(self, node).await {
            return Some(Err(error));
        }
        let slot = self.inner.slots.slot(node).typed::<T>()?;
        // SAFETY: references to the values of a shared frame are borrowed from it, and it is borrowed mutably, or from an
        // `Owned` that may read this slot. There is none, and none can be made: a view of a task comes from the frame, or
        // from another view that may read as much.
        unsafe { slot.take_unread() }
    }
}

/// The execution ends here, whoever may still have a view.
impl<G, S> Drop for Shared<G, S> {
    fn drop(&mut self) {
        if let Some(watch) = &self.inner.watch {
            watch.end();
        }
    }
}

/// The view of a task.
pub struct Owned<G, S> {
    inner: Arc<SharedInner<G, S>>,
    needs: &'static [Need],
}

impl<G, S> Owned<G, S> {
    fn new(inner: Arc<SharedInner<G, S>>, needs: &'static [Need]) -> Self {
        inner.readers.enter(needs);
        Self { inner, needs }
    }
}

impl<G: Graph, S: Slots> View<G> for Owned<G, S> {
    type Owned = Self;

    fn graph(&self) -> &G {
        &self.inner.graph
    }

    fn slot_at(&self, node: usize) -> Found<'_> {
        check(self.needs, node);
        self.inner.slots.slot(node)
    }

    fn items_missing(&self, node: usize) -> usize {
        self.inner.slots.items_missing(node)
    }

    fn desk_at(&self, node: usize) -> Option<&dyn AnyDesk> {
        self.inner.slots.desk(node)
    }

    fn run(&self) -> &Run<'_> {
        &self.inner.run
    }

    fn watch(&self) -> Option<&Watch> {
        self.inner.watch.as_ref()
    }

    fn owned(&self, needs: &'static [Need]) -> Self {
        check_narrower(self.needs, needs);
        Self::new(Arc::clone(&self.inner), needs)
    }
}

impl<G, S> Clone for Owned<G, S> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.inner), self.needs)
    }
}

impl<G, S> Drop for Owned<G, S> {
    fn drop(&mut self) {
        self.inner.readers.leave(self.needs);
    }
}

impl<G, S> fmt::Debug for Shared<G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("run", &self.inner.run)
            .finish_non_exhaustive()
    }
}

impl<G, S> fmt::Debug for Owned<G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").finish_non_exhaustive()
    }
}
