//! Deadlines, and callers that go away.

use std::time::Duration;

use docket::{ErrorKind, Execution, graph, step};
use docket_tests::{Log, Tell, ms, nodes};
use tokio::time::timeout;

nodes!(Id, Shared, Worked, Sum);

#[step]
async fn shared(#[resource] log: &Log) -> Shared {
    log.work("shared", 5).await;
    Shared(1)
}

#[step]
async fn work(id: &Id, shared: &Shared, #[resource] log: &Log) -> Worked {
    log.work(&format!("work {}", id.0), u64::from(id.0)).await;
    Worked(shared.0)
}

#[step]
async fn sum(all: &[Worked], #[resource] log: &Log) -> Sum {
    log.work("sum", 10).await;
    Sum(all.iter().map(|it| it.0).sum())
}

graph! {
    struct Works {
        inputs { Id }
        resources { Log }
        steps { shared, work, sum }
        async fn worked(ids: [Id]) -> [docket::Result<Worked>];
        async fn summed(ids: [Id]) -> Sum;
    }
}

fn works() -> (Works, Log) {
    let log = Log::new();
    (Works::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn cancellation_leaves_nothing_running() {
    let (graph, log) = works();
    let batch = graph.worked(
        Execution::new("x").max_concurrency(3),
        [1, 100, 100, 100].map(Id),
    );
    assert!(timeout(ms(50), batch).await.is_err());
    let mut lines = log.take();
    lines.sort();
    assert_eq!(
        lines,
        [
            "shared",
            "shared done",
            "work 1",
            "work 1 done",
            "work 100",
            "work 100",
            "work 100",
            "work 100 dropped",
            "work 100 dropped",
            "work 100 dropped",
        ]
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_that_of_the_whole_batch() {
    let (graph, log) = works();
    let execution = Execution::new("x").timeout(ms(50));
    let error = graph.worked(execution, [1, 100].map(Id)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.elapsed_ms(), 50);
    assert_eq!(log.count("work 100 dropped"), 1);
}

#[tokio::test(start_paused = true)]
async fn the_default_timeout_is_that_of_the_whole_batch() {
    let log = Log::new();
    let graph = Works::builder()
        .log(log.clone())
        .default_timeout(ms(12))
        .build();
    let error = graph.summed("x", [1, 2].map(Id)).await.unwrap_err();
    assert_eq!(
        (error.kind(), log.elapsed_ms()),
        (ErrorKind::DeadlineExceeded, 12)
    );
    assert_eq!(log.count("sum dropped"), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_the_deadline() {
    let (graph, log) = works();
    let execution = Execution::new("x").timeout(Duration::ZERO);
    let error = graph.worked(execution, [1].map(Id)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_each_step_of_each_item_once() {
    let (log, told) = (Log::new(), Log::new());
    let graph = Works::builder()
        .log(log)
        .observer(Tell(told.clone()))
        .build();
    graph.summed("x", [1, 2].map(Id)).await.unwrap();
    let starts = |step: &str| told.count(&format!("{step} started"));
    assert_eq!((starts("shared"), starts("work"), starts("sum")), (1, 2, 1));
    assert_eq!(told.lines().len(), 8);
}
