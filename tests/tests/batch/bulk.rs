//! `bulk`: when items are asked for together, and what each of them gets.

use std::collections::HashMap;
use std::thread;

use docket::{Execution, StepContext, StepOptions, graph, step};
use docket_tests::{Log, ms};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Id(u32);

#[derive(Clone, Debug, PartialEq)]
struct Rating(u32);

#[derive(Clone, Debug, PartialEq)]
struct Title(String);

#[derive(Debug, PartialEq)]
struct Viewer(u32);

macro_rules! nodes {
    ($($name:ident),+) => { $(#[derive(Clone, Debug, PartialEq, Eq, Hash)] struct $name(u32);)+ };
}
nodes!(
    Taste, Slow, Shown, Late, Chained, Ranked, Sum, Keyed, Plain, Blocked, Spawned, Told
);

fn list(ids: &[Id]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| id.0.to_string()).collect();
    ids.join(" ")
}

#[step(bulk = 4)]
async fn rate(ids: &[Id], #[resource] log: &Log) -> Vec<Rating> {
    log.stamp(&format!("rate {}", list(ids)));
    sleep(ms(10)).await;
    ids.iter().map(|id| Rating(id.0 * 10)).collect()
}

#[step]
fn taste(viewer: &Viewer, #[resource] log: &Log) -> Taste {
    log.push("taste");
    Taste(viewer.0)
}

/// By its item, in whatever order. It reads what is there once for the batch, too.
#[step(bulk)]
async fn titles(
    taste: &Taste,
    ids: &[Id],
    #[resource] log: &Log,
) -> Result<HashMap<Id, Title>, std::io::Error> {
    log.push(format!("titles {}", list(ids)));
    let titles = ids
        .iter()
        .rev()
        .map(|id| (*id, Title(format!("{} for {}", id.0, taste.0))));
    Ok(titles.collect())
}

#[step]
async fn show(id: &Id, rating: &Rating, #[resource] log: &Log) -> Shown {
    log.push("in");
    sleep(ms(10)).await;
    log.push("out");
    Shown(id.0 + rating.0)
}

/// Item 0 takes 100, and each other as long as its number.
#[step]
async fn slow(id: &Id) -> Slow {
    sleep(ms(if id.0 == 0 { 100 } else { u64::from(id.0) })).await;
    Slow(id.0)
}

#[step(bulk = 10)]
async fn late(all: &[Slow], #[resource] log: &Log) -> Vec<Late> {
    let all: Vec<u32> = all.iter().map(|it| it.0).collect();
    log.stamp(&format!("late {all:?}"));
    sleep(ms(5)).await;
    all.into_iter().map(Late).collect()
}

#[step]
fn sum(all: &[Rating]) -> Sum {
    Sum(all.iter().map(|it| it.0).sum())
}

#[step]
fn rank(rating: &Rating, sum: &Sum) -> Ranked {
    Ranked(rating.0 * 1_000 + sum.0)
}

/// Asked for after `rate`, whose answers come together.
#[step(bulk = 3, max_concurrency = 1)]
async fn chained(all: &[Ranked], #[resource] log: &Log) -> Vec<Chained> {
    log.push("in");
    sleep(ms(10)).await;
    log.push("out");
    all.iter().map(|it| Chained(it.0 + 1)).collect()
}

/// Where a call runs: on which thread, and in which task, if in one.
fn place() -> String {
    format!("{:?} {:?}", thread::current().id(), tokio::task::try_id())
}

#[step(bulk = 2)]
fn plain(ids: &[Id], #[resource] log: &Log) -> Vec<Plain> {
    log.push(format!("{}: {}", list(ids), place()));
    ids.iter().map(|id| Plain(id.0)).collect()
}

#[step(bulk = 2, blocking)]
fn blocked(ids: &[Id], #[resource] log: &Log) -> Vec<Blocked> {
    log.push(format!("{}: {}", list(ids), place()));
    ids.iter().map(|id| Blocked(id.0)).collect()
}

#[step(bulk = 2, spawn)]
async fn spawned(ids: &[Id], #[resource] log: &Log) -> Vec<Spawned> {
    tokio::task::yield_now().await;
    log.push(format!("{}: {}", list(ids), place()));
    ids.iter().map(|id| Spawned(id.0)).collect()
}

#[step(bulk = 2, retry(attempts = 2, delay = "1ms"))]
async fn keyed(
    ids: &[Id],
    #[resource] log: &Log,
    ctx: &StepContext,
) -> Result<Vec<Keyed>, std::io::Error> {
    log.push(ctx.idempotency_key());
    if ctx.attempt() == 1 {
        return Err(std::io::Error::other("once"));
    }
    Ok(ids.iter().map(|id| Keyed(id.0)).collect())
}

#[step(bulk = 2)]
fn tell(ids: &[Id], #[resource] log: &Log, ctx: &StepContext) -> Vec<Told> {
    ctx.annotate("calls", ids.len());
    log.push(format!("{ctx:?}"));
    ids.iter().map(|id| Told(id.0)).collect()
}

graph! {
    struct Films {
        inputs { Id, Viewer }
        resources { Log }
        steps {
            rate, taste, titles, show, slow, late, sum, rank, chained, plain, blocked, spawned, keyed,
            tell,
        }
        async fn of_told(ids: [Id]) -> [Told];
        async fn rating(id: Id) -> Rating;
        async fn ratings(ids: [Id]) -> [Rating];
        async fn title(viewer: Viewer, id: Id) -> Title;
        async fn titles_of(viewer: Viewer, ids: [Id]) -> [Title];
        async fn for_viewers(viewers: [Viewer], id: Id) -> ([Taste], Rating);
        async fn shown(ids: [Id]) -> [Shown];
        async fn late_ones(ids: [Id]) -> [Late];
        async fn chain(ids: [Id]) -> [Chained];
        async fn of_plain(ids: [Id]) -> [Plain];
        async fn of_blocked(ids: [Id]) -> [Blocked];
        async fn of_spawned(ids: [Id]) -> [Spawned];
        async fn of_keyed(ids: [Id]) -> [Keyed];
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
async fn a_full_call_is_sent_at_once_and_the_last_one_when_no_item_can_come_any_more() {
    let (graph, log) = films();
    let ratings = graph.ratings("x", ids(10)).await.unwrap();
    assert!(ratings.iter().map(|it| it.0).eq((0..10).map(|it| it * 10)));
    // All of them at the same time.
    assert_eq!(
        log.lines(),
        ["0ms: rate 0 1 2 3", "0ms: rate 4 5 6 7", "0ms: rate 8 9"]
    );
    assert_eq!(log.elapsed_ms(), 10);
}

#[tokio::test(start_paused = true)]
async fn outside_of_a_batch_and_where_it_is_shared_it_is_asked_for_one() {
    let (graph, log) = films();
    assert_eq!(graph.rating("x", Id(3)).await.unwrap(), Rating(30));
    assert_eq!(
        graph.title("x", Viewer(7), Id(3)).await.unwrap(),
        Title("3 for 7".into())
    );
    assert_eq!(log.take(), ["0ms: rate 3", "taste", "titles 3"]);
    let viewers = [Viewer(1), Viewer(2)];
    let (_, rating) = graph.for_viewers("x", viewers, Id(3)).await.unwrap();
    assert_eq!(rating, Rating(30));
    assert_eq!(log.sorted(), ["10ms: rate 3", "taste", "taste"]);
}

#[tokio::test(start_paused = true)]
async fn equal_items_are_asked_for_once_and_each_gets_its_own() {
    let (graph, log) = films();
    let made = graph
        .ratings("x", (0..100).map(|i| Id(i % 3)))
        .await
        .unwrap();
    assert!(made.iter().map(|it| it.0).eq((0..100).map(|i| i % 3 * 10)));
    assert_eq!(log.lines(), ["0ms: rate 0 1 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_map_gives_each_item_its_own_in_whatever_order() {
    let (graph, log) = films();
    let titles = graph.titles_of("x", Viewer(7), ids(3)).await.unwrap();
    let titles: Vec<_> = titles.into_iter().map(|it| it.0).collect();
    assert_eq!(titles, ["0 for 7", "1 for 7", "2 for 7"]);
    assert_eq!(log.lines(), ["taste", "titles 0 1 2"]);
}

#[tokio::test(start_paused = true)]
async fn calls_are_full_however_few_items_may_be_in_flight() {
    let (graph, log) = films();
    let execution = Execution::new("x").max_concurrency(1);
    graph.ratings(execution, ids(8)).await.unwrap();
    // And a call takes the place of one.
    assert_eq!(log.lines(), ["0ms: rate 0 1 2 3", "10ms: rate 4 5 6 7"]);
}

#[tokio::test(start_paused = true)]
async fn items_that_were_answered_together_go_on_as_the_execution_allows() {
    for limit in [1, 2, 3, 7] {
        let (graph, log) = films();
        let execution = Execution::new("x").max_concurrency(limit);
        let shown = graph.shown(execution, ids(20)).await.unwrap();
        assert!(shown.iter().map(|it| it.0).eq((0..20).map(|it| it * 11)));
        assert_eq!(super::limits::most_at_once(&log.lines()), limit);
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_early_does_not_wait_for_who_is_late() {
    let (graph, log) = films();
    let late = graph.late_ones("x", ids(10)).await.unwrap();
    assert!(late.iter().map(|it| it.0).eq(0..10));
    // While one call is under way, those that come are the next one.
    assert_eq!(
        log.lines(),
        [
            "1ms: late [1]",
            "6ms: late [2, 3, 4, 5, 6]",
            "11ms: late [7, 8, 9]",
            "100ms: late [0]"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_aggregate_may_stand_between_two_and_the_limit_of_a_step_is_one_of_calls() {
    for limit in [1, 7, 500] {
        let (graph, log) = films();
        let execution = Execution::new("x").max_concurrency(limit);
        let made = graph.chain(execution, ids(10)).await.unwrap();
        assert!(
            made.iter()
                .map(|it| it.0)
                .eq((0..10).map(|it| it * 10_000 + 451))
        );
        let calls: Vec<_> = log.lines();
        let chained: Vec<String> = calls
            .into_iter()
            .filter(|it| !it.contains("rate"))
            .collect();
        assert_eq!(chained.len(), 2 * 4, "{chained:?}");
        assert_eq!(super::limits::most_at_once(&chained), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn it_runs_inside_on_the_blocking_pool_or_in_a_task() {
    let (graph, log) = films();
    let here = place();
    assert_eq!(graph.of_plain("x", ids(3)).await.unwrap()[2], Plain(2));
    assert_eq!(log.take(), ["0 1", "2"].map(|it| format!("{it}: {here}")));

    // On another thread.
    assert_eq!(graph.of_blocked("x", ids(3)).await.unwrap()[2], Blocked(2));
    let thread = format!("{:?}", thread::current().id());
    let calls = log.sorted();
    let (first, second) = (&calls[0], &calls[1]);
    assert!(first.starts_with("0 1: ") && second.starts_with("2: "));
    assert!(calls.iter().all(|it| !it.contains(&thread)), "{calls:?}");
    log.take();

    // On the thread of the test, which is in no task, but each in a task of its own.
    assert_eq!(graph.of_spawned("x", ids(3)).await.unwrap()[2], Spawned(2));
    assert!(here.ends_with("None"), "{here}");
    let mut calls = log.sorted();
    let tasks = ["0 1", "2"].map(|items| {
        let call = calls.remove(0);
        let task = call.strip_prefix(&format!("{items}: {thread} Some("));
        task.unwrap_or_else(|| panic!("{call}")).to_owned()
    });
    assert_ne!(tasks[0], tasks[1]);
}

#[tokio::test(start_paused = true)]
async fn each_call_has_an_idempotency_key_of_its_own_which_its_attempts_share() {
    let (graph, log) = films();
    graph.of_keyed("x", ids(4)).await.unwrap();
    graph.of_keyed("x", ids(2)).await.unwrap();
    let mut keys = HashMap::new();
    for key in log.lines() {
        *keys.entry(key).or_insert(0) += 1;
    }
    assert_eq!(keys.into_values().collect::<Vec<_>>(), [2, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_call_without_persist_has_no_row() {
    let (graph, log) = films();
    graph.of_told("x", ids(2)).await.unwrap();
    assert!(
        log.lines()[0].contains("persisted: false"),
        "{:?}",
        log.lines()
    );
}

#[tokio::test(start_paused = true)]
async fn how_many_are_in_one_call_can_be_set_anew() {
    let log = Log::new();
    let graph = Films::builder()
        .log(log.clone())
        .configure::<rate>(StepOptions::new().bulk(5))
        .build();
    graph.ratings("x", ids(10)).await.unwrap();
    assert_eq!(log.lines(), ["0ms: rate 0 1 2 3 4", "0ms: rate 5 6 7 8 9"]);
}

#[test]
#[should_panic(
    expected = "`slow` is asked for one item at a time, so `bulk` has no meaning for it"
)]
fn a_step_that_takes_one_item_has_no_calls_to_be_sized() {
    let _ = Films::builder().configure::<slow>(StepOptions::new().bulk(5));
}

#[tokio::test(start_paused = true)]
async fn two_batches_of_one_graph_have_calls_of_their_own() {
    let (graph, log) = films();
    let (a, b) = tokio::join!(graph.ratings("a", ids(2)), graph.ratings("b", ids(2)));
    assert_eq!(a.unwrap(), b.unwrap());
    assert_eq!(log.lines(), ["0ms: rate 0 1"; 2]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_batch_asks_for_nothing() {
    let (graph, log) = films();
    assert_eq!(graph.ratings("x", []).await.unwrap(), []);
    assert_eq!(log.lines(), [""; 0]);
}
