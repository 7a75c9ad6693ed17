//! Where the slots of one execution live: on the caller's stack, or, where steps outlive a poll of the caller, in one
//! `Arc` that their tasks share.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;

use super::slots::typed;
use super::{Execution, Filled, Run, Slot, Slots};
use crate::error::Error;
use crate::graph::{Graph, Produces, Provides};

/// What a step sees of the execution it runs in.
pub trait View<G: Graph>: Send + Sync {
    /// A view without a lifetime, for a task.
    type Owned: View<G> + Clone + 'static;

    /// The graph value.
    fn graph(&self) -> &G;

    /// The slot of a node, of whatever type.
    fn slot_at(&self, node: usize) -> &dyn std::any::Any;

    /// The execution.
    #[doc(hidden)]
    fn run(&self) -> &Run<'_>;

    /// One for a task.
    fn owned(&self) -> Self::Owned;

    /// The slot of a `T`.
    #[inline(always)]
    fn slot<T: 'static>(&self) -> &Slot<T>
    where
        G: Produces<T>,
    {
        typed(self.slot_at(G::NODE)).expect("an entry keeps what its steps read")
    }

    /// The `T` that a step can't do without.
    #[inline(always)]
    fn need<T: 'static>(&self) -> &T
    where
        G: Produces<T>,
    {
        match self.slot::<T>().get() {
            Some(Ok(value)) => value,
            _ => unreachable!("a step starts when its inputs are there"),
        }
    }

    /// The `T` that a step can do without, or why it is not there.
    #[inline(always)]
    fn soft<T: 'static>(&self) -> Result<&T, &Error>
    where
        G: Produces<T>,
    {
        self.slot::<T>()
            .get()
            .expect("a step starts when its inputs are settled")
    }

    /// A resource.
    #[inline(always)]
    fn resource<'a, T>(&'a self) -> &'a T
    where
        G: Provides<T> + 'a,
    {
        self.graph().provide()
    }
}

/// The frame of one execution, owned by its future.
pub trait Frame<G: Graph>: View<G> {
    /// The slots, once no task reads them any more.
    fn reclaim(&mut self) -> impl Future<Output = &mut dyn Slots> + Send;

    /// Puts in what the caller gave.
    fn give<T: Send + Sync + 'static>(&self, value: T)
    where
        G: Produces<T>,
    {
        // An entry that is given what it does not use does not compile; then there is no slot.
        if let Some(slot) = typed::<T>(self.slot_at(G::NODE)) {
            slot.set(Ok(Filled::Own(value)));
        }
    }
}

/// Takes the `T` that an execution resolved: from `output`, or, where steps read it too, from the frame.
///
/// # Errors
///
/// Where the value is shared with others and its stored form can't be decoded.
pub async fn take<G: Graph + Produces<T>, T: Send + Sync + 'static, F: Frame<G>>(
    output: &mut Slot<T>,
    frame: &mut F,
) -> Result<T, Error> {
    let taken = match output.take() {
        Some(taken) => Some(taken),
        None => {
            let slot = frame.reclaim().await.slot_mut(G::NODE);
            slot.and_then(|slot| slot.downcast_mut::<Slot<T>>())
                .and_then(Slot::take)
        }
    };
    let value = taken.expect("an execution ends when its outputs are there")?;
    value.into_value()
}

/// Chooses, in a type, where the slots live.
#[derive(Debug)]
pub enum Place<const SHARED: bool> {}

/// See [`Place`].
pub trait Home {
    /// The frame.
    type Frame<'a, G: Graph, S: Slots>: Frame<G>;

    /// Begins an execution.
    fn open<'a, G: Graph, S: Slots>(
        graph: &'a G,
        execution: Execution<'a>,
        slots: S,
    ) -> Self::Frame<'a, G, S>;
}

impl Home for Place<false> {
    type Frame<'a, G: Graph, S: Slots> = Local<'a, G, S>;

    #[inline]
    fn open<'a, G: Graph, S: Slots>(
        graph: &'a G,
        execution: Execution<'a>,
        slots: S,
    ) -> Local<'a, G, S> {
        Local {
            graph,
            run: execution.into_run(graph.core().default_timeout()),
            slots,
        }
    }
}

