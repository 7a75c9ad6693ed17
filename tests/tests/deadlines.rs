//! An execution ends at its deadline, done or not.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use docket::{ErrorKind, Execution, StepContext, graph, step};
use docket_tests::{Log, hang, ms, nodes};
use tokio::time::{Instant, advance, sleep};

nodes!(Id, A, B, C, D, E, F, G, H);

#[step]
async fn hangs(_id: &Id, #[resource] log: &Log) -> A {
    log.push("hangs");
    hang(log, "hangs").await
}

#[step(spawn)]
async fn task_hangs(_id: &Id, #[resource] log: &Log) -> B {
    log.push("task_hangs");
    hang(log, "task_hangs").await
}

#[step]
fn tells_its_deadline(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> C {
    match ctx.deadline() {
        Some(deadline) => log.push(format!("{:?} left", deadline - Instant::now())),
        None => log.push("no deadline"),
    }
    C(1)
}

/// Time goes by while it runs, and nobody gets to see the timer: as when a thread is held up.
#[step]
async fn takes_the_clock_ahead(_id: &Id, #[resource] log: &Log) -> D {
    log.push("takes_the_clock_ahead");
    advance(ms(100)).await;
    D(1)
}

#[step]
fn comes_after(_d: &D, #[resource] log: &Log) -> E {
    log.push("comes_after");
    E(1)
}

/// The same, in one poll.
#[step]
async fn holds_the_thread(_id: &Id, #[resource] log: &Log) -> G {
    log.push("holds_the_thread");
    let mut advance = pin!(advance(ms(100)));
    poll_fn(|cx| {
        assert!(advance.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    G(1)
}

#[step]
fn comes_next(_g: &G, #[resource] log: &Log) -> H {
    log.push("comes_next");
    H(1)
}

#[step]
fn at_once(_id: &Id) -> F {
    F(1)
}

graph! {
    struct Deadlines {
        inputs { Id }
        resources { Log }
        steps {
            hangs, task_hangs, tells_its_deadline, takes_the_clock_ahead, comes_after,
            holds_the_thread, comes_next, at_once,
        }
        async fn hangs(id: Id) -> A;
        async fn task_hangs(id: Id) -> B;
        async fn tells_its_deadline(id: Id) -> C;
        async fn comes_after(id: Id) -> E;
        async fn comes_next(id: Id) -> H;
        async fn at_once(id: Id) -> F;
    }
}

fn graph() -> (Deadlines, Log) {
    let log = Log::new();
    (Deadlines::builder().log(log.clone()).build(), log)
}

fn graph_with_default(millis: u64) -> (Deadlines, Log) {
    let log = Log::new();
    (
        Deadlines::builder()
            .log(log.clone())
            .default_timeout(ms(millis))
            .build(),
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn an_execution_ends_at_its_deadline() {
    let (graph, log) = graph();
    let deadline = Instant::now() + ms(20);
    let error = graph
        .hangs(Execution::new("x").deadline(deadline), Id(0))
        .await
        .unwrap_err();
    assert_eq!(log.elapsed_ms(), 20);
    assert_eq!(
        (error.kind(), error.step(), error.execution_id()),
        (ErrorKind::DeadlineExceeded, None, "x")
    );
    assert_eq!(error.to_string(), "the deadline of the execution passed");
    assert_eq!(log.lines(), ["hangs", "hangs dropped"]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_may_be_an_instant_of_the_standard_library() {
    let (graph, log) = graph();
    let deadline = (Instant::now() + ms(20)).into_std();
    graph
        .hangs(Execution::new("x").deadline(deadline), Id(0))
        .await
        .unwrap_err();
    assert_eq!(log.elapsed_ms(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_a_deadline_so_long_from_now() {
    let (graph, log) = graph();
    let execution = Execution::new("x").timeout(ms(20));
    sleep(ms(5)).await;
    graph.hangs(execution, Id(0)).await.unwrap_err();
    assert_eq!(log.elapsed_ms(), 20);
}

#[tokio::test(start_paused = true)]
async fn the_default_timeout_counts_from_the_first_poll_of_each_execution() {
    let (graph, log) = graph_with_default(20);
    for n in 1..=3 {
        let error = graph.hangs("x", Id(0)).await.unwrap_err();
        assert_eq!(
            (error.kind(), log.elapsed_ms()),
            (ErrorKind::DeadlineExceeded, 20 * n)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_deadline_and_the_default_timeout_the_earlier_counts() {
    let (graph, log) = graph_with_default(20);
    graph
        .hangs(Execution::new("x").timeout(ms(5)), Id(0))
        .await
        .unwrap_err();
    assert_eq!(log.elapsed_ms(), 5);
    graph
        .hangs(Execution::new("x").timeout(ms(1_000)), Id(0))
        .await
        .unwrap_err();
    assert_eq!(log.elapsed_ms(), 25);
}

#[tokio::test(start_paused = true)]
async fn a_task_is_gone_at_the_deadline_too() {
    let (graph, log) = graph();
    graph
        .task_hangs(Execution::new("x").timeout(ms(20)), Id(0))
        .await
        .unwrap_err();
    tokio::task::yield_now().await;
    assert_eq!(log.lines(), ["task_hangs", "task_hangs dropped"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_when_the_deadline_has_passed_already() {
    let (graph, log) = graph();
    sleep(ms(10)).await;
    let passed = Instant::now() - ms(1);
    for execution in [
        Execution::new("x").deadline(passed),
        Execution::new("x").deadline(Instant::now()),
    ] {
        let error = graph.hangs(execution, Id(0)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    }
    let error = graph
        .at_once(Execution::new("x").deadline(passed), Id(0))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.lines(), [""; 0]);
    assert_eq!(log.elapsed_ms(), 10);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_a_deadline_that_passed_while_nobody_looked() {
    let (graph, log) = graph();
    let error = graph
        .comes_after(Execution::new("x").timeout(ms(50)), Id(0))
        .await
        .map_err(|error| error.kind());
    assert_eq!(log.lines(), ["takes_the_clock_ahead"]);
    assert_eq!(error, Err(ErrorKind::DeadlineExceeded));
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_behind_a_step_that_held_the_thread_beyond_the_deadline() {
    for (millis, ran) in [
        (99, &["holds_the_thread"][..]),
        (100, &["holds_the_thread"]),
        (101, &["holds_the_thread", "comes_next"]),
    ] {
        let (graph, log) = graph();
        let made = graph
            .comes_next(Execution::new("x").timeout(ms(millis)), Id(0))
            .await;
        assert_eq!(log.lines(), ran, "{millis} ms");
        let is_late = made.is_err_and(|error| error.kind() == ErrorKind::DeadlineExceeded);
        assert_eq!(is_late, ran.len() == 1, "{millis} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_can_ask_for_the_deadline() {
    let (graph, log) = graph();
    graph.tells_its_deadline("x", Id(0)).await.unwrap();
    graph
        .tells_its_deadline(Execution::new("x").timeout(ms(20)), Id(0))
        .await
        .unwrap();
    assert_eq!(log.lines(), ["no deadline", "20ms left"]);
    let (graph, log) = graph_with_default(30);
    graph
        .tells_its_deadline(Execution::new("x").timeout(ms(40)), Id(0))
        .await
        .unwrap();
    assert_eq!(log.lines(), ["30ms left"]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_beyond_the_end_of_time_is_none() {
    let (graph, log) = graph();
    graph
        .tells_its_deadline(Execution::new("x").timeout(std::time::Duration::MAX), Id(0))
        .await
        .unwrap();
    assert_eq!(log.lines(), ["no deadline"]);
}
