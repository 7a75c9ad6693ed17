//! What a stream takes and hands out, and in which order.

use std::collections::BTreeSet;

use docket::{Execution, graph, step};
use docket_tests::{Log, ms, nodes};
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::time::sleep;

nodes!(Viewer, Taste, Movie, Rating, Fetched, Ranked, Banner);

#[step]
async fn taste(viewer: &Viewer, #[resource] log: &Log) -> Taste {
    log.work("taste", 5).await;
    Taste(viewer.0 * 100)
}

/// The number of a movie is how long it takes.
#[step]
async fn fetch(movie: &Movie, #[resource] log: &Log) -> Fetched {
    sleep(ms(u64::from(movie.0))).await;
    log.stamp(&format!("fetched {}", movie.0));
    Fetched(movie.0)
}

#[step]
fn rank(fetched: &Fetched, taste: &Taste) -> Ranked {
    Ranked(fetched.0 + taste.0)
}

#[step]
fn show(movie: &Movie, rating: &Rating) -> Banner {
    Banner(movie.0 * 10 + rating.0)
}

graph! {
    struct Movies {
        inputs { Viewer, Movie, Rating }
        resources { Log }
        steps { taste, fetch, rank, show }

        fn ranked(viewer: Viewer, movies: [Movie]) -> impl Stream<Item = docket::Result<Ranked>>;
        fn zipped(movies: [(Movie, Rating)]) -> impl Stream<Item = docket::Result<Banner>> + Send;
        fn both(movies: [Movie], taste: Taste) -> impl Stream<Item = docket::Result<(Fetched, Ranked)>>;
        fn same(movies: [Movie]) -> impl Stream<Item = Result<Movie, docket::Error>>;
        async fn collected(viewer: Viewer, movies: [Movie]) -> [Ranked];
    }
}

