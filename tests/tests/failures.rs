//! The first hard failure ends the execution, and is the error that the caller gets.

use std::error::Error as _;

use docket::{Error, ErrorKind, graph, step};
use docket_tests::{Log, Oops, hang, ms, nodes};
use tokio::time::sleep;

nodes!(Id, A, B, C, D, E, F, G);

mod siblings {
    use super::*;

    #[step]
    async fn waits_a(_id: &Id, #[resource] log: &Log) -> A {
        log.work("waits_a", 50).await;
        A(1)
    }

    #[step]
    async fn waits_b(_id: &Id, #[resource] log: &Log) -> Result<B, Oops> {
        log.work("waits_b", 2).await;
        Err(Oops("later"))
    }

    #[step]
    async fn fails(_id: &Id, #[resource] log: &Log) -> Result<C, Oops> {
        log.work("fails", 1).await;
        Err(Oops("first"))
    }

    #[step]
    async fn hangs(_id: &Id, #[resource] log: &Log) -> D {
        log.push("hangs");
        hang(log, "hangs").await
    }

    #[step(spawn)]
    async fn spawned(_id: &Id, #[resource] log: &Log) -> E {
        log.push("spawned");
        hang(log, "spawned").await
    }

    #[step]
    fn sum(a: &A, b: &B, c: &C, d: &D, e: &E, #[resource] log: &Log) -> F {
        log.push("sum");
        F(a.0 + b.0 + c.0 + d.0 + e.0)
    }

