//! Where the slots of one execution live: on the caller's stack, or, where steps outlive a poll of the caller, in one
//! `Arc` that their tasks share.

use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::timeout_at;

use super::drive::late;
use super::slots::typed;
use super::watch::is_on;
use super::{Execution, Filled, Readiness, Run, Slot, Slots, Watch};
use crate::batch::Column;
use crate::bulk::AnyDesk;
use crate::error::Error;
use crate::graph::{Graph, Produces, Provides};
use crate::observe::{Asker, RunId};
use crate::plan::Need;
use crate::rehearsal::Rehearsal;

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
        self.slot_at(node)
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

    /// One for a task, which reads `needs` and nothing else.
    fn owned(&self, needs: &'static [Need]) -> Self::Owned;

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
    /// Takes out what was written to the slot of `node`, a `T`, once no task can read it any more.
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

    /// Puts in what the caller gave.
    #[inline(always)]
    fn give<T: Send + Sync + 'static>(&mut self, value: T)
    where
        G: Produces<T>,
    {
        // An entry that is given what it does not use does not compile; then there is no slot.
        if let Some(slot) = typed::<T>(self.slot_at(G::NODE)) {
            // SAFETY: but for this, only drivers write to the slots of a frame, and they borrow it, which is borrowed
            // mutably here.
            unsafe { slot.set(Ok(Filled::Own(value))) };
        }
    }
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
    let deadline = frame.run().deadline();
    let taken = frame.take::<T>(G::NODE);
    let taken = match deadline {
        None => taken.await,
        Some(deadline) => match timeout_at(deadline, taken).await {
            Ok(taken) => taken,
            Err(_) => return Err(late(frame.run())),
        },
    };
    taken
        .expect("an execution ends when its outputs are there")?
        .into_value()
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
    type Frame<'a, G: Graph, S: Slots>: Frame<G>;

    /// Begins an execution of `entry`, whose slots `slots` makes in their place.
    fn open<'a, G: Graph, S: Slots>(
        graph: &'a G,
        execution: Execution<'a>,
        entry: &'static str,
        slots: impl FnOnce() -> S,
    ) -> Self::Frame<'a, G, S>;
}

impl Home for Place<false> {
    type Frame<'a, G: Graph, S: Slots> = Local<'a, G, S>;

    #[inline]
    fn open<'a, G: Graph, S: Slots>(
        graph: &'a G,
        execution: Execution<'a>,
        entry: &'static str,
        slots: impl FnOnce() -> S,
    ) -> Local<'a, G, S> {
        // What may have to be dropped in a panic, the compiler puts down somewhere before it comes to its place, and that is
        // felt. So where a subscriber of `tracing` panics, the id is leaked.
        let run = ManuallyDrop::new(execution.into_run(graph.core().default_timeout()));
        Local {
            graph,
            watch: watch(graph, &run, entry),
            run: ManuallyDrop::into_inner(run),
            // Last, so that nothing can panic while they are on their way to their place: they are not copied then.
            slots: slots(),
        }
    }
}

impl Home for Place<true> {
    type Frame<'a, G: Graph, S: Slots> = Shared<G, S>;

    fn open<'a, G: Graph, S: Slots>(
        graph: &'a G,
        execution: Execution<'a>,
        entry: &'static str,
        slots: impl FnOnce() -> S,
    ) -> Shared<G, S> {
        let run = execution
            .into_run(graph.core().default_timeout())
            .into_owned();
        Shared {
            inner: Arc::new(SharedInner {
                graph: graph.clone(),
                watch: watch(graph, &run, entry),
                run,
                slots: slots(),
                readers: Mutex::default(),
            }),
            left: Arc::new(Notify::new()),
        }
    }
}

/// Who watches a new execution.
#[inline(always)]
fn watch(graph: &impl Graph, run: &Run<'_>, entry: &'static str) -> Option<Watch> {
    // An execution that is only explained is nobody's news.
    let is_explained = || run.rehearsal().and_then(Rehearsal::explaining).is_some();
    if is_on(graph.core()) && !is_explained() {
        // Only the id, not where the run is: so it need not be put down anywhere before it comes to its place in the frame.
        Watch::open(graph.core(), run.id(), entry)
    } else {
        None
    }
}

/// A frame inside the caller's future.
pub struct Local<'a, G, S> {
    graph: &'a G,
    /// Its drop tells the end of the execution.
    watch: Option<Watch>,
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

impl<G: Graph, S: Slots> Frame<G> for Local<'_, G, S> {
    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        let slot = typed::<T>(self.slots.slot(node))?;
        // SAFETY: references to the values of a local frame are borrowed from it, and it is borrowed mutably.
        unsafe { slot.take_unread() }
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

    fn watch(&self) -> Option<&Watch> {
        match *self {}
    }

    fn owned(&self, _needs: &'static [Need]) -> Never {
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
    watch: Option<Watch>,
    run: Run<'static>,
    slots: S,
    /// What each view that is alive may read.
    readers: Mutex<Vec<&'static [Need]>>,
}

impl<G, S> SharedInner<G, S> {
    fn readers(&self) -> MutexGuard<'_, Vec<&'static [Need]>> {
        // Nothing that can panic happens while it is held.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_be_read(&self, node: usize) -> bool {
        self.readers()
            .iter()
            .any(|needs| needs.iter().any(|need| need.node == node))
    }
}