impl Home for Place<true> {
    type Frame<'a, G: Graph, S: Slots> = Shared<G, S>;

    fn open<'a, G: Graph, S: Slots>(
        graph: &'a G,
        execution: Execution<'a>,
        slots: S,
    ) -> Shared<G, S> {
        let run = execution
            .into_run(graph.core().default_timeout())
            .into_owned();
        Shared {
            inner: Arc::new(SharedInner {
                graph: graph.clone(),
                run,
                slots,
            }),
            left: Arc::new(Notify::new()),
        }
    }
}

/// A frame inside the caller's future.
pub struct Local<'a, G, S> {
    graph: &'a G,
    run: Run<'a>,
    slots: S,
}

impl<G: Graph, S: Slots> View<G> for Local<'_, G, S> {
    type Owned = Never;

    #[inline(always)]
    fn graph(&self) -> &G {
        self.graph
    }

    #[inline(always)]
    fn slot_at(&self, node: usize) -> &dyn std::any::Any {
        self.slots.slot(node)
    }

    #[inline(always)]
    fn run(&self) -> &Run<'_> {
        &self.run
    }

    fn owned(&self) -> Never {
        unreachable!("an entry whose steps outlive a poll has a shared frame")
    }
}

impl<G: Graph, S: Slots> Frame<G> for Local<'_, G, S> {
    async fn reclaim(&mut self) -> &mut dyn Slots {
        &mut self.slots
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

    fn slot_at(&self, _node: usize) -> &dyn std::any::Any {
        match *self {}
    }

    fn run(&self) -> &Run<'_> {
        match *self {}
    }

    fn owned(&self) -> Never {
        *self
    }
}

/// A frame that tasks share.
pub struct Shared<G, S> {
    inner: Arc<SharedInner<G, S>>,
    left: Arc<Notify>,
}

struct SharedInner<G, S> {
    graph: G,
    run: Run<'static>,
    slots: S,
}

impl<G: Graph, S: Slots> View<G> for Shared<G, S> {
    type Owned = Owned<G, S>;

    fn graph(&self) -> &G {
        &self.inner.graph
    }

    fn slot_at(&self, node: usize) -> &dyn std::any::Any {
        self.inner.slots.slot(node)
    }

    fn run(&self) -> &Run<'_> {
        &self.inner.run
    }

    fn owned(&self) -> Owned<G, S> {
        Owned {
            inner: Some(Arc::clone(&self.inner)),
            left: Arc::clone(&self.left),
        }
    }
}

impl<G: Graph, S: Slots> Frame<G> for Shared<G, S> {
    /// Waits for tasks that still read the slots: those that have just ended, and a `blocking` function that runs on past
    /// its timeout.
    async fn reclaim(&mut self) -> &mut dyn Slots {
        while Arc::get_mut(&mut self.inner).is_none() {
            self.left.notified().await;
        }
        match Arc::get_mut(&mut self.inner) {
            Some(inner) => &mut inner.slots,
            None => unreachable!("only this frame makes views, and it is borrowed"),
        }
    }
}

/// The view of a task.
pub struct Owned<G, S> {
    /// `None` only while it is dropped.
    inner: Option<Arc<SharedInner<G, S>>>,
    left: Arc<Notify>,
}

impl<G, S> Owned<G, S> {
    fn inner(&self) -> &SharedInner<G, S> {
        self.inner
            .as_deref()
            .expect("it is there until the view is dropped")
    }
}

impl<G: Graph, S: Slots> View<G> for Owned<G, S> {
    type Owned = Self;

    fn graph(&self) -> &G {
        &self.inner().graph
    }

    fn slot_at(&self, node: usize) -> &dyn std::any::Any {
        self.inner().slots.slot(node)
    }

    fn run(&self) -> &Run<'_> {
        &self.inner().run
    }

    fn owned(&self) -> Self {
        self.clone()
    }
}

impl<G, S> Clone for Owned<G, S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            left: Arc::clone(&self.left),
        }
    }
}

impl<G, S> Drop for Owned<G, S> {
    fn drop(&mut self) {
        // First let go, then say so: the frame looks again when it is told.
        drop(self.inner.take());
        self.left.notify_one();
    }
}

impl<G, S> fmt::Debug for Local<'_, G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("run", &self.run)
            .finish_non_exhaustive()
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
