//! A soft need is met by the failure of its producer, after all of its retries.

use docket::{Error, ErrorKind, graph, step};
use docket_tests::{Log, Oops, nodes};

nodes!(Id, A, B, C, D, E, Missing, WithReason, Present);

#[step(retry(attempts = 3, delay = "10ms"))]
async fn flaky(id: &Id, #[resource] log: &Log) -> Result<A, Oops> {
    log.stamp("flaky");
    if id.0 == 0 {
        Err(Oops("down"))
    } else {
        Ok(A(id.0))
    }
}

#[step]
fn missing(a: Option<&A>, #[resource] log: &Log) -> Missing {
    log.stamp(&format!("missing {a:?}"));
    Missing(a.map_or(0, |a| a.0))
}

#[step]
fn with_reason(a: Result<&A, &Error>, #[resource] log: &Log) -> WithReason {
    match a {
        Ok(a) => log.stamp(&format!("with_reason {a:?}")),
        Err(error) => log.stamp(&format!(
            "with_reason {:?} {:?} {error:#}",
            error.kind(),
            error.step()
        )),
    }
    WithReason(1)
}

/// The name of the type is `Result` wherever it is from.
#[step]
fn by_alias(a: docket::Result<&A, &docket::Error>) -> Present {
    Present(u32::from(a.is_ok()))
}

graph! {
    struct Soft {
        inputs { Id }
        resources { Log }
        steps { flaky, missing, with_reason, by_alias }
        async fn missing(id: Id) -> Missing;
        async fn with_reason(id: Id) -> WithReason;
        async fn by_alias(id: Id) -> Present;
        async fn hard_and_soft(id: Id) -> (A, Missing);
    }
}

