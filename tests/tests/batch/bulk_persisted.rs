//! `bulk` with `persist`: what is recorded is not asked for, and what is asked for is recorded item by item.

use std::collections::HashMap;

use docket::{Execution, MemoryStore, Repeat, StepContext, StepOptions, graph, step};
use docket_tests::{Log, ms};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
struct Id(u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
struct Rating(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Stood(u32);

#[derive(Debug, PartialEq)]
struct Shown(u32);

fn list(ids: &[Id]) -> String {
    let mut ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    format!("{ids:?}")
}

#[step(bulk = 4, persist = "global", repeat = "free")]
async fn rate(ids: &[Id], #[resource] log: &Log, ctx: &StepContext) -> Vec<Rating> {
    log.push(format!("rate {}", list(ids)));
    ctx.annotate("calls", ids.len());
    sleep(ms(10)).await;
    log.push("rated");
    ids.iter().map(|id| Rating(id.0 * 10)).collect()
}

#[step]
fn show(id: &Id, rating: &Rating) -> Shown {
    Shown(id.0 + rating.0)
}

/// Knows none but 1.
#[step(bulk, persist = "global", repeat = "free", fallback = nobody)]
async fn stand(#[key] ids: &[Id], #[resource] log: &Log) -> HashMap<Id, Stood> {
    log.push(format!("stand {}", list(ids)));
    HashMap::from([(Id(1), Stood(1))])
}

fn nobody() -> Stood {
    Stood(99)
}

#[derive(Clone)]
struct Seen;

#[step(bulk = 2)]
async fn see(all: &[Rating], #[resource] log: &Log) -> Vec<Seen> {
    let all: Vec<_> = all.iter().map(|it| it.0).collect();
    log.stamp(&format!("see {all:?}"));
    sleep(ms(50)).await;
    vec![Seen; all.len()]
}

graph! {
    struct Films {
        inputs { Id }
        resources { Log }
        steps { rate, show, stand, see }
        async fn seen(ids: [Id]) -> [Seen];
        async fn rating(id: Id) -> Rating;
        async fn ratings(ids: [Id]) -> [Rating];
        async fn shown(ids: [Id]) -> [Shown];
        async fn stood(ids: [Id]) -> [Stood];
    }
}

fn films() -> (Films, Log) {
    let log = Log::new();
    let store = MemoryStore::new();
    (Films::builder().log(log.clone()).store(store).build(), log)
}

fn calls(log: &Log) -> Vec<String> {
    log.take().into_iter().filter(|it| it != "rated").collect()
}

#[tokio::test(start_paused = true)]
async fn only_what_is_missing_is_asked_for() {
    let (graph, log) = films();
    let some = [3, 5, 8].map(Id);
    assert_eq!(graph.ratings("x", some).await.unwrap()[1], Rating(50));
    assert_eq!(calls(&log), ["rate [3, 5, 8]"]);
    let shown = graph.shown("y", (0..10).map(Id)).await.unwrap();
    assert!(shown.iter().map(|it| it.0).eq((0..10).map(|it| it * 11)));
    assert_eq!(calls(&log), ["rate [0, 1, 2, 4]", "rate [6, 7, 9]"]);
    graph.shown("z", (0..10).map(Id)).await.unwrap();
    // The record of each is its own.
    assert_eq!(graph.rating("z", Id(4)).await.unwrap(), Rating(40));
    assert_eq!(calls(&log), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_alone_is_found_by_a_batch() {
    let (graph, log) = films();
    assert_eq!(graph.rating("x", Id(2)).await.unwrap(), Rating(20));
    assert_eq!(
        graph.ratings("x", [1, 2].map(Id)).await.unwrap()[1],
        Rating(20)
    );
    assert_eq!(calls(&log), ["rate [2]", "rate [1]"]);
}

#[tokio::test(start_paused = true)]
async fn each_item_is_asked_for_once_by_however_many_batches() {
    let (graph, log) = films();
    let runs = (0..5).map(|n| {
        let graph = graph.clone();
        tokio::spawn(async move {
            let execution = Execution::new(format!("batch-{n}")).max_concurrency(n + 1);
            graph.ratings(execution, (0..40).map(|i| Id(i % 20))).await
        })
    });
    for run in runs.collect::<Vec<_>>() {
        let ratings = run.await.unwrap().unwrap();
        assert!(
            ratings
                .iter()
                .map(|it| it.0)
                .eq((0..40).map(|i| i % 20 * 10))
        );
    }
    let mut asked: Vec<u32> = Vec::new();
    for call in calls(&log) {
        let list = call.trim_start_matches("rate [").trim_end_matches(']');
        asked.extend(list.split(", ").map(|it| it.parse::<u32>().unwrap()));
    }
    asked.sort_unstable();
    assert!(asked.into_iter().eq(0..20));
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_is_asked_for_to_its_end_and_recorded_when_the_batch_is_gone() {
    let (graph, log) = films();
    let run = tokio::time::timeout(ms(5), graph.ratings("x", (0..6).map(Id)));
    assert!(run.await.is_err());
    sleep(ms(50)).await;
    assert_eq!(log.count("rated"), 2);
    assert_eq!(calls(&log), ["rate [0, 1, 2, 3]", "rate [4, 5]"]);
    graph.ratings("y", (0..6).map(Id)).await.unwrap();
    assert_eq!(calls(&log), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_for_an_item_of_another_gets_it_when_that_one_is_gone() {
    let (graph, log) = films();
    // Its limit is one call at a time, so that the second round is not sent when it is dropped.
    let execution = Execution::new("x").max_concurrency(1);
    let gone = tokio::time::timeout(ms(5), graph.ratings(execution, (0..6).map(Id)));
    let other = async {
        sleep(ms(1)).await;
        graph.ratings("y", [5, 6].map(Id)).await.unwrap()
    };
    let (gone, other) = tokio::join!(gone, other);
    assert!(gone.is_err());
    assert_eq!(other, [Rating(50), Rating(60)]);
    assert_eq!(
        calls(&log),
        ["rate [0, 1, 2, 3]", "rate [6]", "rate [4, 5]"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_fallback_is_of_an_item_and_not_recorded() {
    let (graph, log) = films();
    for _ in 0..2 {
        let stood = graph.stood("x", [0, 1, 2].map(Id)).await.unwrap();
        assert_eq!(stood, [Stood(99), Stood(1), Stood(99)]);
    }
    assert_eq!(calls(&log), ["stand [0, 1, 2]", "stand [0, 2]"]);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_waits_for_another_caller_may_come_to_the_next_step_yet() {
    let (graph, log) = films();
    graph.ratings("x", [1, 2, 3].map(Id)).await.unwrap();
    log.take();
    let seven = graph.rating("y", Id(7));
    let seen = graph.seen("z", [1, 2, 3, 7].map(Id));
    let (seven, seen) = tokio::join!(seven, seen);
    assert_eq!((seven.unwrap(), seen.unwrap().len()), (Rating(70), 4));
    let calls = calls(&log);
    let see: Vec<_> = calls.iter().filter(|it| it.contains("see")).collect();
    assert_eq!(see, ["10ms: see [10, 20]", "20ms: see [30, 70]"]);
}

#[test]
#[should_panic(expected = "the step `rate` asks for many items in one call")]
fn a_call_that_has_no_key_can_not_be_made_one_that_needs_it() {
    let options = StepOptions::new().repeat(Repeat::Never);
    let _ = Films::builder()
        .log(Log::new())
        .store(MemoryStore::new())
        .configure::<rate>(options)
        .build();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_may_ask_from_other_threads() {
    let (graph, log) = films();
    for n in [1, 3, 64] {
        let execution = Execution::new("x").max_concurrency(n);
        let first = u32::try_from(n).unwrap() * 1_000;
        let made = graph
            .ratings(execution, (first..first + 200).map(Id))
            .await
            .unwrap();
        assert!(
            made.iter()
                .map(|it| it.0)
                .eq((first..first + 200).map(|it| it * 10))
        );
        assert!(log.count("rated") >= 50);
        log.take();
    }
}
