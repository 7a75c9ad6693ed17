//! Steps that outlive a poll of the consumer.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use docket::{ErrorKind, Execution, MemoryStore, graph, step};
use docket_tests::{Log, ms, nodes};
use futures_util::StreamExt as _;
use tokio::time::sleep;

use crate::batch::persisted::{Blocked, Id, Score, blocked, spawned};

nodes!(Shown);

/// Not `Clone`, so that it is handed out itself or not at all.
#[derive(Debug)]
struct Text(Arc<String>);

#[step(persist = "global")]
async fn score(id: &Id, #[resource] log: &Log) -> Score {
    log.push(format!("score {}", id.0));
    sleep(ms(10)).await;
    log.push(format!("scored {}", id.0));
    Score(id.0 * 10)
}

#[step]
fn text(id: &Id) -> Text {
    Text(Arc::new(id.0.to_string()))
}

/// Reads the text for longer than it has time.
#[step(blocking, timeout = "10ms", fallback = none)]
fn show(text: &Text) -> Shown {
    thread::sleep(Duration::from_secs(1));
    Shown(text.0.parse().unwrap_or_default())
}

fn none() -> Shown {
    Shown(0)
}

graph! {
    struct Scores {
        inputs { Id }
        resources { Log }
        steps { score, spawned, blocked, text, show }
        fn scores(ids: [Id]) -> impl Stream<Item = docket::Result<Score>>;
        fn all(ids: [Id]) -> impl Stream<Item = docket::Result<(Score, Blocked)>>;
        fn texts(ids: [Id]) -> impl Stream<Item = docket::Result<(Text, Shown)>>;
    }
}

fn scores() -> (Scores, Log) {
    let log = Log::new();
    let store = MemoryStore::new();
    (Scores::builder().log(log.clone()).store(store).build(), log)
}

#[tokio::test]
async fn items_may_have_tasks_of_their_own() {
    for n in [1, 7, 500] {
        let (graph, _) = scores();
        let execution = Execution::new("x").max_concurrency(n);
        let mut all = graph.all(execution, (0..20).map(Id)).indexed();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        while let Some(item) = all.next().await {
            match item {
                Ok((i, (score, blocked))) => good.push((i as u32, score.0, blocked.0)),
                Err(error) => bad.push((error.item(), error.step())),
            }
        }
        good.sort();
        let expected = (0..20)
            .filter(|it| *it != 9)
            .map(|it| (it, it * 10, it * 11 + 1));
        assert!(good.into_iter().eq(expected));
        assert_eq!(bad, [(Some(9), Some("blocked"))]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_may_be_woken_from_other_threads() {
    let (graph, log) = scores();
    let streams = (0..8).map(|n| {
        let (graph, id) = (graph.clone(), format!("batch-{n}"));
        let execution = Execution::new(id).max_concurrency(n + 1);
        tokio::spawn(async move {
            graph
                .all(execution, (0..100).map(Id))
                .collect::<Vec<_>>()
                .await
        })
    });
    for stream in streams.collect::<Vec<_>>() {
        let all = stream.await.unwrap();
        assert_eq!(all.iter().filter(|it| it.is_ok()).count(), 99);
    }
    assert_eq!(log.lines().len(), 200);
}

#[tokio::test(start_paused = true)]
async fn equal_items_of_a_persisted_step_run_once() {
    let (graph, log) = scores();
    let ids = (0..40).map(|it| Id(it % 4));
    let made: u32 = graph
        .scores("x", ids)
        .map(|it| it.unwrap().0)
        .collect::<Vec<_>>()
        .await
        .iter()
        .sum();
    assert_eq!((made, log.lines().len()), (600, 8));
}

#[tokio::test(start_paused = true)]
async fn persisted_steps_go_on_when_the_stream_is_dropped() {
    let (graph, log) = scores();
    let mut scores = graph.scores(Execution::new("x").max_concurrency(3), (1..).map(Id));
    assert!(tokio::time::timeout(ms(5), scores.next()).await.is_err());
    drop(scores);
    assert_eq!(log.take().len(), 3);
    graph.shutdown(Duration::from_secs(1)).await;
    assert_eq!(log.sorted(), ["scored 1", "scored 2", "scored 3"]);
}

#[tokio::test]
async fn a_value_is_handed_out_once_no_task_reads_it() {
    let (graph, _) = scores();
    let mut texts = graph.texts("x", [Id(7)]);
    let (text, shown) = texts.next().await.unwrap().unwrap();
    // Were the function still reading it, there would be two.
    assert_eq!(
        (text.0.as_str(), Arc::strong_count(&text.0), shown),
        ("7", 1, Shown(0))
    );
    let late = Execution::new("x").timeout(ms(300));
    let error = graph
        .texts(late, [Id(7)])
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}
