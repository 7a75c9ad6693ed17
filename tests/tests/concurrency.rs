//! `max_concurrency`: so many of one step at once in one graph value, and in all of its clones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket::{StepContext, StepOptions, graph, step};
use docket_tests::{Log, Oops, hang, ms, nodes};
use tokio::time::sleep;

nodes!(Id, A, B, C, D);

/// How many are in flight, and how many were at most.
#[derive(Clone, Default)]
pub(crate) struct Gauge(Arc<(AtomicUsize, AtomicUsize)>);

impl Gauge {
    fn enter(&self) -> Inside<'_> {
        let now = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.1.fetch_max(now, Ordering::SeqCst);
        Inside(self)
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

struct Inside<'a>(&'a Gauge);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[step(max_concurrency = 3)]
async fn limited(_id: &Id, #[resource] gauge: &Gauge) -> A {
    let _inside = gauge.enter();
    sleep(ms(10)).await;
    A(1)
}

#[step]
async fn unlimited(_id: &Id, #[resource] gauge: &Gauge) -> B {
    let _inside = gauge.enter();
    sleep(ms(10)).await;
    B(1)
}

/// Its place is free while it waits for its next attempt, and its time does not run while it waits for a place.
#[step(
    max_concurrency = 1,
    timeout = "15ms",
    retry(attempts = 2, delay = "10ms")
)]
async fn polite(id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<C, Oops> {
    log.stamp(&format!("{} attempt {}", id.0, ctx.attempt()));
    sleep(ms(10)).await;
    if ctx.attempt() == 1 {
        Err(Oops("down"))
    } else {
        Ok(C(1))
    }
}

#[step(max_concurrency = 1)]
async fn hangs_at_first(id: &Id, #[resource] log: &Log) -> D {
    if id.0 == 0 {
        hang(log, "first").await
    } else {
        D(1)
    }
}

graph! {
    struct Limited {
        inputs { Id }
        resources { Gauge, Log }
        steps { limited, unlimited, polite, hangs_at_first }
        async fn limited(id: Id) -> A;
        async fn unlimited(id: Id) -> B;
        async fn polite(id: Id) -> C;
        async fn hangs_at_first(id: Id) -> D;
    }
}

fn graph() -> (Limited, Gauge, Log) {
    let (gauge, log) = (Gauge::default(), Log::new());
    (
        Limited::builder()
            .gauge(gauge.clone())
            .log(log.clone())
            .build(),
        gauge,
        log,
    )
}

/// Ten executions at once, each on a clone.
async fn ten(graph: &Limited, limited: bool) {
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..10 {
        let graph = graph.clone();
        tasks.spawn(async move {
            if limited {
                graph.limited(i.to_string(), Id(i)).await.map(drop)
            } else {
                graph.unlimited(i.to_string(), Id(i)).await.map(drop)
            }
        });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_max_concurrency_of_a_step_run_at_once_in_all_clones_of_a_graph() {
    let (graph, gauge, log) = graph();
    ten(&graph, true).await;
    assert_eq!(gauge.most(), 3);
    assert_eq!(log.elapsed_ms(), 40);
}

#[tokio::test(start_paused = true)]
async fn without_it_there_is_no_limit() {
    let (graph, gauge, log) = graph();
    ten(&graph, false).await;
    assert_eq!(gauge.most(), 10);
    assert_eq!(log.elapsed_ms(), 10);
}

#[tokio::test(start_paused = true)]
async fn two_graph_values_have_limits_of_their_own() {
    let (one, gauge, log) = graph();
    let two = Limited::builder().gauge(gauge.clone()).log(log).build();
    tokio::join!(ten(&one, true), ten(&two, true));
    assert_eq!(gauge.most(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_limit_can_be_set_and_taken_away_at_run_time() {
    let (gauge, log) = (Gauge::default(), Log::new());
    let graph = Limited::builder()
        .gauge(gauge.clone())
        .log(log.clone())
        .configure::<limited>(StepOptions::new().no_max_concurrency())
        .configure::<unlimited>(StepOptions::new().max_concurrency(2))
        .build();
    ten(&graph, false).await;
    assert_eq!((gauge.most(), log.elapsed_ms()), (2, 50));
    ten(&graph, true).await;
    assert_eq!((gauge.most(), log.elapsed_ms()), (10, 60));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_for_its_next_attempt_takes_no_place() {
    let (graph, _gauge, log) = graph();
    let (a, b) = tokio::join!(graph.polite("a", Id(1)), graph.polite("b", Id(2)));
    a.unwrap();
    b.unwrap();
    assert_eq!(
        log.lines(),
        [
            "0ms: 1 attempt 1",
            "10ms: 2 attempt 1",
            "20ms: 1 attempt 2",
            "30ms: 2 attempt 2"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_gives_its_place_back() {
    let (graph, _gauge, log) = graph();
    let second = async {
        sleep(ms(1)).await;
        graph.hangs_at_first("second", Id(1)).await
    };
    let first = tokio::time::timeout(ms(5), graph.hangs_at_first("first", Id(0)));
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_err());
    assert_eq!(second.unwrap(), D(1));
    assert_eq!(log.elapsed_ms(), 5);
}
