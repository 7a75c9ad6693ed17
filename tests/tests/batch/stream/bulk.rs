//! Bulk steps of a stream: as many at once as there are items in flight.

use docket::{Execution, graph, step};
use docket_tests::{Log, Oops, ms};
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

#[derive(Debug)]
struct Watched;

/// Fails for 0, after a while.
#[step]
async fn watch(id: &Id) -> Result<Watched, Oops> {
    if id.0 == 0 {
        sleep(ms(5)).await;
        return Err(Oops("nobody"));
    }
    Ok(Watched)
}

graph! {
    struct Ratings {
        inputs { Id }
        resources { Log }
        steps { rate, watch }
        fn watched(ids: [Id]) -> impl Stream<Item = docket::Result<(Rating, Watched)>>;
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

#[tokio::test(start_paused = true)]
async fn a_call_is_made_anew_when_the_item_that_made_it_has_failed_elsewhere() {
    let (graph, log) = ratings();
    let watched: Vec<_> = graph.watched("x", (0..3).map(Id)).collect().await;
    let error = watched[0].as_ref().unwrap_err();
    assert_eq!((error.step(), error.item()), (Some("watch"), Some(0)));
    let ratings = watched[1..].iter().map(|it| it.as_ref().unwrap().0.0);
    let mut ratings: Vec<_> = ratings.collect();
    ratings.sort_unstable();
    assert_eq!(ratings, [2, 4]);
    assert_eq!((log.elapsed_ms(), log.lines()), (15, vec!["3".into(); 2]));
}
