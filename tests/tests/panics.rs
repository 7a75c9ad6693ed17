//! A panic is an error of the step that panicked: of nobody else, and never retried.

use docket::{Error, ErrorKind, graph, step};
use docket_tests::{Log, Oops, hang, nodes};

nodes!(Id, A, B, C, D, E, F, G, H, I, Soft);

/// `Id(0)` panics, all others do well.
fn panics(id: &Id, what: &str) -> u32 {
    if id.0 == 0 {
        panic!("in {what}");
    }
    id.0
}

#[step]
fn in_sync(id: &Id, #[resource] log: &Log) -> A {
    log.push("in_sync");
    A(panics(id, "sync"))
}

#[step]
async fn after_yield(id: &Id, #[resource] log: &Log) -> B {
    log.push("after_yield");
    tokio::task::yield_now().await;
    B(panics(id, "async"))
}

#[step(spawn, retry(attempts = 3, delay = "1ms"))]
async fn in_task(id: &Id, #[resource] log: &Log) -> C {
    log.push("in_task");
    tokio::task::yield_now().await;
    C(panics(id, "task"))
}

#[step(blocking, retry(attempts = 3, delay = "1ms"))]
fn in_blocking(id: &Id, #[resource] log: &Log) -> D {
    log.push("in_blocking");
    D(panics(id, "blocking"))
}

#[step(retry(attempts = 3, delay = "1ms"))]
async fn in_attempt(id: &Id, #[resource] log: &Log) -> E {
    log.push("in_attempt");
    tokio::task::yield_now().await;
    E(panics(id, "attempt"))
}

fn panicking_choice(_error: &Oops) -> bool {
    panic!("in retry_if")
}

#[step(retry(attempts = 3, delay = "1ms"), retry_if = panicking_choice)]
async fn in_retry_if(id: &Id, #[resource] log: &Log) -> Result<F, Oops> {
    log.push("in_retry_if");
    if id.0 == 0 {
        Err(Oops("a reason"))
    } else {
        Ok(F(id.0))
    }
}

fn panicking_fallback() -> G {
    panic!("in fallback")
}

#[step(retry(attempts = 3, delay = "1ms"), fallback = panicking_fallback)]
async fn in_fallback(id: &Id, #[resource] log: &Log) -> Result<G, Oops> {
    log.push("in_fallback");
    if id.0 == 0 {
        Err(Oops("a reason"))
    } else {
        Ok(G(id.0))
    }
}

/// In the making of the future, before its first await.
#[step(timeout = "1s")]
async fn at_once(id: &Id, #[resource] log: &Log) -> H {
    log.push("at_once");
    H(panics(id, "first poll"))
}

fn not_a_string() -> I {
    std::panic::panic_any(7)
}

#[step]
fn without_words(id: &Id, #[resource] log: &Log) -> I {
    log.push("without_words");
    if id.0 == 0 { not_a_string() } else { I(id.0) }
}

#[step]
#[allow(clippy::too_many_arguments)]
fn all_softly(
    a: Result<&A, &Error>,
    b: Result<&B, &Error>,
    c: Result<&C, &Error>,
    d: Result<&D, &Error>,
    e: Result<&E, &Error>,
    f: Result<&F, &Error>,
    g: Result<&G, &Error>,
    h: Result<&H, &Error>,
    i: Result<&I, &Error>,
) -> Soft {
    let errors = [
        a.err(),
        b.err(),
        c.err(),
        d.err(),
        e.err(),
        f.err(),
        g.err(),
        h.err(),
        i.err(),
    ];
    Soft(
        errors
            .into_iter()
            .flatten()
            .filter(|error| error.kind() == ErrorKind::Panicked)
            .count() as u32,
    )
}

graph! {
    struct Panics {
        inputs { Id }
        resources { Log }
        steps {
            in_sync, after_yield, in_task, in_blocking, in_attempt, in_retry_if, in_fallback, at_once, without_words,
            all_softly,
        }
        async fn a(id: Id) -> A;
        async fn b(id: Id) -> B;
        async fn c(id: Id) -> C;
        async fn d(id: Id) -> D;
        async fn e(id: Id) -> E;
        async fn f(id: Id) -> F;
        async fn g(id: Id) -> G;
        async fn h(id: Id) -> H;
        async fn i(id: Id) -> I;
        async fn softly(id: Id) -> Soft;
    }
}

fn graph() -> (Panics, Log) {
    let log = Log::new();
    (Panics::builder().log(log.clone()).build(), log)
}

macro_rules! is_an_error_of_its_step {
    ($($test:ident: $entry:ident, $step:literal, $words:literal;)+) => {
        $(
            #[tokio::test]
            async fn $test() {
                let (graph, log) = graph();
                let error = graph.$entry("x", Id(0)).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Panicked);
                assert_eq!(error.step(), Some($step));
                assert_eq!(error.execution_id(), "x");
                assert_eq!(error.to_string().split_once(" panicked").unwrap().0, concat!("step `", $step, "`"));
                assert!(error.to_string().ends_with($words), "{error}");
                if $step != "in_fallback" {
                    assert_eq!(log.lines(), [$step], "a panic is not retried");
                    assert_eq!(error.attempts(), 1);
                }
                assert!(graph.$entry("y", Id(7)).await.is_ok(), "the graph is as good as new");
            }
        )+
    };
}

