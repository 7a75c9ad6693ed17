//! A fallback stands in when a step has failed for good.

use docket::{ErrorKind, Execution, graph, step};
use docket_tests::{Log, Oops, hang, ms, nodes};

nodes!(Id, A, B, C, D, E);

fn stand_in() -> A {
    A(42)
}

#[step(retry(attempts = 3, delay = "10ms"), fallback = stand_in)]
async fn flaky(id: &Id, #[resource] log: &Log) -> Result<A, Oops> {
    log.stamp("flaky");
    if id.0 == 0 {
        Err(Oops("down"))
    } else {
        Ok(A(id.0))
    }
}

mod elsewhere {
    use super::B;

    pub(crate) mod deeper {
        pub(crate) fn stand_in() -> super::B {
            super::B(43)
        }
    }
}

#[step(timeout = "5ms", fallback = elsewhere::deeper::stand_in)]
async fn slow(_id: &Id, #[resource] log: &Log) -> B {
    hang(log, "slow").await
}

#[step(fallback = c)]
fn panics(_id: &Id) -> C {
    panic!("as planned")
}

fn c() -> C {
    C(44)
}

#[step]
fn sum(a: &A, b: Option<&B>, c: Result<&C, &docket::Error>, #[resource] log: &Log) -> D {
    log.stamp("sum");
    D(a.0 + b.unwrap().0 + c.unwrap().0)
}

/// It fails because of another, so its own fallback has no say.
#[step(fallback = never_called)]
fn downstream(_e: &E) -> F {
    F(0)
}

nodes!(F, G);

fn never_called() -> F {
    panic!("the step did not run")
}

#[step]
fn fails(_id: &Id) -> Result<E, Oops> {
    Err(Oops("upstream"))
}

#[step]
fn soft(f: Option<&F>) -> G {
    G(f.map_or(0, |f| f.0))
}

graph! {
    struct Fallbacks {
        inputs { Id }
        resources { Log }
        steps { flaky, slow, panics, sum, fails, downstream, soft }
        async fn flaky(id: Id) -> A;
        async fn slow(id: Id) -> B;
        async fn sum(id: Id) -> D;
        async fn downstream(id: Id) -> F;
        async fn soft(id: Id) -> G;
    }
}

fn graph() -> (Fallbacks, Log) {
    let log = Log::new();
    (Fallbacks::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn a_fallback_stands_in_after_the_last_attempt() {
    let (graph, log) = graph();
    assert_eq!(graph.flaky("x", Id(0)).await.unwrap(), A(42));
    assert_eq!(log.take(), ["0ms: flaky", "10ms: flaky", "20ms: flaky"]);
    assert_eq!(graph.flaky("x", Id(1)).await.unwrap(), A(1));
    assert_eq!(log.take(), ["20ms: flaky"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_needs_the_step_gets_the_value_of_its_fallback() {
    let (graph, log) = graph();
    assert_eq!(graph.sum("x", Id(0)).await.unwrap(), D(42 + 43 + 44));
    assert_eq!(log.lines().last().unwrap(), "20ms: sum");
}

#[tokio::test(start_paused = true)]
async fn a_fallback_stands_in_for_a_step_that_timed_out() {
    let (graph, log) = graph();
    assert_eq!(graph.slow("x", Id(0)).await.unwrap(), B(43));
    assert_eq!(log.lines(), ["slow dropped"]);
    assert_eq!(log.elapsed_ms(), 5);
}

#[tokio::test]
async fn a_fallback_does_not_stand_in_for_a_step_that_was_not_run() {
    let (graph, _log) = graph();
    let error = graph.downstream("x", Id(0)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("fails"))
    );
    assert_eq!(graph.soft("x", Id(0)).await.unwrap(), G(0));
}

#[tokio::test(start_paused = true)]
async fn a_fallback_does_not_stand_in_at_a_deadline() {
    let (graph, _log) = graph();
    let error = graph
        .slow(Execution::new("x").timeout(ms(3)), Id(0))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}
