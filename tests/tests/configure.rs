//! Options set at run time stand in the place of those in the attribute, also on steps that have none.

use docket::{ErrorKind, Retry, StepContext, StepOptions, graph, step};
use docket_tests::{Log, Oops, hang, ms, nodes};

nodes!(Id, A, B, C, D, E, F);

mod elsewhere {
    use super::*;

    #[step]
    pub(crate) async fn plain(_id: &Id, #[resource] log: &Log) -> Result<A, Oops> {
        log.stamp("plain");
        Err(Oops("down"))
    }
}

#[step]
async fn plain_and_slow(_id: &Id, #[resource] log: &Log) -> B {
    log.stamp("plain_and_slow");
    hang(log, "plain_and_slow").await
}

#[step(timeout = "5ms", retry(attempts = 3, delay = "10ms"))]
async fn full(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> C {
    log.stamp(&format!("attempt {}", ctx.attempt()));
    hang(log, "full").await
}

#[step]
fn plain_and_sync(_id: &Id, #[resource] log: &Log) -> Result<D, Oops> {
    log.stamp("plain_and_sync");
    Err(Oops("down"))
}

#[step]
async fn panics(_id: &Id) -> E {
    panic!("as planned")
}

#[step(spawn)]
async fn spawned(_id: &Id, #[resource] log: &Log) -> Result<F, Oops> {
    log.stamp("spawned");
    Err(Oops("down"))
}

graph! {
    struct Configured {
        inputs { Id }
        resources { Log }
        steps { elsewhere::plain, plain_and_slow, full, plain_and_sync, panics, spawned }
        async fn plain(id: Id) -> A;
        async fn plain_and_slow(id: Id) -> B;
        async fn full(id: Id) -> C;
        async fn plain_and_sync(id: Id) -> D;
        async fn panics(id: Id) -> E;
        async fn spawned(id: Id) -> F;
    }
}

macro_rules! configured {
    ($step:path, $options:expr) => {{
        let log = Log::new();
        (
            Configured::builder()
                .log(log.clone())
                .configure::<$step>($options)
                .build(),
            log,
        )
    }};
}

#[tokio::test(start_paused = true)]
async fn a_plain_step_of_another_module_can_be_given_a_retry() {
    let (graph, log) = configured!(
        elsewhere::plain,
        StepOptions::new().retry(Retry::exponential(3, ms(10)))
    );
    let error = graph.plain("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["0ms: plain", "10ms: plain", "30ms: plain"]);
    assert_eq!((error.step(), error.attempts()), (Some("plain"), 3));
}

#[tokio::test(start_paused = true)]
async fn a_plain_step_can_be_given_a_timeout() {
    let (graph, log) = configured!(plain_and_slow, StepOptions::new().timeout(ms(7)));
    let error = graph.plain_and_slow("x", Id(0)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(
        log.lines(),
        ["0ms: plain_and_slow", "plain_and_slow dropped"]
    );
    assert_eq!(log.elapsed_ms(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_plain_function_and_a_task_can_be_given_a_retry() {
    let (graph, log) = configured!(
        plain_and_sync,
        StepOptions::new().retry(Retry::fixed(2, ms(10)))
    );
    graph.plain_and_sync("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["0ms: plain_and_sync", "10ms: plain_and_sync"]);
    let (graph, log) = configured!(spawned, StepOptions::new().retry(Retry::fixed(2, ms(10))));
    graph.spawned("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["0ms: spawned", "10ms: spawned"]);
}

#[tokio::test(start_paused = true)]
async fn each_option_replaces_the_one_in_the_attribute_and_leaves_the_others() {
    let (graph, log) = configured!(full, StepOptions::new().timeout(ms(1)));
    graph.full("x", Id(0)).await.unwrap_err();
    assert_eq!(
        log.lines(),
        [
            "0ms: attempt 1",
            "full dropped",
            "11ms: attempt 2",
            "full dropped",
            "22ms: attempt 3",
            "full dropped"
        ]
    );
    let (graph, log) = configured!(full, StepOptions::new().retry(Retry::fixed(2, ms(1))));
    graph.full("x", Id(0)).await.unwrap_err();
    assert_eq!(
        log.lines(),
        [
            "0ms: attempt 1",
            "full dropped",
            "6ms: attempt 2",
            "full dropped"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_option_of_the_attribute_can_be_taken_away() {
    let (graph, log) = configured!(full, StepOptions::new().no_retry());
    let error = graph.full("x", Id(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::TimedOut, 1));
    assert_eq!(log.lines(), ["0ms: attempt 1", "full dropped"]);
    let (graph, log) = configured!(full, StepOptions::new().no_timeout());
    assert!(
        tokio::time::timeout(ms(1_000), graph.full("x", Id(0)))
            .await
            .is_err()
    );
    assert_eq!(log.lines(), ["0ms: attempt 1", "full dropped"]);
}

#[tokio::test(start_paused = true)]
async fn options_that_change_nothing_change_nothing() {
    let (graph, log) = configured!(full, StepOptions::new());
    graph.full("x", Id(0)).await.unwrap_err();
    assert_eq!(log.count("full dropped"), 3);
    assert_eq!(log.elapsed_ms(), 35);
}

#[tokio::test(start_paused = true)]
async fn other_graph_values_are_not_touched() {
    let (configured, _log) = configured!(
        elsewhere::plain,
        StepOptions::new().retry(Retry::fixed(9, ms(10)))
    );
    let log = Log::new();
    let other = Configured::builder().log(log.clone()).build();
    other.plain("x", Id(0)).await.unwrap_err();
    drop(configured);
    assert_eq!(log.lines(), ["0ms: plain"]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_set_at_run_time_does_not_repeat_a_panic() {
    let (graph, log) = configured!(panics, StepOptions::new().retry(Retry::fixed(9, ms(10))));
    let error = graph.panics("x", Id(0)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), log.elapsed_ms()),
        (ErrorKind::Panicked, 1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn no_attempts_and_no_places_count_as_one() {
    let options = StepOptions::new()
        .retry(Retry::fixed(0, ms(10)))
        .max_concurrency(0);
    let (graph, log) = configured!(elsewhere::plain, options);
    graph.plain("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["0ms: plain"]);
}

#[test]
#[should_panic(expected = "`full` is not persisted")]
fn a_ttl_for_a_step_that_records_nothing_is_refused() {
    let _ = configured!(full, StepOptions::new().ttl(ms(10)));
}

#[test]
#[should_panic(expected = "so `ttl`, `stale` and `repeat` have no meaning for it")]
fn a_stale_for_a_step_that_records_nothing_is_refused_by_its_name() {
    let _ = configured!(full, StepOptions::new().stale(ms(10)));
}

/// Set once and again: the last word counts as a whole.
#[tokio::test(start_paused = true)]
async fn configuring_a_step_twice_keeps_the_last() {
    let log = Log::new();
    let graph = Configured::builder()
        .log(log.clone())
        .configure::<full>(StepOptions::new().timeout(ms(1)))
        .configure::<full>(StepOptions::new().no_retry())
        .build();
    graph.full("x", Id(0)).await.unwrap_err();
    assert_eq!(log.elapsed_ms(), 5);
}
