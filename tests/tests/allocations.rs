//! An execution without `persist`, `spawn` and `blocking` does not allocate.
//!
//! A binary of its own, because it replaces the global allocator. Only what the thread of the test does is counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::task::Poll;

use docket::observe::Interest;
use docket::{Execution, Observer, StepContext, graph, step};
use docket_tests::{nodes, poll};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // A thread that is about to end has no count any more.
    let _ = ALLOCATIONS.try_with(|it| it.set(it.get() + 1));
}

// SAFETY: it hands all to the system's allocator, and counts beside it without allocating.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` allocates on this thread.
fn allocations<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATIONS.get();
    let output = work();
    (output, ALLOCATIONS.get() - before)
}

nodes!(Id, Start, A, B, C, D, E, End);

/// 1 → 5 → 1, each ready at its first poll.
mod ready {
    use super::*;

    #[step]
    async fn start(id: &Id) -> Start {
        Start(id.0)
    }
    #[step]
    async fn a(start: &Start) -> Result<A, std::fmt::Error> {
        Ok(A(start.0))
    }
    #[step]
    fn b(start: &Start) -> B {
        B(start.0)
    }
    #[step]
    async fn c(start: &Start) -> C {
        C(start.0)
    }
    #[step]
    async fn d(start: &Start) -> D {
        D(start.0)
    }
    #[step]
    async fn e(start: &Start) -> E {
        E(start.0)
    }
    #[step]
    async fn end(a: &A, b: &B, c: Option<&C>, d: &D, e: Result<&E, &docket::Error>) -> End {
        End(a.0 + b.0 + c.map_or(0, |c| c.0) + d.0 + e.map_or(0, |e| e.0))
    }

    graph! {
        pub(crate) struct Ready {
            inputs { Id }
            steps { start, a, b, c, d, e, end }
            pub(crate) async fn resolve(id: Id) -> End;
            pub(crate) async fn with_a_shared_output(id: Id) -> (End, Start);
        }
    }
}

/// More steps than are watched in one allocation.
mod long {
    use super::*;

    macro_rules! chain {
        ($($name:ident $In:ident $Out:ident)*) => {
            $(
                pub(crate) struct $Out(pub(crate) u64);

                #[step]
                pub(crate) async fn $name(before: &$In) -> $Out {
                    tokio::task::yield_now().await;
                    $Out(before.0 + 1)
                }
            )*
        };
    }

    pub(crate) struct V0(pub(crate) u64);

    #[step]
    pub(crate) async fn v0(_id: &Id) -> V0 {
        V0(0)
    }

    chain! {
        v1 V0 V1
        v2 V1 V2
        v3 V2 V3
        v4 V3 V4
        v5 V4 V5
        v6 V5 V6
        v7 V6 V7
        v8 V7 V8
        v9 V8 V9
        v10 V9 V10
        v11 V10 V11
        v12 V11 V12
        v13 V12 V13
    }

    graph! {
        pub(crate) struct Long {
            inputs { Id }
            steps { v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13 }
            pub(crate) async fn resolve(id: Id) -> V13;
        }
    }
}

/// 1 → 5 → 1, each yielding three times.
mod yielding {
    use super::*;

