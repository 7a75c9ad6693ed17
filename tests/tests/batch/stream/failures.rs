//! What a failure means for its item, and for the stream.

use docket::{ErrorKind, Execution, graph, step};
use docket_tests::{Log, Oops, nodes};
use futures_util::StreamExt as _;

nodes!(Id, Shared, Checked, Beside, Both, Soft);

const BAD: u32 = 37;

#[step]
async fn shared(#[resource] log: &Log) -> Result<Shared, Oops> {
    log.work("shared", 5).await;
    if log.count("shared fails") > 0 {
        return Err(Oops("no shared"));
    }
    Ok(Shared(0))
}

#[step]
async fn check(id: &Id, shared: &Shared) -> Result<Checked, docket::BoxError> {
    match id.0 {
        BAD => Err(Oops("bad").into()),
        1_000 => Err(docket::abort(Oops("enough")).into()),
        1_001 => panic!("out of order"),
        _ => Ok(Checked(id.0 + shared.0)),
    }
}

#[step]
async fn beside(id: &Id, #[resource] log: &Log) -> Beside {
    log.work(&format!("beside {}", id.0), 100).await;
    Beside(id.0)
}

#[step]
fn both(checked: &Checked, beside: &Beside) -> Both {
    Both(checked.0 + beside.0)
}

#[step]
fn soft(id: &Id, checked: Result<&Checked, &docket::Error>) -> Soft {
    Soft(checked.map_or(1_000_000 + id.0, |it| it.0))
}

graph! {
    struct Checks {
        inputs { Id }
        resources { Log }
        steps { shared, check, beside, both, soft }
        fn checked(ids: [Id]) -> impl Stream<Item = docket::Result<Checked>>;
        fn both_of(ids: [Id]) -> impl Stream<Item = docket::Result<Both>>;
        fn pairs(ids: [Id]) -> impl Stream<Item = docket::Result<(Beside, Checked)>>;
        fn softened(ids: [Id]) -> impl Stream<Item = docket::Result<Soft>>;
        async fn all(ids: [Id]) -> [Checked];
        async fn tried(ids: [Id]) -> [docket::Result<Checked>];
    }
}

fn checks() -> (Checks, Log) {
    let log = Log::new();
    (Checks::builder().log(log.clone()).build(), log)
}

fn hundred() -> impl Iterator<Item = Id> + Send {
    (0..100).map(Id)
}

#[tokio::test(start_paused = true)]
async fn one_bad_item_in_100_leaves_99_results() {
    let (graph, _) = checks();
    let items: Vec<_> = graph.checked("batch-1", hundred()).collect().await;
    let (good, bad): (Vec<_>, Vec<_>) = items.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (99, 1));
    let error = bad[0].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("check"))
    );
    assert_eq!(
        (error.item(), error.execution_id()),
        (Some(BAD as usize), "batch-1")
    );
    assert_eq!(error.downcast_ref(), Some(&Oops("bad")));
    assert_eq!(format!("{error:#}"), "step `check` of item 37 failed: bad");
}

#[tokio::test(start_paused = true)]
async fn every_form_of_a_batch_says_which_item_failed() {
    let (graph, _) = checks();
    let item = Some(BAD as usize);
    assert_eq!(graph.all("x", hundred()).await.unwrap_err().item(), item);
    let tried = graph.tried("x", hundred()).await.unwrap();
    assert_eq!(tried[BAD as usize].as_ref().unwrap_err().item(), item);
    let mut indexed = graph.checked("x", [Id(1), Id(BAD)]).indexed();
    assert_eq!(indexed.next().await.unwrap().unwrap(), (0, Checked(1)));
    assert_eq!(indexed.next().await.unwrap().unwrap_err().item(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_has_failed_does_not_wait_for_what_runs_beside() {
    let (graph, log) = checks();
    let mut both = graph.both_of("x", [Id(BAD), Id(2)]);
    assert_eq!(
        both.next().await.unwrap().unwrap_err().step(),
        Some("check")
    );
    assert_eq!((log.elapsed_ms(), log.count("beside 37 dropped")), (5, 1));
    assert_eq!(both.next().await.unwrap().unwrap(), Both(4));
    assert!(both.next().await.is_none());
    let mut pairs = graph.pairs("x", [Id(BAD)]);
    assert_eq!(
        pairs.next().await.unwrap().unwrap_err().step(),
        Some("check")
    );
    assert_eq!(log.elapsed_ms(), 105);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_the_error_of_its_item() {
    let (graph, _) = checks();
    let items: Vec<_> = graph.checked("x", [1, 1_001, 2].map(Id)).collect().await;
    let error = items[1].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.item()), (ErrorKind::Panicked, Some(1)));
    assert_eq!(items.iter().filter(|it| it.is_ok()).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_soft_need_of_an_item_may_fail() {
    let (graph, _) = checks();
    let soft: Vec<_> = graph
        .softened("x", [1, BAD].map(Id))
        .map(docket::Result::unwrap)
        .collect()
        .await;
    assert_eq!(soft, [Soft(1), Soft(1_000_000 + BAD)]);
}

#[tokio::test(start_paused = true)]
async fn abort_ends_the_stream_with_its_error() {
    let (graph, log) = checks();
    let execution = Execution::new("x").max_concurrency(2);
    let mut both = graph.both_of(execution, [1, 1_000, 2, 3].map(Id));
    let error = both.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.item()), (ErrorKind::Aborted, Some(1)));
    assert!(both.next().await.is_none());
    assert_eq!(
        log.sorted(),
        [
            "beside 1",
            "beside 1 dropped",
            "beside 1000",
            "beside 1000 dropped",
            "shared",
            "shared done"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_there_once_fails_for_all_at_once() {
    let (graph, log) = checks();
    log.push("shared fails");
    let mut checked = graph.checked("x", (0..).map(Id));
    let error = checked.next().await.unwrap().unwrap_err();
    assert_eq!((error.step(), error.item()), (Some("shared"), None));
    assert!(checked.next().await.is_none());
    // Whoever can do without it goes on.
    let soft = graph.softened("x", [Id(4)]).next().await.unwrap().unwrap();
    assert_eq!(soft, Soft(1_000_004));
}
