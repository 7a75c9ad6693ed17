//! Where the slots of one execution live: on the caller's stack, or, where steps outlive a poll of the caller, in one
//! `Arc` that their tasks share.

mod local;
mod shared;
#[cfg(test)]
mod tests;

use tokio::time::timeout_at;

use super::watch::is_on;
use super::{Aside, Filled, Found, Readiness, Run, SlotRef, Slots, Watch, late};
use crate::batch::Column;
use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::graph::{Graph, Produces, Provides};
use crate::observe::{Asker, RunId};
use crate::plan::Need;
use crate::rehearsal::Rehearsal;

pub use local::{Local, Never};
pub use shared::{Owned, Shared};

/// What a step sees of the execution it runs in.
pub trait View<G: Graph>: Send + Sync {
    /// A view without a lifetime, for a task.
    type Owned: View<G, Owned = Self::Owned> + Clone + 'static;

    /// The graph value.
    fn graph(&self) -> &G;

    /// The slot of a node, of whatever type.
    fn slot_at(&self, node: usize) -> Found<'_>;

    /// The execution.
    #[doc(hidden)]
    fn run(&self) -> &Run<'_>;

    /// What is kept for those who watch this frame, if anybody does.
    #[doc(hidden)]
    fn watch(&self) -> Option<&Watch>;

    /// The same, if they want to know of steps.
    #[doc(hidden)]
    #[inline(always)]
    fn step_watch(&self) -> Option<&Watch> {
        self.watch().filter(|watch| watch.sees_steps())
    }

    /// The column of a node that is there once for each item of a batch.
    #[inline(always)]
    fn column_at(&self, node: usize) -> &dyn std::any::Any {
        self.slot_at(node).what()
    }

    /// For how many items of a batch the column of `node` has no value.
    #[doc(hidden)]
    fn items_missing(&self, _node: usize) -> usize {
        0
    }

    /// Whose view it is, if it is that of one item of a batch: its place among them.
    #[doc(hidden)]
    fn item(&self) -> Option<usize> {
        None
    }

    /// Which execution it is of, where somebody observes it.
    #[doc(hidden)]
    fn run_id(&self) -> Option<RunId> {
        self.watch().map(Watch::run)
    }

    /// In whose name the store is asked.
    #[doc(hidden)]
    fn asker(&self) -> Asker {
        Asker {
            run: self.run_id(),
            item: self.item(),
        }
    }

    /// Where the items of a batch ask for the output of `node`.
    #[doc(hidden)]
    fn desk_at(&self, _node: usize) -> Option<&dyn AnyDesk> {
        None
    }

