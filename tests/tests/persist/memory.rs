//! What a paused clock and a store in memory show.

use docket::{
    Error, ErrorKind, Execution, MemoryStore, Repeat, Retry, StepContext, StepOptions, graph, step,
};
use docket_tests::stores::Hindered;
use docket_tests::{Log, Oops, Tell, hang, ms};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

macro_rules! values {
    ($($name:ident),+ $(,)?) => {
        $(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
            pub(crate) struct $name(u32);
        )+
    };
}

values!(
    Id,
    Short,
    Forever,
    ShortFailure,
    Slow,
    Free,
    Keyed,
    Never,
    Hanging,
    HangingSoft
);

#[derive(Debug, PartialEq)]
pub(crate) struct Page(u32);

#[step(persist = "global", ttl = "10s")]
async fn short(id: &Id, #[resource] log: &Log) -> Short {
    log.stamp("short");
    Short(id.0)
}

#[step(persist = "global")]
async fn forever(id: &Id, #[resource] log: &Log) -> Forever {
    log.stamp("forever");
    Forever(id.0)
}

#[step(persist = "global", repeat = "never", ttl = "10s")]
async fn short_failure(_id: &Id, #[resource] log: &Log) -> Result<ShortFailure, Oops> {
    log.stamp("short_failure");
    Err(Oops("down"))
}

/// Longer than the lease.
#[step(persist = "global", repeat = "never")]
async fn slow(id: &Id, #[resource] log: &Log) -> Slow {
    log.stamp("slow");
    sleep(ms(100_000)).await;
    Slow(id.0)
}

#[step(persist = "global", repeat = "free")]
async fn free(id: &Id, #[resource] log: &Log) -> Free {
    log.push("free");
    Free(id.0)
}

#[step(persist = "global")]
async fn keyed(id: &Id, #[resource] log: &Log) -> Keyed {
    log.push("keyed");
    Keyed(id.0)
}

#[step(persist = "global", repeat = "never")]
async fn never(id: &Id, #[resource] log: &Log) -> Never {
    log.push("never");
    Never(id.0)
}

fn stand_in() -> Hanging {
    Hanging(0)
}

#[step(persist = "global", fallback = stand_in)]
async fn hanging(_id: &Id, #[resource] log: &Log) -> Hanging {
    log.push("hanging");
    hang(log, "hanging").await
}

#[step(persist = "global")]
async fn hanging_soft(_id: &Id, #[resource] log: &Log) -> HangingSoft {
    log.push("hanging_soft");
    hang(log, "hanging_soft").await
}

#[step]
fn page(hanging: Option<&HangingSoft>, #[resource] log: &Log, ctx: &StepContext) -> Page {
    log.push(format!("page in {}", ctx.execution_id()));
    Page(hanging.map_or(0, |it| it.0))
}

graph! {
    struct Timed {
        inputs { Id }
        resources { Log }
        steps { short, forever, short_failure, slow, free, keyed, never, hanging, hanging_soft, page }
        async fn short(id: Id) -> Short;
        async fn forever(id: Id) -> Forever;
        async fn short_failure(id: Id) -> ShortFailure;
        async fn slow(id: Id) -> Slow;
        async fn free(id: Id) -> Free;
        async fn keyed(id: Id) -> Keyed;
        async fn never(id: Id) -> Never;
        async fn hanging(id: Id) -> Hanging;
        async fn page(id: Id) -> Page;
    }
}