fn graph() -> (Soft, Log) {
    let log = Log::new();
    (Soft::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn an_option_is_none_after_the_last_retry_and_not_before() {
    let (graph, log) = graph();
    assert_eq!(graph.missing("x", Id(0)).await.unwrap(), Missing(0));
    assert_eq!(
        log.lines(),
        [
            "0ms: flaky",
            "10ms: flaky",
            "20ms: flaky",
            "20ms: missing None"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_option_is_some_when_all_is_well() {
    let (graph, log) = graph();
    assert_eq!(graph.missing("x", Id(7)).await.unwrap(), Missing(7));
    assert_eq!(log.lines(), ["0ms: flaky", "0ms: missing Some(A(7))"]);
}

#[tokio::test(start_paused = true)]
async fn a_result_has_the_reason() {
    let (graph, log) = graph();
    graph.with_reason("x", Id(0)).await.unwrap();
    assert_eq!(
        log.lines().last().unwrap(),
        r#"20ms: with_reason Failed Some("flaky") step `flaky` failed after 3 attempts: down"#
    );
    log.take();
    graph.with_reason("x", Id(7)).await.unwrap();
    assert_eq!(log.lines().last().unwrap(), "20ms: with_reason A(7)");
}

#[tokio::test(start_paused = true)]
async fn a_result_may_be_spelled_by_a_path() {
    let (graph, _log) = graph();
    assert_eq!(graph.by_alias("x", Id(0)).await.unwrap(), Present(0));
    assert_eq!(graph.by_alias("x", Id(1)).await.unwrap(), Present(1));
}

#[tokio::test(start_paused = true)]
async fn what_is_returned_or_needed_hard_elsewhere_is_not_softened() {
    let (graph, log) = graph();
    let error = graph.hard_and_soft("x", Id(0)).await.unwrap_err();
    assert_eq!(error.step(), Some("flaky"));
    assert_eq!(log.lines(), ["0ms: flaky", "10ms: flaky", "20ms: flaky"]);
}

mod transitive {
    use super::*;

    #[step]
    async fn root(id: &Id, #[resource] log: &Log) -> Result<A, Oops> {
        log.push("root");
        if id.0 == 0 {
            Err(Oops("down"))
        } else {
            Ok(A(id.0))
        }
    }

    #[step]
    fn between(a: &A, #[resource] log: &Log) -> B {
        log.push("between");
        B(a.0)
    }

    #[step]
    fn further(b: &B, #[resource] log: &Log) -> C {
        log.push("further");
        C(b.0)
    }

    #[step]
    fn end(c: Result<&C, &Error>, #[resource] log: &Log) -> D {
        log.push(match c {
            Ok(c) => format!("end {c:?}"),
            Err(error) => format!("end without: {:?} of {:?}", error.kind(), error.step()),
        });
        D(1)
    }

    graph! {
        struct Transitive {
            inputs { Id }
            resources { Log }
            steps { end, further, between, root }
            async fn resolve(id: Id) -> D;
        }
    }

    #[tokio::test]
    async fn what_needs_a_failed_step_hard_is_skipped_and_softened_further_on() {
        let log = Log::new();
        let graph = Transitive::builder().log(log.clone()).build();
        assert_eq!(graph.resolve("x", Id(0)).await.unwrap(), D(1));
        assert_eq!(
            log.take(),
            ["root", r#"end without: Failed of Some("root")"#]
        );
        assert_eq!(graph.resolve("x", Id(1)).await.unwrap(), D(1));
        assert_eq!(log.take(), ["root", "between", "further", "end C(1)"]);
    }
}

/// A failure is known at once, though another need of the same step is still on its way.
mod early {
    use super::*;
    use docket_tests::ms;
    use tokio::time::sleep;

    #[step]
    fn fails(_id: &Id) -> Result<A, Oops> {
        Err(Oops("at once"))
    }

    #[step]
    async fn slow(_id: &Id) -> B {
        sleep(ms(30)).await;
        B(1)
    }

    #[step]
    fn both(_slow: &B, _fails: &A, #[resource] log: &Log) -> C {
        log.push("both");
        C(1)
    }

    #[step]
    fn end(c: Option<&C>, #[resource] log: &Log) -> D {
        log.stamp(&format!("end {c:?}"));
        D(1)
    }

    #[step]
    fn waits(b: &B, c: Option<&C>, #[resource] log: &Log) -> E {
        log.stamp(&format!("waits {b:?} {c:?}"));
        E(1)
    }

    graph! {
        struct Early {
            inputs { Id }
            resources { Log }
            steps { fails, slow, both, end, waits }
            async fn resolve(id: Id) -> (D, E);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_soft_need_is_settled_by_the_first_failure_on_the_way_to_it() {
        let log = Log::new();
        let graph = Early::builder().log(log.clone()).build();
        graph.resolve("x", Id(0)).await.unwrap();
        assert_eq!(log.lines(), ["0ms: end None", "30ms: waits B(1) None"]);
    }
}

mod given {
    use super::*;

    graph! {
        struct Given {
            inputs { Id }
            resources { Log }
            steps { flaky, missing }
            async fn from_id(id: Id) -> Missing;
            async fn from_a(a: A) -> Missing;
        }
    }

    #[tokio::test]
    async fn what_is_needed_softly_can_be_given_too() {
        let log = Log::new();
        let graph = Given::builder().log(log.clone()).build();
        assert_eq!(graph.from_a("x", A(3)).await.unwrap(), Missing(3));
        assert_eq!(graph.from_id("x", Id(4)).await.unwrap(), Missing(4));
    }
}

/// All that is softened but an abort: a failure, a timeout, a panic.
mod kinds {
    use super::*;
    use std::future::pending;

    #[step(timeout = "5ms")]
    async fn times_out(_id: &Id) -> A {
        pending().await
    }

    #[step]
    fn panics(_id: &Id) -> B {
        panic!("as planned")
    }

    #[step]
    fn end(a: Result<&A, &Error>, b: Result<&B, &Error>, #[resource] log: &Log) -> C {
        for error in [a.unwrap_err(), b.unwrap_err()] {
            log.push(format!("{error:#}"));
        }
        C(u32::from(a.unwrap_err().kind() == ErrorKind::TimedOut))
    }

    graph! {
        struct Kinds {
            inputs { Id }
            resources { Log }
            steps { times_out, panics, end }
            async fn resolve(id: Id) -> C;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn timeouts_and_panics_are_softened() {
        let log = Log::new();
        let graph = Kinds::builder().log(log.clone()).build();
        assert_eq!(graph.resolve("x", Id(0)).await.unwrap(), C(1));
        assert_eq!(
            log.lines(),
            [
                "step `times_out` timed out: an attempt took longer than 5ms",
                "step `panics` panicked: as planned"
            ]
        );
    }
}