    graph! {
        struct Five {
            inputs { Id }
            resources { Log }
            steps { waits_a, waits_b, fails, hangs, spawned, sum }
            async fn resolve(id: Id) -> F;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_of_five_that_fails_at_1_ms_ends_the_execution_at_1_ms_with_its_error() {
        let log = Log::new();
        let graph = Five::builder().log(log.clone()).build();
        let error = graph.resolve("x", Id(0)).await.unwrap_err();
        assert_eq!(log.elapsed_ms(), 1);
        assert_eq!(error.step(), Some("fails"));
        assert_eq!(error.downcast_ref(), Some(&Oops("first")));
    }

    #[tokio::test(start_paused = true)]
    async fn what_runs_beside_a_failure_is_dropped_before_the_caller_hears_of_it() {
        let log = Log::new();
        let graph = Five::builder().log(log.clone()).build();
        graph.resolve("x", Id(0)).await.unwrap_err();
        let mut lines = log.lines();
        // A task is told to end, and ends when its runtime gets to it.
        lines.retain(|line| !line.starts_with("spawned"));
        lines.sort();
        assert_eq!(
            lines,
            [
                "fails",
                "fails done",
                "hangs",
                "hangs dropped",
                "waits_a",
                "waits_a dropped",
                "waits_b",
                "waits_b dropped",
            ]
        );
        tokio::task::yield_now().await;
        assert_eq!(log.count("spawned dropped"), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_starts_after_an_execution_has_ended() {
        let log = Log::new();
        let graph = Five::builder().log(log.clone()).build();
        graph.resolve("x", Id(0)).await.unwrap_err();
        tokio::task::yield_now().await;
        log.take();
        sleep(ms(1_000)).await;
        assert_eq!(log.lines(), [""; 0]);
    }
}

mod same_turn {
    use super::*;

    /// Both inputs of `late` come in the same turn in which `fails` fails.
    #[step]
    async fn comes(_id: &Id) -> A {
        sleep(ms(1)).await;
        A(1)
    }

    #[step]
    async fn fails(_id: &Id) -> Result<B, Oops> {
        sleep(ms(1)).await;
        Err(Oops("now"))
    }

    #[step]
    fn late(_a: &A, #[resource] log: &Log) -> C {
        log.push("late");
        C(1)
    }

    #[step]
    fn later(_b: &B, _c: &C, #[resource] log: &Log) -> D {
        log.push("later");
        D(1)
    }

    graph! {
        struct SameTurn {
            inputs { Id }
            resources { Log }
            steps { fails, comes, late, later }
            async fn resolve(id: Id) -> D;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_starts_in_the_turn_of_a_failure_that_comes_before_it() {
        let log = Log::new();
        let graph = SameTurn::builder().log(log.clone()).build();
        let error = graph.resolve("x", Id(0)).await.unwrap_err();
        assert_eq!(error.step(), Some("fails"));
        assert_eq!(log.lines(), [""; 0]);
    }
}

mod downstream {
    use super::*;

    #[step]
    fn bad(id: &Id, #[resource] log: &Log) -> Result<A, Oops> {
        log.push("bad");
        if id.0 == 0 {
            Err(Oops("zero"))
        } else {
            Ok(A(id.0))
        }
    }

    #[step]
    fn after(a: &A, #[resource] log: &Log) -> B {
        log.push("after");
        B(a.0)
    }

    graph! {
        struct Downstream {
            inputs { Id }
            resources { Log }
            steps { bad, after }
            async fn resolve(id: Id) -> B;
        }
    }

    #[tokio::test]
    async fn what_needs_a_failed_step_does_not_run() {
        let log = Log::new();
        let graph = Downstream::builder().log(log.clone()).build();
        graph.resolve("x", Id(0)).await.unwrap_err();
        assert_eq!(log.take(), ["bad"]);
        assert_eq!(graph.resolve("x", Id(4)).await.unwrap(), B(4));
        assert_eq!(log.take(), ["bad", "after"]);
    }
}

/// What an error tells.
mod told {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("can't reach the service")]
    struct Unreachable(#[source] std::io::Error);

    #[step(name = "FetchProfile", retry(attempts = 3, delay = "1ms"))]
    async fn fetch(id: &Id) -> Result<A, Unreachable> {
        match id.0 {
            0 => Err(Unreachable(std::io::Error::other("connection refused"))),
            n => Ok(A(n)),
        }
    }

    #[step]
    fn refuse(_id: &Id) -> Result<B, String> {
        Err("no such user".to_owned())
    }

    #[step]
    fn boxed(_id: &Id) -> Result<C, Box<dyn std::error::Error + Send + Sync>> {
        Err(Box::new(Oops("boxed")))
    }

    graph! {
        struct Told {
            inputs { Id }
            steps { fetch, refuse, boxed }
            async fn fetched(id: Id) -> A;
            async fn refused(id: Id) -> B;
            async fn of_a_box(id: Id) -> C;
        }
    }

    async fn fetched() -> Error {
        Told::builder()
            .build()
            .fetched("request-7", Id(0))
            .await
            .unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_has_its_kind_its_step_its_execution_and_its_attempts() {
        let error = fetched().await;
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(error.step(), Some("FetchProfile"));
        assert_eq!(error.execution_id(), "request-7");
        assert_eq!(error.attempts(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn the_source_of_an_error_is_the_error_of_the_step() {
        let error = fetched().await;
        let source = error.source().unwrap();
        assert!(source.is::<Unreachable>());
        assert_eq!(source.source().unwrap().to_string(), "connection refused");
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_of_the_step_and_what_stands_behind_it_can_be_downcast() {
        let error = fetched().await;
        assert!(error.downcast_ref::<Unreachable>().is_some());
        assert!(error.downcast_ref::<std::io::Error>().is_some());
        assert!(error.downcast_ref::<Oops>().is_none());
        let error = Told::builder()
            .build()
            .of_a_box("x", Id(0))
            .await
            .unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Oops("boxed")));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_says_in_words_what_happened_to_which_step() {
        let error = fetched().await;
        assert_eq!(
            error.to_string(),
            "step `FetchProfile` failed after 3 attempts"
        );
        assert_eq!(
            format!("{error:#}"),
            "step `FetchProfile` failed after 3 attempts: can't reach the service: connection refused"
        );
        let error = Told::builder()
            .build()
            .refused("x", Id(0))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "step `refuse` failed");
        assert_eq!(format!("{error:#}"), "step `refuse` failed: no such user");
        assert_eq!(error.attempts(), 1);
    }

    #[test]
    fn an_error_can_be_sent_cloned_and_boxed() {
        fn check<T: std::error::Error + Send + Sync + Clone + 'static>() {}
        check::<Error>();
    }
}

/// `docket::abort`.
mod aborted {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[derive(Debug, thiserror::Error)]
    enum PayError {
        #[error("stop")]
        Stop(#[from] docket::StepError),
        #[error("deeper")]
        Deeper(#[source] Box<PayError>),
        #[error("plain")]
        Plain,
    }

    static FALLBACKS: AtomicU32 = AtomicU32::new(0);

    fn fallback() -> A {
        FALLBACKS.fetch_add(1, Ordering::Relaxed);
        A(0)
    }

    #[step(retry(attempts = 5, delay = "1ms"), fallback = fallback)]
    async fn plain(id: &Id, #[resource] log: &Log) -> Result<A, PayError> {
        log.push("plain");
        sleep(ms(1)).await;
        match id.0 {
            0 => Err(docket::abort(Oops("closed")))?,
            1 => Err(PayError::Deeper(Box::new(
                docket::abort(Oops("closed")).into(),
            ))),
            _ => Err(PayError::Plain),
        }
    }

    #[step(retry(attempts = 5, delay = "1ms"))]
    async fn by_anyhow(id: &Id, #[resource] log: &Log) -> anyhow::Result<B> {
        use anyhow::Context;
        log.push("by_anyhow");
        let aborted: Result<B, docket::StepError> = Err(docket::abort(Oops("closed")));
        match id.0 {
            0 => Ok(aborted?),
            1 => aborted.context("while charging").context("while ordering"),
            _ => anyhow::bail!("plain"),
        }
    }

    #[step(retry(attempts = 5, delay = "1ms"))]
    async fn by_box(
        _id: &Id,
        #[resource] log: &Log,
    ) -> Result<C, Box<dyn std::error::Error + Send + Sync>> {
        log.push("by_box");
        Err(docket::abort("closed"))?
    }

    /// A `StepError` is a fine error type of a step.
    #[step]
    fn direct(_id: &Id) -> Result<G, docket::StepError> {
        Err(docket::abort(Oops("direct")))
    }

    #[step]
    async fn slow(_id: &Id, #[resource] log: &Log) -> D {
        log.work("slow", 50).await;
        D(1)
    }

    #[step]
    fn softly(
        a: Option<&A>,
        b: Result<&B, &docket::Error>,
        c: Option<&C>,
        d: &D,
        #[resource] log: &Log,
    ) -> E {
        log.push(format!("softly {a:?} {} {c:?} {d:?}", b.is_ok()));
        E(1)
    }

    #[step]
    fn soft_a(a: Option<&A>, d: &D, #[resource] log: &Log) -> F {
        log.push(format!("soft_a {a:?} {d:?}"));
        F(1)
    }

    graph! {
        struct Aborting {
            inputs { Id }
            resources { Log }
            steps { plain, by_anyhow, by_box, direct, slow, softly, soft_a }
            async fn soft_a(id: Id) -> F;
            async fn anyhow(id: Id) -> B;
            async fn boxed(id: Id) -> C;
            async fn direct(id: Id) -> G;
            async fn all(id: Id) -> E;
        }
    }

    fn graph() -> (Aborting, Log) {
        let log = Log::new();
        (Aborting::builder().log(log.clone()).build(), log)
    }

    #[tokio::test(start_paused = true)]
    async fn an_abort_ends_the_execution_at_once_without_retry_softening_or_fallback() {
        for id in [0, 1] {
            let (graph, log) = graph();
            let error = graph.soft_a("x", Id(id)).await.unwrap_err();
            assert_eq!(log.elapsed_ms(), 1, "id {id}");
            assert_eq!(log.sorted(), ["plain", "slow", "slow dropped"]);
            assert_eq!(error.kind(), ErrorKind::Aborted);
            assert_eq!((error.step(), error.attempts()), (Some("plain"), 1));
            assert_eq!(error.downcast_ref(), Some(&Oops("closed")));
            assert_eq!(FALLBACKS.load(Ordering::Relaxed), 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_abort_is_found_under_the_context_of_anyhow() {
        for id in [0, 1] {
            let (graph, log) = graph();
            let error = graph.anyhow("x", Id(id)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Aborted, "id {id}");
            assert_eq!(log.lines(), ["by_anyhow"]);
            assert_eq!(error.downcast_ref(), Some(&Oops("closed")), "id {id}");
        }
        let (graph, log) = graph();
        let error = graph.anyhow("x", Id(2)).await.unwrap_err();
        assert_eq!(
            (error.kind(), log.count("by_anyhow")),
            (ErrorKind::Failed, 5)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_abort_is_found_in_a_box() {
        let (graph, log) = graph();
        let error = graph.boxed("x", Id(0)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Aborted);
        assert_eq!(log.lines(), ["by_box"]);
        assert_eq!(
            format!("{error:#}"),
            "step `by_box` aborted the execution: closed"
        );
    }

    #[tokio::test]
    async fn the_source_of_an_abort_is_what_was_wrapped() {
        let (graph, _log) = graph();
        let error = graph.direct("x", Id(0)).await.unwrap_err();
        assert_eq!(
            error.source().unwrap().downcast_ref(),
            Some(&Oops("direct"))
        );
        assert_eq!(
            format!("{error:#}"),
            "step `direct` aborted the execution: direct"
        );
    }

    /// As a printer of chains shows it that knows nothing of us.
    fn chain(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
        std::iter::successors(Some(error), |&error| error.source())
            .map(ToString::to_string)
            .collect()
    }

    /// An error with a cause of its own.
    #[derive(Debug, thiserror::Error)]
    #[error("payment refused")]
    struct Refused(#[source] Oops);

    fn rejected() -> docket::StepError {
        docket::rejected(Refused(Oops("card declined")))
    }

    const REJECTED: [&str; 3] = [
        "payment refused",
        "rejected, without effect",
        "card declined",
    ];

    #[test]
    fn a_chain_with_a_verdict_says_each_thing_once() {
        assert_eq!(chain(&rejected()), REJECTED);
        let bare = docket::abort("closed");
        assert_eq!(chain(&bare), ["closed", "aborted, with its execution"]);
        let doubt = docket::in_doubt("timed out");
        let words = ["timed out", "in doubt, whether with effect or without"];
        assert_eq!(chain(&doubt), words);

        // In a box, and as a variant of an enum.
        let boxed: docket::BoxError = rejected().into();
        assert_eq!(chain(&*boxed), REJECTED);
        let stopped = PayError::from(rejected());
        assert_eq!(chain(&stopped), [&["stop"][..], &REJECTED].concat());
    }

    #[test]
    fn a_chain_with_a_verdict_in_anyhow_says_each_thing_once() {
        use anyhow::Context;
        let error = anyhow::Error::from(rejected());
        assert_eq!(error.to_string(), "payment refused");
        assert_eq!(format!("{error:#}"), REJECTED.join(": "));
        let boxed: docket::BoxError = error.into();
        assert_eq!(chain(&*boxed), REJECTED);
        let error = Err::<(), _>(rejected()).context("while charging");
        let error = error.unwrap_err();
        let with_context = [&["while charging"][..], &REJECTED].concat();
        assert_eq!(format!("{error:#}"), with_context.join(": "));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_of_docket_leaves_its_verdict_to_its_kind() {
        let (graph, _log) = graph();
        let error = graph.anyhow("x", Id(1)).await.unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "step `by_anyhow` aborted the execution: while ordering: while charging: closed"
        );
        let error = graph.soft_a("x", Id(0)).await.unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "step `plain` aborted the execution: stop: closed"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_error_without_an_abort_is_retried_and_softened() {
        let (graph, log) = graph();
        graph.soft_a("x", Id(2)).await.unwrap();
        assert_eq!(log.count("plain"), 5);
        assert_eq!(log.count("soft_a Some(A(0)) D(1)"), 1);
        assert!(graph.all("x", Id(2)).await.is_err(), "`by_box` aborts");
    }
}

/// `docket::rejected` is not retried, and softened as any failure.
mod rejected {
    use super::*;

    #[step(retry(attempts = 5, delay = "1ms"))]
    fn charge(_id: &Id, #[resource] log: &Log) -> Result<A, docket::StepError> {
        log.push("charge");
        Err(docket::rejected(Oops("no funds")))
    }

    #[step]
    fn receipt(a: Result<&A, &Error>, #[resource] log: &Log) -> B {
        log.push(format!("{:#}", a.unwrap_err()));
        B(1)
    }

    graph! {
        struct Rejecting {
            inputs { Id }
            resources { Log }
            steps { charge, receipt }
            async fn resolve(id: Id) -> B;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejection_is_not_retried_but_softened() {
        let log = Log::new();
        let graph = Rejecting::builder().log(log.clone()).build();
        graph.resolve("x", Id(0)).await.unwrap();
        assert_eq!(log.lines(), ["charge", "step `charge` failed: no funds"]);
    }
}