fn graph() -> (Timed, Log) {
    let log = Log::new();
    (
        Timed::builder()
            .log(log.clone())
            .store(MemoryStore::new())
            .build(),
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn a_result_counts_for_its_ttl_and_without_one_for_ever() {
    let (graph, log) = graph();
    for _ in 0..5 {
        graph.short("x", Id(1)).await.unwrap();
        graph.forever("x", Id(1)).await.unwrap();
        sleep(ms(4_000)).await;
    }
    assert_eq!(
        log.lines(),
        ["0ms: short", "0ms: forever", "12000ms: short"]
    );
    sleep(ms(1_000_000_000)).await;
    graph.forever("x", Id(1)).await.unwrap();
    assert_eq!(log.lines().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_final_failure_counts_for_its_ttl() {
    let (graph, log) = graph();
    for _ in 0..4 {
        graph.short_failure("x", Id(1)).await.unwrap_err();
        sleep(ms(6_000)).await;
    }
    assert_eq!(
        log.lines(),
        ["0ms: short_failure", "12000ms: short_failure"]
    );
}

#[tokio::test(start_paused = true)]
async fn ttl_and_repeat_can_be_set_at_run_time() {
    let log = Log::new();
    let graph = Timed::builder()
        .log(log.clone())
        .store(MemoryStore::new())
        .configure::<short>(StepOptions::new().no_ttl())
        .configure::<forever>(StepOptions::new().ttl(ms(1_000)))
        .configure::<short_failure>(StepOptions::new().repeat(Repeat::Free))
        .build();
    for _ in 0..2 {
        graph.short("x", Id(1)).await.unwrap();
        graph.forever("x", Id(1)).await.unwrap();
        graph.short_failure("x", Id(1)).await.unwrap_err();
        sleep(ms(60_000)).await;
    }
    assert_eq!(
        log.lines(),
        [
            "0ms: short",
            "0ms: forever",
            "0ms: short_failure",
            "60000ms: forever",
            "60000ms: short_failure"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_step_that_runs_longer_than_its_lease_keeps_its_row() {
    let log = Log::new();
    let store = MemoryStore::new();
    let open = || {
        Timed::builder()
            .log(log.clone())
            .store(store.clone())
            .lease(ms(1_000))
            .build()
    };
    let (one, two) = (open(), open());
    let (first, second) = tokio::join!(one.slow("a", Id(1)), async {
        sleep(ms(50_000)).await;
        two.slow("b", Id(1)).await
    });
    assert_eq!((first.unwrap(), second.unwrap()), (Slow(1), Slow(1)));
    assert_eq!(log.lines(), ["0ms: slow"]);
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_down_only_free_steps_run_unrecorded() {
    let (log, told, store) = (Log::new(), Log::new(), Hindered::new(0));
    let graph = Timed::builder()
        .log(log.clone())
        .observer(Tell(told.clone()))
        .store(store.clone())
        .build();
    store.set_down(true);
    assert_eq!(graph.free("x", Id(1)).await.unwrap(), Free(1));
    assert!(
        told.lines()
            .last()
            .unwrap()
            .starts_with("free ended: ran unrecorded"),
        "{:?}",
        told.lines()
    );
    let error = graph.keyed("x", Id(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step(), error.attempts()),
        (ErrorKind::Store, Some("keyed"), 0)
    );
    let error = graph.never("x", Id(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Store, Some("never"))
    );
    assert_eq!(log.take(), ["free"]);
    store.set_down(false);
    for id in ["a", "b"] {
        graph.free(id, Id(1)).await.unwrap();
        graph.keyed(id, Id(1)).await.unwrap();
        graph.never(id, Id(1)).await.unwrap();
    }
    assert_eq!(log.lines(), ["free", "keyed", "never"]);
}

#[tokio::test(start_paused = true)]
async fn a_hit_is_one_round_trip_and_a_miss_two() {
    let (log, store) = (Log::new(), Hindered::new(1));
    let graph = Timed::builder().log(log).store(store.clone()).build();
    graph.keyed("x", Id(1)).await.unwrap();
    assert_eq!(store.requests(), 2);
    graph.keyed("x", Id(1)).await.unwrap();
    assert_eq!(store.requests(), 3);
}

#[test]
#[should_panic(expected = "the store can't keep `repeat = \"never\"` of the step `")]
fn a_store_that_forgets_is_refused_where_a_step_must_not_repeat() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let _ = Timed::builder()
        .log(Log::new())
        .store(Hindered::new(0).weak())
        .build();
}

#[test]
#[should_panic(expected = "the step `never` must not happen twice, so it can't be retried")]
fn a_retry_set_at_run_time_is_refused_where_a_step_must_not_repeat() {
    let _ = Timed::builder()
        .log(Log::new())
        .store(MemoryStore::new())
        .configure::<never>(StepOptions::new().retry(Retry::fixed(3, ms(1))))
        .build();
}

#[test]
#[should_panic(expected = "can't be retried")]
fn never_set_at_run_time_is_refused_where_a_step_is_retried() {
    let options = StepOptions::new()
        .repeat(Repeat::Never)
        .retry(Retry::fixed(3, ms(1)));
    let _ = Timed::builder()
        .log(Log::new())
        .store(MemoryStore::new())
        .configure::<keyed>(options)
        .build();
}

#[tokio::test(start_paused = true)]
async fn a_fallback_does_not_stand_in_at_a_deadline_for_a_persisted_step_either() {
    let (graph, log) = graph();
    let ended = graph
        .hanging(Execution::new("x").timeout(ms(5)), Id(1))
        .await;
    assert_eq!(log.elapsed_ms(), 5);
    assert_eq!(
        ended.map_err(|error| error.kind()),
        Err(ErrorKind::DeadlineExceeded)
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_at_the_deadline_that_a_persisted_step_has_missed() {
    let (graph, log) = graph();
    let ended = graph.page(Execution::new("x").timeout(ms(5)), Id(1)).await;
    assert_eq!(
        ended.map_err(|error| error.kind()),
        Err(ErrorKind::DeadlineExceeded)
    );
    assert_eq!(log.lines(), ["hanging_soft"]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_waits_for_another_is_busy_at_its_deadline() {
    let (graph, log) = graph();
    let (first, second) = tokio::join!(graph.slow("a", Id(1)), async {
        sleep(ms(1)).await;
        graph.slow(Execution::new("b").timeout(ms(5)), Id(1)).await
    });
    assert_eq!(first.unwrap(), Slow(1));
    let error: Error = second.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Busy | ErrorKind::DeadlineExceeded),
        "{error:#}"
    );
    assert_eq!(error.execution_id(), "b");
    assert_eq!(log.lines(), ["0ms: slow"]);
}
