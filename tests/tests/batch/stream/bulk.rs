//! Bulk steps of a stream: as many at once as there are items in flight.

use docket::{Execution, graph, step};
use docket_tests::{Log, ms};
use futures_util::StreamExt as _;
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Id(u32);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Rating(u32);

#[step(bulk = 10)]
async fn rate(ids: &[Id], #[resource] log: &Log) -> Vec<Rating> {
    log.push(ids.len().to_string());
    sleep(ms(10)).await;
    ids.iter().map(|id| Rating(id.0 * 2)).collect()
}

graph! {
    struct Ratings {
        inputs { Id }
        resources { Log }
        steps { rate }
        fn rated(ids: [Id]) -> impl Stream<Item = docket::Result<Rating>>;
    }
}

fn ratings() -> (Ratings, Log) {
    let log = Log::new();
    (Ratings::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn rounds_are_full_where_enough_items_are_in_flight() {
    let (graph, log) = ratings();
    let execution = Execution::new("x").max_concurrency(20);
    let rated = graph.rated(execution, (0..45).map(Id)).indexed();
    let mut rated: Vec<_> = rated.map(docket::Result::unwrap).collect().await;
    rated.sort_by_key(|it| it.0);
    assert!(
        rated
            .into_iter()
            .map(|it| it.1.0)
            .eq((0..45).map(|it| it * 2))
    );
    let asked: Vec<u32> = log.lines().iter().map(|it| it.parse().unwrap()).collect();
    assert_eq!(asked.iter().sum::<u32>(), 45);
    assert_eq!(asked[..2], [10, 10]);
}

#[tokio::test(start_paused = true)]
async fn no_more_are_asked_for_than_may_be_in_flight() {
    let (graph, log) = ratings();
    let execution = Execution::new("x").max_concurrency(3);
    assert_eq!(
        graph.rated(execution, (0..).map(Id)).take(9).count().await,
        9
    );
    assert!(log.lines().iter().all(|it| it == "3"), "{:?}", log.lines());
}

#[tokio::test(start_paused = true)]
async fn a_round_that_nobody_fills_is_sent() {
    let (graph, log) = ratings();
    let slow = futures_util::stream::iter((0..2).map(Id)).chain(futures_util::stream::pending());
    let mut rated = graph.rated("x", slow);
    for _ in 0..2 {
        rated.next().await.unwrap().unwrap();
    }
    assert_eq!(
        (log.elapsed_ms(), log.lines()),
        (10, vec![String::from("2")])
    );
}