impl<G: Graph, S: Slots> View<G> for Shared<G, S> {
    type Owned = Owned<G, S>;

    fn graph(&self) -> &G {
        &self.inner.graph
    }

    fn slot_at(&self, node: usize) -> &dyn std::any::Any {
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
        Owned::new(Arc::clone(&self.inner), Arc::clone(&self.left), needs)
    }
}

impl<G: Graph, S: Slots> Frame<G> for Shared<G, S> {
    fn may_be_read(&self, node: usize) -> bool {
        self.inner.may_be_read(node)
    }

    async fn unread(&self, node: usize) {
        while self.inner.may_be_read(node) {
            self.left.notified().await;
        }
    }

    async fn take<T: Send + Sync + 'static>(
        &mut self,
        node: usize,
    ) -> Option<Result<Filled<T>, Error>> {
        self.unread(node).await;
        let slot = typed::<T>(self.inner.slots.slot(node))?;
        // SAFETY: references to the values of a shared frame are borrowed from it, and it is borrowed mutably, or from an
        // `Owned` that may read this slot. There is none, and none can be made: a view of a task comes from the frame, or
        // from another view with the same needs.
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
    left: Arc<Notify>,
    needs: &'static [Need],
}

impl<G, S> Owned<G, S> {
    fn new(inner: Arc<SharedInner<G, S>>, left: Arc<Notify>, needs: &'static [Need]) -> Self {
        inner.readers().push(needs);
        Self { inner, left, needs }
    }
}

impl<G: Graph, S: Slots> View<G> for Owned<G, S> {
    type Owned = Self;

    fn graph(&self) -> &G {
        &self.inner.graph
    }

    fn slot_at(&self, node: usize) -> &dyn std::any::Any {
        // What a task may not read may have been taken out.
        assert!(
            self.needs.iter().any(|need| need.node == node),
            "a step reads what it says it needs"
        );
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

    fn owned(&self, _needs: &'static [Need]) -> Self {
        self.clone()
    }
}

impl<G, S> Clone for Owned<G, S> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.inner), Arc::clone(&self.left), self.needs)
    }
}

impl<G, S> Drop for Owned<G, S> {
    fn drop(&mut self) {
        let mut readers = self.inner.readers();
        let own = readers
            .iter()
            .position(|needs| std::ptr::eq(*needs, self.needs));
        readers.swap_remove(own.expect("it was put in when the view was made"));
        drop(readers);
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

#[cfg(test)]
mod tests {
    use std::any::Any;
    use std::thread;

    use super::super::Empty;
    use super::*;
    use crate::runtime::{Core, CoreBuilder};

    #[derive(Clone)]
    struct Texts(Arc<Core>);

    impl Graph for Texts {
        fn core(&self) -> &Core {
            &self.0
        }
    }

    impl Produces<String> for Texts {
        const NODE: usize = 0;
    }

    struct One(Slot<String>);

    // SAFETY: there is one slot.
    unsafe impl Slots for One {
        fn slot(&self, _node: usize) -> &dyn Any {
            &self.0
        }
    }

    impl Empty for One {
        fn empty() -> Self {
            Self(Slot::empty())
        }
    }

    const READS: &[Need] = &[Need {
        node: 0,
        soft: false,
        all: false,
        bulk: false,
    }];

    fn texts() -> Texts {
        Texts(Arc::new(CoreBuilder::default().build(&[], &[])))
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    fn text(taken: Option<Result<Filled<String>, Error>>) -> String {
        taken.unwrap().unwrap().into_value().unwrap()
    }

    #[test]
    fn a_value_is_taken_when_the_tasks_that_read_it_have_ended() {
        let graph = texts();
        let mut frame =
            Place::<true>::open::<_, One>(&graph, Execution::new("x"), "Texts::x", Empty::empty);
        frame.give(String::from("a"));
        let view: Owned<_, _> = frame.owned(READS);
        let reader = thread::spawn(move || {
            let also = view.clone();
            drop(view);
            also.need::<String>().len()
        });
        assert_eq!(text(block_on(frame.take(0))), "a");
        assert_eq!(reader.join().unwrap(), 1);
    }

    #[test]
    fn a_task_that_reads_something_else_is_not_waited_for() {
        let graph = texts();
        let mut frame =
            Place::<true>::open::<_, One>(&graph, Execution::new("x"), "Texts::x", Empty::empty);
        frame.give(String::from("a"));
        let view: Owned<_, _> = frame.owned(&[]);
        assert_eq!(text(block_on(frame.take(0))), "a");
        drop(frame);
        drop(view);
    }

    #[test]
    #[should_panic(expected = "a step reads what it says it needs")]
    fn a_task_can_not_read_what_it_does_not_need() {
        let graph = texts();
        let mut frame =
            Place::<true>::open::<_, One>(&graph, Execution::new("x"), "Texts::x", Empty::empty);
        frame.give(String::from("a"));
        frame.owned(&[]).slot::<String>();
    }

    #[test]
    fn a_local_frame_gives_its_values_back() {
        let graph = texts();
        let mut frame =
            Place::<false>::open::<_, One>(&graph, Execution::new("x"), "Texts::x", Empty::empty);
        frame.give(String::from("a"));
        assert_eq!(frame.need::<String>(), "a");
        assert_eq!(text(block_on(frame.take(0))), "a");
    }
}