    async fn yield_three_times() {
        for _ in 0..3 {
            let mut yielded = false;
            std::future::poll_fn(|cx| {
                if yielded {
                    return Poll::Ready(());
                }
                yielded = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
    }

    #[step]
    async fn start(id: &Id) -> Start {
        yield_three_times().await;
        Start(id.0)
    }
    #[step]
    async fn a(start: &Start) -> Result<A, std::fmt::Error> {
        yield_three_times().await;
        Ok(A(start.0))
    }
    #[step]
    async fn b(start: &Start) -> B {
        yield_three_times().await;
        B(start.0)
    }
    #[step]
    async fn c(start: &Start) -> C {
        yield_three_times().await;
        C(start.0)
    }
    #[step]
    async fn d(start: &Start) -> D {
        yield_three_times().await;
        D(start.0)
    }
    #[step]
    async fn e(start: &Start) -> E {
        yield_three_times().await;
        E(start.0)
    }
    #[step]
    async fn end(a: &A, b: &B, c: Option<&C>, d: &D, e: Result<&E, &docket::Error>) -> End {
        yield_three_times().await;
        End(a.0 + b.0 + c.map_or(0, |c| c.0) + d.0 + e.map_or(0, |e| e.0))
    }

    graph! {
        pub(crate) struct Yielding {
            inputs { Id }
            steps { start, a, b, c, d, e, end }
            pub(crate) async fn resolve(id: Id) -> End;
        }
    }
}

/// With options and a context, all goes well at the first attempt.
mod managed {
    use super::*;

    fn stand_in() -> B {
        B(0)
    }

    fn always(_error: &std::fmt::Error) -> bool {
        true
    }

    #[step]
    async fn a(id: &Id, ctx: &StepContext) -> A {
        A(id.0 + ctx.attempt() + ctx.execution_id().len() as u32)
    }
    #[step(retry(attempts = 3, jitter), retry_if = always, fallback = stand_in, max_concurrency = 2)]
    async fn b(a: &A) -> Result<B, std::fmt::Error> {
        Ok(B(a.0))
    }

    graph! {
        pub(crate) struct Managed {
            inputs { Id }
            steps { a, b }
            pub(crate) async fn resolve(id: Id) -> B;
        }
    }
}

/// Runs `execution` twice and counts in the second, when all that is made once has been made.
fn counted<T, F: Future<Output = docket::Result<T>>>(execution: impl Fn() -> F) -> (T, usize) {
    poll::to_the_end(execution(), 100).0.unwrap();
    let ((output, _polls), count) = allocations(|| poll::to_the_end(execution(), 100));
    (output.unwrap(), count)
}

/// An id that does not live for ever.
fn with_id<T>(work: impl FnOnce(&str) -> T) -> T {
    let owned = String::from("request-123");
    work(&owned[..])
}

#[test]
fn the_counter_counts() {
    let (_, count) = allocations(|| std::hint::black_box(Box::new(7)));
    assert_eq!(count, 1);
}

#[test]
fn steps_that_are_ready_at_their_first_poll_do_not_allocate() {
    let graph = ready::Ready::builder().build();
    let (end, count) = with_id(|id| counted(|| graph.resolve(id, Id(1))));
    assert_eq!((end, count), (End(5), 0));
    let (output, count) = with_id(|id| counted(|| graph.with_a_shared_output(id, Id(1))));
    assert_eq!((output, count), ((End(5), Start(1)), 0));
}

/// Is told of executions, or of steps.
struct Watching(Interest);

impl Observer for Watching {
    fn interest(&self) -> Interest {
        self.0
    }
}

#[test]
fn observers_allocate_nothing_where_they_want_nothing_and_once_where_steps_are_ready() {
    for (observer, expected) in [
        (None, 0),
        (Some(Watching(Interest::NONE)), 0),
        (Some(Watching(Interest::EXECUTIONS)), 1),
        (Some(Watching(Interest::STEPS)), 1),
        (Some(Watching(Interest::STEPS | Interest::TIMES)), 1),
        (Some(Watching(Interest::ALL)), 1),
    ] {
        let graph = ready::Ready::builder()
            .observer(())
            .observer(observer)
            .build();
        let (end, count) = with_id(|id| counted(|| graph.resolve(id, Id(1))));
        assert_eq!((end, count), (End(5), expected));
    }
}

#[test]
fn observers_allocate_once_more_where_steps_of_a_graph_of_many_suspend() {
    for interest in [Interest::STEPS, Interest::ALL] {
        let graph = yielding::Yielding::builder()
            .observer(Watching(interest))
            .build();
        let (end, count) = with_id(|id| counted(|| graph.resolve(id, Id(1))));
        assert_eq!((end, count), (End(5), 1));
        let graph = long::Long::builder().observer(Watching(interest)).build();
        let (end, count) = with_id(|id| counted(|| graph.resolve(id, Id(1))));
        assert_eq!((end.0, count), (13, 2));
    }
}

#[test]
fn steps_that_yield_three_times_do_not_allocate() {
    let graph = yielding::Yielding::builder().build();
    let (end, count) = with_id(|id| counted(|| graph.resolve(id, Id(1))));
    assert_eq!((end, count), (End(5), 0));
}

#[test]
fn an_execution_that_is_dropped_in_the_middle_does_not_allocate() {
    let graph = yielding::Yielding::builder().build();
    with_id(|id| {
        let ((), count) = allocations(|| {
            let mut future = pin!(graph.resolve(id, Id(1)));
            for _ in 0..5 {
                assert!(poll::once(future.as_mut()).is_pending());
            }
        });
        assert_eq!(count, 0);
    });
}

#[test]
fn an_owned_id_is_moved_and_not_copied() {
    let graph = ready::Ready::builder().build();
    let id = String::from("an id that was made before");
    let (output, count) =
        allocations(|| poll::to_the_end(graph.resolve(Execution::new(id), Id(1)), 1).0);
    assert_eq!((output.unwrap(), count), (End(5), 0));
}

/// Where a step has options or asks for its context, there is nothing to allocate either, as long as all goes well.
#[test]
fn options_and_a_context_do_not_allocate() {
    let graph = managed::Managed::builder().build();
    let (b, count) = with_id(|id| counted(|| graph.resolve(id, Id(1))));
    assert_eq!((b, count), (B(1 + 1 + 11), 0));
}

#[test]
fn cloning_a_graph_does_not_allocate() {
    let graph = ready::Ready::builder().build();
    let (clone, count) = allocations(|| graph.clone());
    drop(clone);
    assert_eq!(count, 0);
}

/// For its timer, and only if it has to wait.
#[tokio::test]
async fn an_execution_with_a_deadline_allocates_once_if_it_waits() {
    let execution = || Execution::new("x").timeout(std::time::Duration::from_secs(5));
    let waits = yielding::Yielding::builder().build();
    let is_ready = ready::Ready::builder().build();
    waits.resolve(execution(), Id(1)).await.unwrap();
    is_ready.resolve(execution(), Id(1)).await.unwrap();
    let before = ALLOCATIONS.get();
    waits.resolve(execution(), Id(1)).await.unwrap();
    assert_eq!(ALLOCATIONS.get() - before, 1);
    is_ready.resolve(execution(), Id(1)).await.unwrap();
    assert_eq!(ALLOCATIONS.get() - before, 1);
}

/// Of each item, of all, and of each again.
mod batch {
    use super::*;

    #[step]
    async fn a(id: &Id) -> A {
        A(id.0)
    }
    #[step]
    fn b(all: &[A]) -> B {
        B(all.iter().map(|it| it.0).sum())
    }
    #[step]
    async fn c(a: &A, b: &B) -> C {
        C(a.0 + b.0)
    }

    graph! {
        pub(crate) struct Batch {
            inputs { Id }
            steps { a, b, c }
            pub(crate) async fn resolve(ids: [Id]) -> [C];
            pub(crate) fn stream(ids: [Id]) -> impl Stream<Item = docket::Result<A>>;
        }
    }
}

#[test]
fn a_batch_allocates_for_its_columns_and_places_and_not_for_its_items() {
    let graph = batch::Batch::builder().build();
    let [few, many] = [10, 10_000].map(|n| {
        let ids: Vec<Id> = (0..n).map(Id).collect();
        let (made, n_allocations) =
            allocations(|| poll::to_the_end(graph.resolve("x", ids), 1_000).0.unwrap());
        assert_eq!(made.len(), n as usize);
        n_allocations
    });
    assert_eq!(few, many);
    assert!(few < 20, "{few}");
}

#[test]
fn a_stream_allocates_for_its_places_and_not_for_its_items() {
    let graph = batch::Batch::builder().build();
    let [few, many] = [10, 10_000].map(|n| {
        let ((), n_allocations) = allocations(|| {
            let execution = Execution::new("x").max_concurrency(4);
            let mut stream = graph.stream(execution, (0..n).map(Id));
            for i in 0..n {
                let (item, _) = poll::to_the_end(stream.next(), 10);
                assert_eq!(item.unwrap().unwrap(), A(i));
            }
            assert!(poll::to_the_end(stream.next(), 10).0.is_none());
        });
        n_allocations
    });
    assert_eq!(few, many);
    assert!(few < 25, "{few}");
}
