//! What is told of how far a batch is.

use docket::observe::{BatchProgress, Interest, Observer};
use docket::{Execution, graph, step};
use docket_tests::{Log, Oops, nodes};
use futures_util::StreamExt as _;

nodes!(Id, Checked, Count);

#[step]
async fn check(id: &Id) -> Result<Checked, Oops> {
    match id.0 {
        2 => Err(Oops("two")),
        n => Ok(Checked(n)),
    }
}

#[step]
fn count(all: &[Checked]) -> Count {
    Count(u32::try_from(all.len()).unwrap())
}

graph! {
    struct Checks {
        inputs { Id }
        steps { check, count }
        async fn one(id: Id) -> Checked;
        async fn tried(ids: [Id]) -> [docket::Result<Checked>];
        async fn all(ids: [Id]) -> [Checked];
        async fn counted(ids: [Id]) -> Count;
        async fn back(ids: [Id]) -> [Id];
        fn stream(ids: [Id]) -> impl Stream<Item = docket::Result<Checked>>;
    }
}

/// `entry item: done + failed of total`
struct Progress(Log);

impl Observer for Progress {
    fn interest(&self) -> Interest {
        Interest::BATCHES
    }

    fn batch_progress(&self, event: &BatchProgress<'_>) {
        let BatchProgress {
            entry,
            item,
            done,
            failed,
            total,
            ..
        } = event;
        let (_, entry) = entry.split_once("::").unwrap();
        let mark = if event.is_ok { "" } else { "!" };
        let total = total.map_or("?".to_owned(), |it| it.to_string());
        self.0
            .push(format!("{entry} {item}{mark}: {done}+{failed} of {total}"));
    }
}

fn checks() -> (Checks, Log) {
    let log = Log::new();
    (
        Checks::builder().observer(Progress(log.clone())).build(),
        log,
    )
}

#[tokio::test]
async fn each_item_is_told_once_when_it_ends() {
    let (graph, log) = checks();
    let one = || Execution::new("x").max_concurrency(1);
    graph.tried(one(), (1..4).map(Id)).await.unwrap();
    assert_eq!(
        log.take(),
        [
            "tried 0: 1+0 of 3",
            "tried 1!: 1+1 of 3",
            "tried 2: 2+1 of 3"
        ]
    );
    graph.all(one(), (1..4).map(Id)).await.unwrap_err();
    assert_eq!(log.take(), ["all 0: 1+0 of 3"]);
    graph.counted(one(), [Id(1), Id(3)]).await.unwrap();
    assert_eq!(log.take(), ["counted 0: 1+0 of 2", "counted 1: 2+0 of 2"]);
    graph.back(one(), [Id(1), Id(2)]).await.unwrap();
    assert_eq!(log.take(), ["back 0: 1+0 of 2", "back 1: 2+0 of 2"]);
    graph.one("x", Id(1)).await.unwrap();
    graph.tried("x", []).await.unwrap();
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test]
async fn a_stream_tells_how_many_there_are_if_it_knows() {
    let (graph, log) = checks();
    let one = || Execution::new("x").max_concurrency(1);
    graph.stream(one(), [Id(1), Id(2)]).count().await;
    assert_eq!(log.take(), ["stream 0: 1+0 of 2", "stream 1!: 1+1 of 2"]);
    graph
        .stream(one(), (1..3).filter(|_| true).map(Id))
        .count()
        .await;
    assert_eq!(log.take(), ["stream 0: 1+0 of ?", "stream 1!: 1+1 of ?"]);
    let wide = graph.stream("x", (1..3).filter(|_| true).map(Id));
    wide.count().await;
    assert_eq!(log.take(), ["stream 0: 1+0 of 2", "stream 1!: 1+1 of 2"]);
}
