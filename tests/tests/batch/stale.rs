//! Values that have expired, in batches: they are used at once, and made anew in calls for many.

use docket::{Execution, MemoryStore, graph, step};
use docket_tests::{Log, Oops, ms};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
struct Id(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
struct Checked(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Rating(u32);

#[derive(Debug, PartialEq)]
struct Sum(u32);

#[derive(Debug, PartialEq)]
struct Ranked(u32);

/// 9 is not known.
#[step]
fn check(id: &Id) -> Result<Checked, Oops> {
    if id.0 == 9 {
        return Err(Oops("nine"));
    }
    Ok(Checked(id.0))
}

fn list(all: &[Checked]) -> String {
    let mut all: Vec<_> = all.iter().map(|it| it.0).collect();
    all.sort_unstable();
    format!("{all:?}")
}

#[step(
    bulk = 2,
    max_concurrency = 1,
    persist = "global",
    repeat = "free",
    ttl = "1h",
    stale = "1h"
)]
async fn rate(all: &[Checked], #[resource] log: &Log) -> Vec<Rating> {
    log.push(format!("rate {}", list(all)));
    sleep(ms(10)).await;
    all.iter().map(|it| Rating(it.0 * 10)).collect()
}

#[step]
fn sum(all: &[Checked]) -> Sum {
    Sum(all.iter().map(|it| it.0).sum())
}

#[step]
fn rank(rating: &Rating, sum: &Sum) -> Ranked {
    Ranked(rating.0 + sum.0)
}

graph! {
    struct Films {
        inputs { Id }
        resources { Log }
        steps { check, rate, sum, rank }
        async fn ranked(ids: [Id]) -> [docket::Result<Ranked>];
        async fn rated(ids: [Id]) -> [docket::Result<Rating>];
    }
}

/// Four ratings have expired.
async fn films() -> (Films, Log) {
    let log = Log::new();
    let graph = Films::builder()
        .log(log.clone())
        .store(MemoryStore::new())
        .build();
    graph.rated("first", (0..4).map(Id)).await.unwrap();
    assert_eq!(log.take(), ["rate [0, 1]", "rate [2, 3]"]);
    sleep(ms(3_601_000)).await;
    (graph, log)
}

#[tokio::test(start_paused = true)]
async fn an_aggregate_waits_for_those_who_read_what_has_to_move_while_their_calls_are_sent() {
    let (graph, log) = films().await;
    let ids = [0, 1, 2, 3, 9].map(Id);
    let ranked = graph.ranked("x", ids).await.unwrap();
    for (i, ranked) in (0..).zip(ranked) {
        match ranked {
            Ok(ranked) => assert_eq!(ranked, Ranked(i * 10 + 6)),
            Err(error) => assert_eq!((i, error.step()), (4, Some("check"))),
        }
    }
    assert_eq!(log.lines(), ["rate [0, 1]", "rate [2, 3]"]);
    // What was made anew is recorded.
    graph.ranked("y", ids).await.unwrap();
    assert_eq!(log.lines().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_is_returned_at_once_whoever_makes_it_anew() {
    let (graph, log) = films().await;
    let before = log.elapsed_ms();
    // Less than a call takes.
    let execution = Execution::new("x").timeout(ms(5));
    let rated = graph.rated(execution, (0..4).map(Id)).await.unwrap();
    let rated: Vec<_> = rated.into_iter().map(|it| it.unwrap().0).collect();
    assert_eq!((log.elapsed_ms() - before, rated), (0, vec![0, 10, 20, 30]));
    assert_eq!(graph.shutdown(ms(1_000)).await, 0);
    assert_eq!(log.lines(), ["rate [0, 1]", "rate [2, 3]"]);
}
