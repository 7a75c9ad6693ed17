//! Deadlines, and consumers that go away.

use std::time::Duration;

use docket::{ErrorKind, Execution, graph, step};
use docket_tests::{Log, Tell, ms, nodes};
use futures_util::StreamExt as _;
use tokio::time::{sleep, timeout};

nodes!(Id, Shared, Worked);

#[step]
async fn shared(#[resource] log: &Log) -> Shared {
    log.work("shared", 5).await;
    Shared(1)
}

#[step]
async fn work(id: &Id, shared: &Shared, #[resource] log: &Log) -> Worked {
    log.work(&format!("work {}", id.0), u64::from(id.0)).await;
    Worked(shared.0 + id.0)
}

graph! {
    struct Works {
        inputs { Id }
        resources { Log }
        steps { shared, work }
        fn worked(ids: [Id]) -> impl Stream<Item = docket::Result<Worked>>;
    }
}

fn works() -> (Works, Log) {
    let log = Log::new();
    (Works::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn dropping_it_cancels_what_is_in_flight() {
    let (graph, log) = works();
    let execution = Execution::new("x").max_concurrency(2);
    let mut worked = graph.worked(execution, [1, 100, 100, 100].map(Id));
    assert_eq!(worked.next().await.unwrap().unwrap(), Worked(2));
    // The next two are in flight.
    assert!(timeout(ms(50), worked.next()).await.is_err());
    drop(worked);
    assert_eq!(
        (log.count("work 100"), log.count("work 100 dropped")),
        (2, 2)
    );
    log.take();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_waiting_for_the_next_is_given_up() {
    let (graph, _) = works();
    let mut worked = graph.worked("x", [10, 20, 30].map(Id));
    let mut seen = Vec::new();
    loop {
        match timeout(ms(3), worked.next()).await {
            Ok(Some(item)) => seen.push(item.unwrap().0),
            Ok(None) => break,
            Err(_) => {}
        }
    }
    assert_eq!(seen, [11, 21, 31]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_that_of_the_whole_stream() {
    let (graph, log) = works();
    let execution = Execution::new("x").timeout(ms(50));
    let mut worked = graph.worked(execution, [1, 100, 20].map(Id));
    assert_eq!(worked.next().await.unwrap().unwrap(), Worked(2));
    assert_eq!(worked.next().await.unwrap().unwrap(), Worked(21));
    let error = worked.next().await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.execution_id()),
        (ErrorKind::DeadlineExceeded, "x")
    );
    assert_eq!((log.elapsed_ms(), log.count("work 100 dropped")), (50, 1));
    assert!(worked.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_default_timeout_begins_with_the_first_poll() {
    let log = Log::new();
    let graph = Works::builder()
        .log(log.clone())
        .default_timeout(ms(12))
        .build();
    let mut worked = graph.worked("x", [Id(5), Id(100)]);
    sleep(ms(1_000)).await;
    assert_eq!(worked.next().await.unwrap().unwrap(), Worked(6));
    let error = worked.next().await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), log.elapsed_ms()),
        (ErrorKind::DeadlineExceeded, 1_012)
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_done_in_time_is_handed_out_after_the_deadline_of_a_slow_consumer() {
    let (graph, log) = works();
    let execution = Execution::new("x").timeout(ms(50));
    let mut worked = graph.worked(execution, [10, 10, 100].map(Id));
    assert_eq!(worked.next().await.unwrap().unwrap(), Worked(11));
    sleep(ms(100)).await;
    assert_eq!(worked.next().await.unwrap().unwrap(), Worked(11));
    let error = worked.next().await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), log.elapsed_ms()),
        (ErrorKind::DeadlineExceeded, 115)
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_the_deadline() {
    let (graph, log) = works();
    let execution = Execution::new("x").timeout(Duration::ZERO);
    let all: Vec<_> = graph.worked(execution, [Id(1)]).collect().await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        all[0].as_ref().unwrap_err().kind(),
        ErrorKind::DeadlineExceeded
    );
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_each_step_of_each_item_once() {
    let (log, told) = (Log::new(), Log::new());
    let graph = Works::builder()
        .log(log)
        .observer(Tell(told.clone()))
        .build();
    assert_eq!(graph.worked("x", [1, 2].map(Id)).count().await, 2);
    let starts = |step: &str| told.count(&format!("{step} started"));
    assert_eq!((starts("shared"), starts("work")), (1, 2));
}