    /// One for a task, which reads `needs` and nothing else. From a view of a task, it is one of no more than that one reads.
    fn owned(&self, needs: &'static [Need]) -> Self::Owned;

    /// The slot of a `T`.
    #[inline(always)]
    fn slot<T: 'static>(&self) -> SlotRef<'_, T>
    where
        G: Produces<T>,
    {
        self.slot_at(G::NODE)
            .typed()
            .expect("an entry keeps what its steps read")
    }

    /// The `T` that a step can't do without.
    #[inline(always)]
    fn need<T: 'static>(&self) -> &T
    where
        G: Produces<T>,
    {
        match self.slot::<T>().get() {
            Some(Ok(value)) => value,
            _ => not_there(),
        }
    }

    /// The `T` that a step can do without, or why it is not there.
    #[inline(always)]
    fn soft<T: 'static>(&self) -> Result<&T, &Error>
    where
        G: Produces<T>,
    {
        match self.slot::<T>().get() {
            Some(settled) => settled,
            None => not_there(),
        }
    }

    /// Whether all items of a batch have come to their `T`.
    #[inline(always)]
    fn ready_all<T: Send + Sync + 'static>(&self) -> Readiness
    where
        G: Produces<T>,
    {
        match Column::<T>::of(self.column_at(G::NODE)) {
            Some(column) if column.is_sealed() => Readiness::Ready,
            // Outside of a batch nobody makes it, and no entry that would need it compiles.
            _ => Readiness::Waiting,
        }
    }

    /// Every `T` of a batch, in the order of the items.
    #[inline(always)]
    fn all<T: Send + Sync + 'static>(&self) -> &[T]
    where
        G: Produces<T>,
    {
        let column = Column::<T>::of(self.column_at(G::NODE));
        column.expect("a batch keeps what its steps read").all()
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

/// Out of line, as it would be in the way where it does not happen.
#[cold]
#[inline(never)]
fn not_there() -> ! {
    unreachable!("a step starts when its inputs are there");
}

/// The frame of one execution, owned by its future.
pub trait Frame<G: Graph>: View<G> {
    /// The execution, of `entry`, starts now. It is called once, before anybody has a view of it. An item starts with its
    /// batch.
    #[inline(always)]
    fn start(&mut self, _entry: &'static str) {}

    /// Takes out what was written to the slot of `node`, a `T`, once no task can read it any more. At the deadline of the
    /// execution that is an error.
    fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> impl Future<Output = Option<Result<Filled<T>, Error>>> + Send;

    /// Whether a task may read the slot of `node`.
    fn may_be_read(&self, _node: usize) -> bool {
        false
    }

    /// Waits until no task may read the slot of `node`.
    fn unread(&self, _node: usize) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// The execution has all that it was asked for, and ends. `_are_own` says whether nothing but values of its own was made.
    #[inline(always)]
    fn end(&mut self, _are_own: bool)
    where
        Self: Sized,
    {
        resolved(self);
    }

    /// Takes out what was written to the slot of `node`, a `T`, where no task can ever read it.
    #[inline(always)]
    fn take_now<T: Send + Sync + 'static>(
        &mut self,
        _node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        None
    }

    /// Puts in what the caller gave.
    ///
    /// # Safety
    ///
    /// Nobody has had a view of this frame, and no other `T` was put in.
    #[inline(always)]
    unsafe fn give<T: Send + Sync + 'static>(&mut self, value: T)
    where
        G: Produces<T>,
    {
        // An entry that is given what it does not use does not compile; then there is no slot.
        if let Some(slot) = self.slot_at(G::NODE).typed::<T>() {
            // SAFETY: whoever else writes to the slots of a frame has a view of it.
            unsafe { slot.put(value) };
        }
    }
}

/// Takes the `T` that an execution resolved from where no task can keep it: from beside the frame, or from one that tasks do
/// not share. `None` where it is in one that they share.
///
/// # Errors
///
/// Where the value is shared with others and its stored form can't be decoded.
#[inline(always)]
pub fn take_now<G: Graph + Produces<T>, T: Send + Sync + 'static, F: Frame<G>>(
    frame: &mut F,
    aside: &mut impl Aside<T>,
) -> Option<Result<T, Error>> {
    let taken = aside.take().or_else(|| frame.take_now::<T>(G::NODE));
    taken.map(|taken| taken.and_then(Filled::into_value))
}

/// Takes the `T` that an execution resolved, and that its steps read too, from the frame.
///
/// It can be had when no task can read it any more. One that can is a `blocking` function that needs it and runs on past
/// its timeout; it is waited for until the deadline of the execution.
///
/// # Errors
///
/// Where the value is shared with others and its stored form can't be decoded, and at the deadline.
pub async fn take<G: Graph + Produces<T>, T: Send + Sync + 'static, F: Frame<G>>(
    frame: &mut F,
) -> Result<T, Error> {
    let taken = frame.take::<T>(G::NODE).await;
    taken
        .expect("an execution ends when its outputs are there")?
        .into_value()
}

/// Waits until no task may read the slot of `node`.
///
/// # Errors
///
/// At the deadline of the execution.
pub(crate) async fn unread_in_time<G: Graph, F: Frame<G>>(
    frame: &F,
    node: usize,
) -> Result<(), Error> {
    match frame.run().deadline() {
        None => frame.unread(node).await,
        Some(deadline) => timeout_at(deadline, frame.unread(node))
            .await
            .map_err(|_| late(frame.run()))?,
    }
    Ok(())
}

/// Notes an error that the execution is about to end with.
#[inline(always)]
pub fn noted<G: Graph, T>(frame: &impl Frame<G>, outcome: Result<T, Error>) -> Result<T, Error> {
    if let Err(error) = &outcome
        && let Some(watch) = frame.watch()
    {
        watch.note(Err(error));
    }
    outcome
}

/// Notes that the execution has all that it was asked for.
#[inline(always)]
pub fn resolved<G: Graph>(frame: &impl Frame<G>) {
    if let Some(watch) = frame.watch() {
        watch.note(Ok(()));
    }
}

/// Chooses, in a type, where the slots live.
#[derive(Debug)]
pub enum Place<const SHARED: bool> {}

/// See [`Place`].
pub trait Home {
    /// The frame.
    type Frame<'g, 'r, G: Graph + 'g, S: Slots>: Frame<G>;

    /// The frame of the execution `run`, whose slots `slots` makes in their place.
    fn open<'g, 'r, G: Graph, S: Slots>(
        graph: &'g G,
        run: Run<'r>,
        slots: impl FnOnce() -> S,
    ) -> Self::Frame<'g, 'r, G, S>;
}

/// The execution `run` of `entry` starts now. Who watches it.
#[inline(always)]
fn start(graph: &impl Graph, run: &mut Run<'_>, entry: &'static str) -> Option<Watch> {
    run.start(graph.core().default_timeout());
    // An execution that is only explained is nobody's news.
    let is_explained = || run.rehearsal().and_then(Rehearsal::explaining).is_some();
    if is_on(graph.core()) && !is_explained() {
        Watch::open(graph.core(), run.id(), entry)
    } else {
        None
    }
}
