//! Bulk steps of a stream with `persist`: what was claimed does not wait for the consumer.

use docket::{Execution, MemoryStore, graph, step};
use docket_tests::{Log, ms};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
struct Id(u32);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Single(u32);

fn list(ids: &[Id]) -> String {
    let mut ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    format!("{ids:?}")
}

#[step(bulk = 2, max_concurrency = 1, persist = "global", repeat = "free")]
async fn single(ids: &[Id], #[resource] log: &Log) -> Vec<Single> {
    log.stamp(&format!("single {}", list(ids)));
    sleep(ms(10)).await;
    ids.iter().map(|id| Single(id.0)).collect()
}

graph! {
    struct Singles {
        inputs { Id }
        resources { Log }
        steps { single }
        fn singles(ids: [Id]) -> impl Stream<Item = docket::Result<Single>>;
    }
}

fn singles() -> (Singles, Log) {
    let log = Log::new();
    let store = MemoryStore::new();
    (
        Singles::builder().log(log.clone()).store(store).build(),
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn what_was_claimed_is_asked_for_while_the_consumer_is_away() {
    let (graph, log) = singles();
    let mut singles = graph.singles("x", (0..5).map(Id));
    singles.next().await.unwrap().unwrap();
    sleep(ms(100)).await;
    assert_eq!(
        log.lines(),
        [
            "0ms: single [0, 1]",
            "10ms: single [2, 3]",
            "20ms: single [4]"
        ]
    );
    assert_eq!(
        singles
            .filter(|it| std::future::ready(it.is_ok()))
            .count()
            .await,
        4
    );
    assert_eq!(log.lines().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn calls_are_full_where_the_consumer_takes_one_item_after_the_other() {
    let (graph, log) = singles();
    let execution = Execution::new("x").max_concurrency(3);
    let singles = graph.singles(execution, (0..6).map(Id));
    assert_eq!(singles.count().await, 6);
    assert_eq!(
        log.lines(),
        [
            "0ms: single [0, 1]",
            "10ms: single [2, 3]",
            "20ms: single [4, 5]"
        ]
    );
}