is_an_error_of_its_step! {
    a_panic_in_a_plain_function_is_an_error_of_its_step: a, "in_sync", ": in sync";
    a_panic_after_a_yield_is_an_error_of_its_step: b, "after_yield", ": in async";
    a_panic_in_a_task_is_an_error_of_its_step_and_not_retried: c, "in_task", ": in task";
    a_panic_in_a_blocking_function_is_an_error_of_its_step_and_not_retried: d, "in_blocking", ": in blocking";
    a_panic_in_an_attempt_is_an_error_of_its_step_and_not_retried: e, "in_attempt", ": in attempt";
    a_panic_in_retry_if_is_an_error_of_its_step: f, "in_retry_if", ": in retry_if";
    a_panic_in_a_fallback_is_an_error_of_its_step: g, "in_fallback", ": in fallback";
    a_panic_at_the_first_poll_is_an_error_of_its_step: h, "at_once", ": in first poll";
    a_panic_without_words_is_an_error_of_its_step: i, "without_words", ": a panic without a message";
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_panicking_fallback_counts_the_attempts_that_were_made() {
    let (graph, log) = graph();
    let error = graph.g("x", Id(0)).await.unwrap_err();
    assert_eq!(log.count("in_fallback"), 3);
    assert_eq!(error.attempts(), 3);
}

#[tokio::test]
async fn every_panic_is_softened_where_its_step_is_needed_softly() {
    let (graph, _log) = graph();
    assert_eq!(graph.softly("x", Id(0)).await.unwrap(), Soft(9));
    assert_eq!(graph.softly("x", Id(1)).await.unwrap(), Soft(0));
}

mod beside {
    use super::*;

    #[step]
    async fn hangs(_id: &Id, #[resource] log: &Log) -> A {
        log.push("hangs");
        hang(log, "hangs").await
    }

    #[step]
    async fn panics(_id: &Id, #[resource] log: &Log) -> B {
        log.push("panics");
        let _guard = log.guard("panics");
        tokio::task::yield_now().await;
        panic!("now");
    }

    #[step]
    async fn hangs_too(_id: &Id, #[resource] log: &Log) -> C {
        log.push("hangs_too");
        hang(log, "hangs_too").await
    }

    #[step]
    async fn goes_on(_id: &Id, #[resource] log: &Log) -> D {
        log.work("goes_on", 5).await;
        D(1)
    }

    #[step]
    fn hard(a: &A, b: &B, c: &C) -> E {
        E(a.0 + b.0 + c.0)
    }

    #[step]
    fn soft(b: Option<&B>, d: &D, #[resource] log: &Log) -> F {
        log.push(format!("soft {b:?} {d:?}"));
        F(d.0)
    }

    graph! {
        struct Beside {
            inputs { Id }
            resources { Log }
            steps { hangs, panics, hangs_too, goes_on, hard, soft }
            async fn hard(id: Id) -> E;
            async fn soft(id: Id) -> F;
        }
    }

    #[tokio::test]
    async fn what_runs_beside_a_panic_is_dropped() {
        let log = Log::new();
        let error = Beside::builder()
            .log(log.clone())
            .build()
            .hard("x", Id(0))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::Panicked, Some("panics"))
        );
        assert_eq!(
            log.sorted(),
            [
                "hangs",
                "hangs dropped",
                "hangs_too",
                "hangs_too dropped",
                "panics",
                "panics dropped"
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_runs_beside_a_softened_panic_goes_on() {
        let log = Log::new();
        Beside::builder()
            .log(log.clone())
            .build()
            .soft("x", Id(0))
            .await
            .unwrap();
        assert_eq!(
            log.sorted(),
            [
                "goes_on",
                "goes_on done",
                "panics",
                "panics dropped",
                "soft None D(1)"
            ]
        );
    }
}

/// What a step holds may panic too, when it is dropped.
mod in_drop {
    use super::*;

    struct Bomb(bool);

    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0 && !std::thread::panicking() {
                panic!("in drop");
            }
        }
    }

    #[step]
    async fn holds_a_bomb(id: &Id) -> A {
        let _bomb = Bomb(id.0 == 0);
        tokio::task::yield_now().await;
        A(1)
    }

    #[step]
    fn reads(a: Option<&A>) -> B {
        B(a.map_or(0, |a| a.0))
    }

    graph! {
        struct InDrop {
            inputs { Id }
            steps { holds_a_bomb, reads }
            async fn hard(id: Id) -> A;
            async fn soft(id: Id) -> B;
        }
    }

    #[tokio::test]
    async fn a_panic_in_the_drop_of_a_local_is_an_error_of_its_step() {
        let graph = InDrop::builder().build();
        let error = graph.hard("x", Id(0)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::Panicked, Some("holds_a_bomb"))
        );
        assert_eq!(graph.soft("x", Id(0)).await.unwrap(), B(0));
        assert_eq!(graph.soft("x", Id(1)).await.unwrap(), B(1));
    }
}
