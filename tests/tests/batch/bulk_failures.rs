//! What becomes of items whose call fails.

use std::collections::HashMap;
use std::fmt;

use docket::{ErrorKind, StepContext, StepOptions, graph, step};
use docket_tests::{Log, Oops, hang, ms};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Id(u32);

macro_rules! nodes {
    ($($name:ident),+) => { $(#[derive(Clone, Debug, PartialEq)] struct $name(u32);)+ };
}
nodes!(
    Rated, Named, Miscounted, Stood, Panicked, Aborted, Hung, Soft, Counted
);

fn list(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| id.0.to_string()).collect();
    ids.join(" ")
}

/// An error that can't be copied.
#[derive(Debug)]
struct Refused(u32);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl std::error::Error for Refused {}

/// Refuses all that are asked for together with 5.
#[step(bulk = 4, retry(attempts = 3, delay = "10ms"))]
async fn rate(ids: &[Id], #[resource] log: &Log, ctx: &StepContext) -> Result<Vec<Rated>, Refused> {
    log.push(format!("rate {} attempt {}", list(ids), ctx.attempt()));
    match ids.iter().find(|id| id.0 == 5) {
        Some(id) => Err(Refused(id.0)),
        None => Ok(ids.iter().map(|id| Rated(id.0)).collect()),
    }
}

/// Knows the even ones.
#[step(bulk)]
fn name(ids: &[Id]) -> HashMap<Id, Named> {
    let known = ids.iter().filter(|id| id.0.is_multiple_of(2));
    known.map(|id| (*id, Named(id.0))).collect()
}

#[step]
fn soften(name: Option<&Named>) -> Soft {
    Soft(name.map_or(1_000, |name| name.0))
}

#[step]
fn count(all: &[Named], ctx: &StepContext) -> Counted {
    Counted(all.len() as u32 * 100 + ctx.items_failed() as u32)
}

#[step(bulk = 3, retry(attempts = 3, delay = "10ms"))]
fn miscount(ids: &[Id], #[resource] log: &Log) -> Vec<Miscounted> {
    log.push("miscount");
    ids.iter().skip(1).map(|id| Miscounted(id.0)).collect()
}

/// Too slow with 1, and without an answer for 3.
#[step(bulk = 2, timeout = "50ms", fallback = nobody)]
async fn stand(ids: &[Id], #[resource] log: &Log) -> HashMap<Id, Stood> {
    log.push(format!("stand {}", list(ids)));
    if ids.contains(&Id(1)) {
        hang(log, "stand").await;
    }
    let known = ids.iter().filter(|id| id.0 != 3);
    known.map(|id| (*id, Stood(id.0))).collect()
}

fn nobody() -> Stood {
    Stood(99)
}

#[step(bulk = 2)]
async fn panic(ids: &[Id]) -> Vec<Panicked> {
    assert!(!ids.contains(&Id(1)), "no {}", list(ids));
    ids.iter().map(|id| Panicked(id.0)).collect()
}

#[step(bulk = 2)]
async fn abort(_ids: &[Id]) -> Result<Vec<Aborted>, docket::StepError> {
    Err(docket::abort(Oops("enough")))
}

#[step(bulk = 2)]
async fn hangs(ids: &[Id], #[resource] log: &Log) -> Vec<Hung> {
    log.push(format!("hangs {}", list(ids)));
    hang(log, "call").await
}

graph! {
    struct Films {
        inputs { Id }
        resources { Log }
        steps { rate, name, soften, count, miscount, stand, panic, abort, hangs }
        async fn rated(ids: [Id]) -> [Rated];
        async fn tried(ids: [Id]) -> [docket::Result<Rated>];
        async fn named(ids: [Id]) -> [docket::Result<Named>];
        async fn name_of(id: Id) -> Named;
        async fn softened(ids: [Id]) -> [Soft];
        async fn counted(ids: [Id]) -> (Counted, [docket::Result<Named>]);
        async fn miscounted(ids: [Id]) -> [docket::Result<Miscounted>];
        async fn stood(ids: [Id]) -> [Stood];
        async fn panicked(ids: [Id]) -> [docket::Result<Panicked>];
        async fn aborted(ids: [Id]) -> [docket::Result<Aborted>];
        async fn hung(ids: [Id]) -> [docket::Result<Hung>];
    }
}

fn films() -> (Films, Log) {
    let log = Log::new();
    (Films::builder().log(log.clone()).build(), log)
}

fn ids(n: u32) -> impl ExactSizeIterator<Item = Id> {
    (0..n).map(Id)
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_failed_call_fail_with_its_error_and_no_others_do() {
    let (graph, log) = films();
    let tried = graph.tried("x", ids(10)).await.unwrap();
    for (i, tried) in (0..).zip(tried) {
        match tried {
            Ok(rated) => assert_eq!(rated, Rated(i)),
            Err(error) => {
                assert!((4..8).contains(&i));
                assert_eq!(error.downcast_ref::<Refused>().unwrap().0, 5);
                assert_eq!((error.step(), error.attempts()), (Some("rate"), 3));
                assert_eq!(error.execution_id(), "x");
            }
        }
    }
    // A call is tried again as a whole.
    assert_eq!(
        log.lines(),
        [
            "rate 0 1 2 3 attempt 1",
            "rate 4 5 6 7 attempt 1",
            "rate 8 9 attempt 1",
            "rate 4 5 6 7 attempt 2",
            "rate 4 5 6 7 attempt 3"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn where_all_are_wanted_the_first_failed_call_ends_the_batch() {
    let (graph, log) = films();
    let error = graph.rated("x", ids(10)).await.unwrap_err();
    assert_eq!(error.downcast_ref::<Refused>().unwrap().0, 5);
    assert_eq!(log.lines().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_item_without_a_key_in_the_map_fails_alone() {
    let (graph, _) = films();
    let named = graph.named("x", ids(4)).await.unwrap();
    let error = named[1].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("name"))
    );
    assert_eq!(error.to_string(), "step `name` of item 1 failed");
    let alone = graph.name_of("x", Id(1)).await.unwrap_err();
    assert_eq!(alone.to_string(), "step `name` failed");
    assert!(format!("{:?}", error.source_text()).contains("no such key"));
    let named: Vec<_> = named.into_iter().flatten().collect();
    assert_eq!(named, [Named(0), Named(2)]);
}

trait SourceText {
    fn source_text(&self) -> String;
}

impl SourceText for docket::Error {
    fn source_text(&self) -> String {
        std::error::Error::source(self).map_or_else(String::new, ToString::to_string)
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_can_be_softened_and_counted() {
    let (graph, _) = films();
    let softened = graph.softened("x", ids(4)).await.unwrap();
    assert_eq!(softened, [Soft(0), Soft(1_000), Soft(2), Soft(1_000)]);
    let (counted, _) = graph.counted("x", ids(5)).await.unwrap();
    assert_eq!(counted, Counted(302));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_number_of_outputs_is_an_error_that_names_both_and_is_not_tried_again() {
    let (graph, log) = films();
    let made = graph.miscounted("x", ids(4)).await.unwrap();
    let texts: Vec<_> = made
        .iter()
        .map(|it| it.as_ref().unwrap_err().source_text())
        .collect();
    assert!(
        texts[..3]
            .iter()
            .all(|it| it.starts_with("it was asked for 3 items, and returned 2"))
    );
    assert!(texts[3].starts_with("it was asked for 1 item, and returned 0"));
    assert_eq!(log.lines(), ["miscount"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_of_a_call_and_a_fallback_of_an_item() {
    let (graph, log) = films();
    let stood = graph.stood("x", ids(5)).await.unwrap();
    assert_eq!(stood, [Stood(99), Stood(99), Stood(2), Stood(99), Stood(4)]);
    assert_eq!(log.elapsed_ms(), 50);
    assert_eq!(log.count("stand dropped"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_error_of_each_item_of_its_call() {
    let (graph, _) = films();
    let made = graph.panicked("x", ids(4)).await.unwrap();
    let kinds: Vec<_> = made
        .iter()
        .map(|it| it.as_ref().err().map(docket::Error::kind))
        .collect();
    let panicked = Some(ErrorKind::Panicked);
    assert_eq!(kinds, [panicked, panicked, None, None]);
}

#[tokio::test(start_paused = true)]
async fn abort_ends_the_whole_batch() {
    let (graph, _) = films();
    let error = graph.aborted("x", ids(4)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Aborted);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_calls_under_way() {
    let (graph, log) = films();
    let execution = docket::Execution::new("x").timeout(ms(30));
    let error = graph.hung(execution, ids(4)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.count("call dropped"), 2);
}

#[tokio::test(start_paused = true)]
async fn when_the_batch_is_dropped_its_calls_are() {
    let (graph, log) = films();
    let run = tokio::time::timeout(ms(30), graph.hung("x", ids(5)));
    assert!(run.await.is_err());
    assert_eq!(log.count("call dropped"), 3);
    log.take();
    sleep(ms(1_000)).await;
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_can_be_set_anew() {
    let log = Log::new();
    let graph = Films::builder()
        .log(log.clone())
        .configure::<hangs>(StepOptions::new().timeout(ms(5)))
        .build();
    let made = graph.hung("x", ids(3)).await.unwrap();
    assert!(
        made.iter()
            .all(|it| it.as_ref().unwrap_err().kind() == ErrorKind::TimedOut)
    );
    assert_eq!(log.elapsed_ms(), 5);
}