fn movies() -> (Movies, Log) {
    let log = Log::new();
    (Movies::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn items_come_as_they_finish() {
    let (graph, log) = movies();
    let mut ranked = graph.ranked("x", Viewer(1), vec![Movie(30), Movie(10), Movie(20)]);
    let mut seen = Vec::new();
    while let Some(item) = ranked.next().await {
        seen.push((item.unwrap().0, log.elapsed_ms()));
    }
    assert_eq!(seen, [(110, 10), (120, 20), (130, 30)]);
    assert!(ranked.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn each_says_which_input_it_was_if_asked() {
    let (graph, _) = movies();
    let mut ranked = graph
        .ranked("x", Viewer(0), [30, 10, 20].map(Movie))
        .indexed();
    let mut seen = Vec::new();
    while let Some(item) = ranked.next().await {
        let (index, ranked) = item.unwrap();
        seen.push((index, ranked.0));
    }
    assert_eq!(seen, [(1, 10), (2, 20), (0, 30)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_shared_runs_once() {
    let (graph, log) = movies();
    let ranked: Vec<_> = graph
        .ranked("x", Viewer(1), (0..100).map(Movie))
        .collect()
        .await;
    let ranked: BTreeSet<u32> = ranked.into_iter().map(|it| it.unwrap().0).collect();
    assert_eq!(ranked, (100..200).collect());
    assert_eq!((log.count("taste"), log.count("taste done")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_runs_before_the_stream_is_polled() {
    let (graph, log) = movies();
    let pulls = log.clone();
    let items = [Movie(1)].into_iter().inspect(move |_| pulls.push("pull"));
    let ranked = graph.ranked("x", Viewer(1), items);
    sleep(ms(100)).await;
    assert_eq!(log.lines(), [""; 0]);
    drop(ranked);
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn without_items_it_ends_at_once_and_runs_nothing() {
    let (graph, log) = movies();
    assert!(graph.ranked("x", Viewer(1), []).next().await.is_none());
    assert!(
        graph
            .ranked("x", Viewer(1), stream::empty())
            .next()
            .await
            .is_none()
    );
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn items_come_from_any_iterator_and_any_stream() {
    let (graph, _) = movies();
    let sum = async |ranked: docket::ItemStream<Ranked>| {
        ranked
            .map(|it| it.unwrap().0)
            .fold(0, async |a, b| a + b)
            .await
    };
    let of = || Viewer(0);
    assert_eq!(
        sum(graph.ranked("x", of(), vec![Movie(1), Movie(2)])).await,
        3
    );
    assert_eq!(sum(graph.ranked("x", of(), Some(Movie(1)))).await, 1);
    let odd = (1..=5).filter(|it| it % 2 == 1).map(Movie);
    assert_eq!(sum(graph.ranked(String::from("x"), of(), odd)).await, 9);
    let boxed: Box<dyn Iterator<Item = Movie> + Send> = Box::new([Movie(4)].into_iter());
    assert_eq!(sum(graph.ranked("x", of(), boxed)).await, 4);
    let stream = stream::iter(1..=3).then(async |it| {
        sleep(ms(10)).await;
        Movie(it)
    });
    assert_eq!(sum(graph.ranked("x", of(), Box::pin(stream))).await, 6);
}

#[tokio::test(start_paused = true)]
async fn items_in_flight_go_on_while_the_next_is_waited_for() {
    let (graph, log) = movies();
    let (sender, receiver) = mpsc::channel(1);
    let items = stream::unfold(receiver, async |mut receiver| {
        Some((receiver.recv().await?, receiver))
    });
    let source = tokio::spawn(async move {
        for movie in [Movie(50), Movie(1), Movie(1)] {
            sleep(ms(20)).await;
            sender.send(movie).await.unwrap();
        }
    });
    let mut ranked = graph.ranked("x", Viewer(0), items);
    let mut seen = Vec::new();
    while let Some(item) = ranked.next().await {
        seen.push((item.unwrap().0, log.elapsed_ms()));
    }
    assert_eq!(seen, [(1, 41), (1, 61), (50, 70)]);
    source.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn two_inputs_for_each_item_come_zipped_and_two_outputs_as_a_tuple() {
    let (graph, _) = movies();
    let mut banners = graph.zipped("x", [(Movie(1), Rating(2)), (Movie(3), Rating(4))]);
    assert_eq!(banners.next().await.unwrap().unwrap(), Banner(12));
    assert_eq!(banners.next().await.unwrap().unwrap(), Banner(34));
    let mut both = graph.both("x", [Movie(3)], Taste(4));
    assert_eq!(both.next().await.unwrap().unwrap(), (Fetched(3), Ranked(7)));
    let mut same = graph.same("x", [Movie(9)]);
    assert_eq!(same.next().await.unwrap().unwrap(), Movie(9));
}

#[tokio::test(start_paused = true)]
async fn a_stream_outlives_its_graph_value_and_moves_between_tasks() {
    let (graph, _) = movies();
    let id = String::from("x");
    let ranked = graph.ranked(&id, Viewer(0), (1..=10).map(Movie));
    drop((graph, id));
    let ranked = tokio::spawn(ranked.map(|it| it.unwrap().0).collect::<Vec<_>>());
    let mut ranked = ranked.await.unwrap();
    ranked.sort();
    assert!(ranked.into_iter().eq(1..=10));
}

#[tokio::test(start_paused = true)]
async fn it_comes_to_what_a_batch_comes_to() {
    let (graph, _) = movies();
    for n in [1, 7, 500] {
        let items = || (0..200).map(|it| Movie(it * 7 % 31));
        let execution = || Execution::new("x").max_concurrency(n);
        let collected = graph
            .collected(execution(), Viewer(1), items())
            .await
            .unwrap();
        let streamed = graph.ranked(execution(), Viewer(1), items()).indexed();
        let mut streamed: Vec<_> = streamed.map(docket::Result::unwrap).collect().await;
        streamed.sort_by_key(|it| it.0);
        assert!(streamed.into_iter().map(|it| it.1).eq(collected));
    }
}
