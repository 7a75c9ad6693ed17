//! Steps that outlive a poll of the caller, of items.

use docket::{MemoryStore, graph, step};
use docket_tests::{Log, ms, nodes};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(super) struct Id(pub(super) u32);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(super) struct Score(pub(super) u32);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Mean(u32);

nodes!(Spawned, Blocked, Shown);

#[step(persist = "global")]
async fn score(id: &Id, #[resource] log: &Log) -> Score {
    log.push(format!("score {}", id.0));
    sleep(ms(10)).await;
    Score(id.0 * 10)
}

#[step(spawn)]
pub(super) async fn spawned(score: &Score) -> Spawned {
    tokio::task::yield_now().await;
    Spawned(score.0 + 1)
}

#[step(blocking)]
pub(super) fn blocked(spawned: &Spawned, id: &Id) -> Result<Blocked, std::io::Error> {
    if id.0 == 9 {
        return Err(std::io::Error::other("nine"));
    }
    Ok(Blocked(spawned.0 + id.0))
}

/// Its key is made of all of them.
#[step(persist = "global")]
async fn mean(all: &[Score], #[resource] log: &Log) -> Mean {
    log.push("mean");
    Mean(all.iter().map(|it| it.0).sum::<u32>() / u32::try_from(all.len().max(1)).unwrap())
}

#[step]
fn show(blocked: &Blocked, mean: &Mean) -> Shown {
    Shown(blocked.0 * 1_000 + mean.0)
}

graph! {
    struct Scores {
        inputs { Id }
        resources { Log }
        steps { score, spawned, blocked, mean, show }
        async fn scores(ids: [Id]) -> [Score];
        async fn shown(ids: [Id]) -> [docket::Result<Shown>];
    }
}

fn scores() -> (Scores, Log) {
    let log = Log::new();
    let store = MemoryStore::new();
    (Scores::builder().log(log.clone()).store(store).build(), log)
}

#[tokio::test]
async fn equal_items_of_a_persisted_step_run_once() {
    let (graph, log) = scores();
    let ids: Vec<Id> = (0..40).map(|it| Id(it % 4)).collect();
    let made = graph.scores("x", ids.clone()).await.unwrap();
    assert!(
        made.iter()
            .zip(&ids)
            .all(|(score, id)| score.0 == id.0 * 10)
    );
    assert_eq!(log.sorted(), ["score 0", "score 1", "score 2", "score 3"]);
    graph.scores("y", ids).await.unwrap();
    assert_eq!(log.lines().len(), 4);
}

#[tokio::test]
async fn items_may_have_tasks_of_their_own() {
    for n in [1, 7, 500] {
        let (graph, log) = scores();
        let execution = docket::Execution::new("x").max_concurrency(n);
        let shown = graph.shown(execution, (0..20).map(Id)).await.unwrap();
        for (i, shown) in (0..).zip(shown) {
            match shown {
                Ok(shown) => assert_eq!(shown, Shown((i * 11 + 1) * 1_000 + 95)),
                Err(error) => assert_eq!((i, error.step()), (9, Some("blocked"))),
            }
        }
        assert_eq!(log.count("mean"), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_may_be_woken_from_other_threads() {
    let (graph, log) = scores();
    let batches = (0..8).map(|n| {
        let (graph, id) = (graph.clone(), format!("batch-{n}"));
        tokio::spawn(async move {
            let execution = docket::Execution::new(id).max_concurrency(n + 1);
            graph.shown(execution, (0..100).map(Id)).await.unwrap()
        })
    });
    for batch in batches.collect::<Vec<_>>() {
        let shown = batch.await.unwrap();
        assert_eq!(shown.iter().filter(|it| it.is_ok()).count(), 99);
    }
    assert_eq!((log.lines().len(), log.count("mean")), (101, 1));
}

#[tokio::test]
async fn an_aggregate_is_recorded_by_the_items_it_read() {
    let (graph, log) = scores();
    for ids in [vec![1, 2], vec![1, 2], vec![2, 1], vec![1, 2, 2]] {
        graph.shown("x", ids.into_iter().map(Id)).await.unwrap();
    }
    assert_eq!(log.count("mean"), 3);
}
