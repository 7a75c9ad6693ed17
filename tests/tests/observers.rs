//! An observer is told what happens, and can do no harm.

use std::sync::atomic::{AtomicU32, Ordering};

use docket::observe::{Origin, Retrying, StepEnded, StepOutcome, StepStarted};
use docket::{Observer, graph, step};
use docket_tests::{Log, Oops, Tell, ms, nodes};
use tokio::time::sleep;

nodes!(Id, A, B, C, D, E, F, G);

#[step]
async fn ran(_id: &Id) -> A {
    sleep(ms(3)).await;
    A(1)
}

#[step(name = "Flaky", retry(attempts = 2, initial = "10ms"))]
async fn flaky(id: &Id) -> Result<B, Oops> {
    if id.0 == 0 {
        Err(Oops("down"))
    } else {
        Ok(B(1))
    }
}

#[step]
fn skipped(b: &B) -> C {
    C(b.0)
}

fn stand_in() -> D {
    D(4)
}

#[step(fallback = stand_in)]
fn falls_back(_a: &A) -> Result<D, Oops> {
    Err(Oops("no"))
}

#[step]
fn end(a: &A, c: Option<&C>, d: &D) -> E {
    E(a.0 + c.map_or(0, |c| c.0) + d.0)
}

#[step]
fn hard(_b: &B, _a: &A) -> F {
    F(1)
}

#[step(spawn)]
async fn panics(_id: &Id) -> G {
    panic!("as planned")
}

graph! {
    struct Observed {
        inputs { Id }
        steps { ran, flaky, skipped, falls_back, end, hard, panics }
        async fn soft(id: Id) -> E;
        async fn hard(id: Id) -> F;
        async fn panics(id: Id) -> G;
    }
}

fn graph() -> (Observed, Log) {
    let log = Log::new();
    (Observed::builder().observer(Tell(log.clone())).build(), log)
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_in_order_what_started_was_retried_softened_skipped_or_fell_back() {
    let (graph, log) = graph();
    assert_eq!(graph.soft("x", Id(0)).await.unwrap(), E(5));
    let lines = log.lines();
    assert_eq!(
        log.sorted(),
        [
            "Flaky ended: softened: step `Flaky` failed after 2 attempts in 10ms",
            "Flaky retrying after attempt 1 in 10ms",
            "Flaky started",
            "end ended: ran in 0ns",
            "end started",
            "falls_back ended: fallback in 0ns",
            "falls_back started",
            "ran ended: ran in 3ms",
            "ran started",
            "skipped ended: skipped: step `Flaky` failed after 2 attempts in 0ns",
        ]
    );
    let at = |start: &str| {
        lines
            .iter()
            .position(|line| line.starts_with(start))
            .unwrap()
    };
    assert!(at("Flaky started") < at("Flaky retrying"));
    assert!(at("ran ended") < at("falls_back started"));
    assert!(at("falls_back ended") < at("Flaky ended"));
    assert!(at("Flaky ended") < at("skipped ended"));
    assert!(at("skipped ended") < at("end started"));
    assert_eq!(lines.last().unwrap(), "end ended: ran in 0ns");
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_the_failure_that_ends_an_execution() {
    let (graph, log) = graph();
    graph.hard("x", Id(0)).await.unwrap_err();
    assert_eq!(
        log.lines().last().unwrap(),
        "Flaky ended: failed: step `Flaky` failed after 2 attempts in 10ms"
    );
    log.take();
    graph.panics("x", Id(0)).await.unwrap_err();
    assert_eq!(
        log.lines(),
        [
            "panics started",
            "panics ended: failed: step `panics` panicked: as planned in 0ns"
        ]
    );
}

/// Each event has the id of its execution, and the outcome as data.
#[tokio::test(start_paused = true)]
async fn events_carry_their_execution_and_their_outcome() {
    struct Ids(Log);

    impl Observer for Ids {
        fn step_ended(&self, event: &StepEnded<'_>) {
            let outcome = match event.outcome {
                StepOutcome::Made(Origin::Ran) => "ran",
                StepOutcome::Made(Origin::Fallback) => "fallback",
                StepOutcome::Softened(_) => "softened",
                StepOutcome::Skipped(_) => "skipped",
                StepOutcome::Failed(_) => "failed",
                _ => "another",
            };
            self.0
                .push(format!("{} {} {outcome}", event.execution_id, event.step));
        }
    }

    let log = Log::new();
    let graph = Observed::builder().observer(Ids(log.clone())).build();
    let (first, second) = tokio::join!(graph.soft("first", Id(0)), graph.soft("second", Id(1)));
    first.unwrap();
    second.unwrap();
    assert_eq!(
        log.sorted(),
        [
            "first Flaky softened",
            "first end ran",
            "first falls_back fallback",
            "first ran ran",
            "first skipped skipped",
            "second Flaky ran",
            "second end ran",
            "second falls_back fallback",
            "second ran ran",
            "second skipped ran",
        ]
    );
}

struct Panics(AtomicU32);

impl Panics {
    fn now(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("an observer panics");
    }
}

impl Observer for Panics {
    fn step_started(&self, _event: &StepStarted<'_>) {
        self.now();
    }

    fn retrying(&self, _event: &Retrying<'_>) {
        self.now();
    }

    fn step_ended(&self, _event: &StepEnded<'_>) {
        self.now();
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_harms_nothing() {
    let graph = Observed::builder()
        .observer(Panics(AtomicU32::new(0)))
        .build();
    assert_eq!(graph.soft("x", Id(0)).await.unwrap(), E(5));
    let error = graph.hard("x", Id(0)).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Oops("down")));
    assert_eq!(graph.hard("x", Id(1)).await.unwrap(), F(1));
}
