//! What the failure of one item means for the others.

use std::error::Error as _;

use docket::{ErrorKind, StepContext, StepOptions, graph, step};
use docket_tests::{Log, Oops, ms, nodes};
use tokio::time::sleep;

nodes!(Id, Shared, Checked, Soft, Fallen, Retried, Count, Report);

const BAD: u32 = 37;

#[step]
async fn shared(#[resource] log: &Log) -> Result<Shared, Oops> {
    if log.count("shared fails") > 0 {
        return Err(Oops("no shared"));
    }
    Ok(Shared(0))
}

#[step]
async fn check(
    id: &Id,
    shared: &Shared,
    #[resource] log: &Log,
) -> Result<Checked, docket::BoxError> {
    sleep(ms(1)).await;
    log.push(format!("check {}", id.0));
    match id.0 {
        BAD => Err(Oops("bad").into()),
        1_000 => Err(docket::abort(Oops("enough")).into()),
        1_001 => panic!("out of order"),
        _ => Ok(Checked(id.0 + shared.0)),
    }
}

#[step]
fn soft(id: &Id, checked: Option<&Checked>) -> Soft {
    Soft(checked.map_or(1_000_000 + id.0, |it| it.0))
}

#[step(fallback = nothing)]
fn fall(checked: &Checked) -> Result<Fallen, Oops> {
    Err(Oops(if checked.0 == 0 { "zero" } else { "more" }))
}

fn nothing() -> Fallen {
    Fallen(0)
}

#[step(retry(attempts = 3, delay = "1ms"))]
async fn retried(id: &Id, ctx: &StepContext) -> Result<Retried, Oops> {
    if ctx.attempt() <= id.0 {
        return Err(Oops("again"));
    }
    Ok(Retried(ctx.attempt()))
}

#[step]
fn count(all: &[Checked], ctx: &StepContext) -> Count {
    assert_eq!(ctx.attempt(), 1);
    Count(1_000 * u32::try_from(all.len()).unwrap() + u32::try_from(ctx.items_failed()).unwrap())
}

#[step]
fn report(checked: &Checked, count: &Count) -> Report {
    Report(checked.0 + 1_000_000 * (count.0 % 10))
}

graph! {
    struct Checks {
        inputs { Id }
        resources { Log }
        steps { shared, check, soft, fall, retried, count, report }
        async fn all(ids: [Id]) -> [Checked];
        async fn tried(ids: [Id]) -> [docket::Result<Checked>];
        async fn softened(ids: [Id]) -> [Soft];
        async fn fallen(ids: [Id]) -> [Fallen];
        async fn retries(ids: [Id]) -> [docket::Result<Retried>];
        async fn counted(ids: [Id]) -> ([docket::Result<Checked>], Count);
        async fn reported(ids: [Id]) -> [docket::Result<Report>];
        async fn counted_all(ids: [Id]) -> Count;
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
    let (graph, log) = checks();
    let tried = graph.tried("batch-1", hundred()).await.unwrap();
    assert_eq!(tried.len(), 100);
    for (i, one) in (0..).zip(&tried) {
        match one {
            Ok(checked) => assert_eq!(*checked, Checked(i)),
            Err(error) => {
                assert_eq!(i, BAD);
                assert_eq!(
                    (error.kind(), error.step()),
                    (ErrorKind::Failed, Some("check"))
                );
                assert_eq!(error.execution_id(), "batch-1");
                assert_eq!(error.downcast_ref(), Some(&Oops("bad")));
            }
        }
    }
    assert_eq!(tried.iter().filter(|it| it.is_ok()).count(), 99);
    assert_eq!(log.lines().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn without_result_the_first_failure_ends_the_batch() {
    let (graph, log) = checks();
    let execution = docket::Execution::new("x").max_concurrency(10);
    let error = graph.all(execution, hundred()).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Oops("bad")));
    assert!(log.lines().len() < 50);
    assert_eq!(
        graph.counted_all("x", hundred()).await.unwrap_err().step(),
        Some("check")
    );
}

#[tokio::test(start_paused = true)]
async fn aggregates_see_the_items_that_succeeded_and_may_ask_how_many_did_not() {
    let (graph, _) = checks();
    let (tried, count) = graph.counted("x", hundred()).await.unwrap();
    assert_eq!((tried.len(), count), (100, Count(99_001)));
    assert!(tried[BAD as usize].is_err());
    assert_eq!(*tried[99].as_ref().unwrap(), Checked(99));
}

#[tokio::test(start_paused = true)]
async fn after_an_aggregate_over_gaps_each_item_finds_its_own_value() {
    for n in [1, 7, 500] {
        let (graph, _) = checks();
        let execution = docket::Execution::new("x").max_concurrency(n);
        let reports = graph.reported(execution, hundred()).await.unwrap();
        for (i, report) in (0..).zip(reports) {
            match report {
                Ok(report) => assert_eq!(report, Report(i + 1_000_000)),
                Err(error) => assert_eq!((i, error.downcast_ref()), (BAD, Some(&Oops("bad")))),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn soft_needs_fallbacks_and_retries_are_those_of_each_item() {
    let (graph, _) = checks();
    let soft = graph.softened("x", [Id(1), Id(BAD)]).await.unwrap();
    assert_eq!(soft, [Soft(1), Soft(1_000_000 + BAD)]);
    assert_eq!(
        graph.fallen("x", [Id(1), Id(2)]).await.unwrap(),
        [Fallen(0); 2]
    );
    let retried = graph.retries("x", (0..4).map(Id)).await.unwrap();
    let attempts: Vec<_> = retried
        .iter()
        .map(|it| {
            it.as_ref()
                .map_or_else(|error| error.attempts() + 10, |it| it.0)
        })
        .collect();
    assert_eq!(attempts, [1, 2, 3, 13]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_the_error_of_its_item() {
    let (graph, _) = checks();
    let tried = graph.tried("x", [Id(1), Id(1_001), Id(2)]).await.unwrap();
    assert_eq!(
        (tried[0].as_ref().unwrap(), tried[2].as_ref().unwrap()),
        (&Checked(1), &Checked(2))
    );
    let error = tried[1].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Panicked, Some("check"))
    );
    assert!(error.to_string().contains("out of order"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn abort_ends_the_batch_in_both_forms() {
    let (graph, _) = checks();
    for error in [
        graph.all("x", [Id(1), Id(1_000)]).await.unwrap_err(),
        graph.tried("x", [Id(1), Id(1_000)]).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Aborted);
        assert!(error.source().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_once_fails_for_all_at_once() {
    let (graph, log) = checks();
    log.push("shared fails");
    let error = graph.tried("x", hundred()).await.unwrap_err();
    assert_eq!(
        (error.step(), error.downcast_ref()),
        (Some("shared"), Some(&Oops("no shared")))
    );
    assert_eq!(log.lines(), ["shared fails"]);
}

#[tokio::test(start_paused = true)]
async fn options_set_at_run_time_hold_for_items() {
    let options = StepOptions::new()
        .timeout(ms(1))
        .retry(docket::Retry::fixed(2, ms(1)));
    let log = Log::new();
    let graph = Checks::builder()
        .log(log.clone())
        .configure::<check>(options)
        .build();
    let tried = graph.tried("x", [Id(BAD), Id(1)]).await.unwrap();
    assert_eq!(tried[0].as_ref().unwrap_err().attempts(), 2);
}
