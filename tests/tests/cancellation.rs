//! A caller that drops its future ends what it asked for.

use std::future::poll_fn;
use std::task::Poll;

use docket::{Execution, StepContext, graph, step};
use docket_tests::{Log, Oops, hang, ms, nodes, poll};
use tokio::task::yield_now;
use tokio::time::sleep;

nodes!(Id, A, B, C, D, E);

mod dropped {
    use super::*;

    #[step]
    async fn inline(_id: &Id, #[resource] log: &Log) -> A {
        log.push("inline");
        hang(log, "inline").await
    }

    #[step(spawn)]
    async fn task(_id: &Id, #[resource] log: &Log) -> B {
        log.push("task");
        hang(log, "task").await
    }

    #[step(timeout = "10s")]
    async fn managed(_id: &Id, #[resource] log: &Log) -> C {
        log.push("managed");
        hang(log, "managed").await
    }

    #[step]
    fn sum(a: &A, b: &B, c: &C, #[resource] log: &Log) -> D {
        log.push("sum");
        D(a.0 + b.0 + c.0)
    }

    graph! {
        pub(crate) struct Dropped {
            inputs { Id }
            resources { Log }
            steps { inline, task, managed, sum }
            pub(crate) async fn resolve(id: Id) -> D;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_future_drops_all_that_runs_tasks_included() {
        let log = Log::new();
        let graph = Dropped::builder().log(log.clone()).build();
        assert!(
            tokio::time::timeout(ms(5), graph.resolve("x", Id(0)))
                .await
                .is_err()
        );
        let mut inline = log.lines();
        inline.retain(|line| !line.starts_with("task"));
        inline.sort();
        assert_eq!(
            inline,
            ["inline", "inline dropped", "managed", "managed dropped"]
        );
        yield_now().await;
        assert_eq!((log.count("task"), log.count("task dropped")), (1, 1));
        log.take();
        sleep(ms(60_000)).await;
        assert_eq!(log.lines(), [""; 0]);
    }

    /// Polled by hand: the task that waits has never been woken.
    #[tokio::test]
    async fn a_task_that_did_not_get_to_start_never_does() {
        let log = Log::new();
        let graph = Dropped::builder().log(log.clone()).build();
        assert!(poll::at_most(1, graph.resolve("x", Id(0))).await.is_none());
        yield_now().await;
        yield_now().await;
        assert_eq!(log.count("task"), log.count("task dropped"));
        assert_eq!(log.count("sum"), 0);
    }
}

/// A graph with a step of every kind that does not persist, dropped after each number of polls.
mod at_every_poll {
    use super::*;

    async fn turns(log: &Log, name: &str, n: usize) {
        log.push(name);
        let guard = log.guard(name);
        for _ in 0..n {
            yield_now().await;
        }
        guard.defuse();
        log.push(format!("{name} done"));
    }

    #[step]
    async fn a(_id: &Id, #[resource] log: &Log) -> A {
        turns(log, "a", 3).await;
        A(1)
    }

    #[step(spawn)]
    async fn b(_id: &Id, #[resource] log: &Log) -> B {
        turns(log, "b", 2).await;
        B(1)
    }

    #[step(retry(attempts = 2, delay = "1ms"))]
    async fn c(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<C, Oops> {
        turns(log, if ctx.attempt() == 1 { "c1" } else { "c2" }, 1).await;
        if ctx.attempt() == 1 {
            Err(Oops("again"))
        } else {
            Ok(C(1))
        }
    }

    #[step(timeout = "1s")]
    async fn d(a: &A, b: &B, #[resource] log: &Log) -> D {
        turns(log, "d", 2).await;
        D(a.0 + b.0)
    }

    #[step]
    async fn e(c: Option<&C>, d: &D, #[resource] log: &Log) -> E {
        turns(log, "e", 1).await;
        E(c.map_or(0, |c| c.0) + d.0)
    }

    graph! {
        struct Every {
            inputs { Id }
            resources { Log }
            steps { a, b, c, d, e }
            async fn resolve(id: Id) -> (E, D);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_leaves_after_any_number_of_polls_leaves_nothing_running_and_a_graph_that_works()
     {
        let log = Log::new();
        let graph = Every::builder().log(log.clone()).build();
        let mut covered = 0;
        loop {
            log.take();
            let output = poll::at_most(covered, graph.resolve("x", Id(0))).await;
            if let Some(output) = output {
                assert_eq!(output.unwrap(), (E(3), D(2)));
                break;
            }
            for _ in 0..4 {
                yield_now().await;
            }
            let lines = log.take();
            for name in ["a", "b", "c1", "c2", "d", "e"] {
                let count = |line: &str| lines.iter().filter(|it| *it == line).count();
                let (started, done, dropped) = (
                    count(name),
                    count(&format!("{name} done")),
                    count(&format!("{name} dropped")),
                );
                assert!(
                    started <= 1,
                    "after {covered} polls `{name}` ran {started} times"
                );
                assert_eq!(
                    started,
                    done + dropped,
                    "after {covered} polls `{name}` still runs: {lines:?}"
                );
            }
            sleep(ms(60_000)).await;
            assert_eq!(log.take(), [""; 0], "after {covered} polls");
            covered += 1;
        }
        assert!(covered > 5, "{covered} polls are too few to be a test");
    }
}

/// The future of an entry is `Send`, whatever lends it its id, and whatever its steps do.
mod sends {
    use super::*;

    fn is_send<T: Send>(future: T) -> T {
        future
    }

    #[step]
    async fn plain(id: &Id) -> A {
        yield_now().await;
        A(id.0)
    }

    #[step(spawn, retry(attempts = 2, delay = "1ms"))]
    async fn task(id: &Id) -> B {
        B(id.0)
    }

    #[step(blocking)]
    fn blocking(id: &Id) -> C {
        C(id.0)
    }

    #[step]
    fn all(
        a: &A,
        b: Option<&B>,
        c: Result<&C, &docket::Error>,
        ctx: &StepContext,
        #[resource] log: &Log,
    ) -> D {
        log.push(ctx.execution_id());
        D(a.0 + b.unwrap().0 + c.unwrap().0)
    }

    #[step]
    fn simple(a: &A, ctx: &StepContext, #[resource] log: &Log) -> E {
        log.push(ctx.execution_id());
        E(a.0)
    }

    graph! {
        struct Sends {
            inputs { Id }
            resources { Log }
            steps { plain, task, blocking, all, simple }
            async fn all(id: Id) -> D;
            async fn simple(id: Id) -> E;
        }
    }

    #[tokio::test]
    async fn the_future_of_an_entry_is_send_with_an_id_of_any_kind() {
        let log = Log::new();
        let graph = Sends::builder().log(log.clone()).build();
        let owned = String::from("borrowed from a string");
        {
            let short: &str = &owned[..8];
            is_send(graph.simple(short, Id(1))).await.unwrap();
            is_send(graph.all(short, Id(1))).await.unwrap();
        }
        is_send(graph.simple(&owned, Id(1))).await.unwrap();
        is_send(graph.simple(Execution::new("an execution").timeout(ms(5_000)), Id(1)))
            .await
            .unwrap();
        is_send(graph.all(Execution::new(owned.as_str()), Id(1)))
            .await
            .unwrap();
        is_send(graph.simple(owned, Id(1))).await.unwrap();
        assert_eq!(
            log.take(),
            [
                "borrowed",
                "borrowed",
                "borrowed from a string",
                "an execution",
                "borrowed from a string",
                "borrowed from a string",
            ]
        );
    }

    #[tokio::test]
    async fn an_execution_without_an_id_of_its_own_gets_one_that_no_other_has() {
        let log = Log::new();
        let graph = Sends::builder().log(log.clone()).build();
        for _ in 0..100 {
            is_send(graph.simple(Execution::unique(), Id(1)))
                .await
                .unwrap();
        }
        let mut ids = log.sorted();
        ids.dedup();
        assert_eq!(ids.len(), 100);
        assert_eq!(Execution::unique().id().len(), 33);
    }

    #[tokio::test]
    async fn ids_of_any_length_and_script_reach_the_steps() {
        let log = Log::new();
        let graph = Sends::builder().log(log.clone()).build();
        let ids = [
            "".to_owned(),
            "ü".repeat(19),
            "ü".repeat(20),
            "x".repeat(38),
            "x".repeat(39),
            "長".repeat(1_000),
        ];
        for id in &ids {
            graph.simple(id, Id(1)).await.unwrap();
        }
        assert_eq!(log.lines(), ids);
    }

    #[tokio::test]
    async fn a_future_of_an_entry_may_outlive_the_call_on_a_clone_in_a_task() {
        let log = Log::new();
        let graph = Sends::builder().log(log.clone()).build();
        let clone = graph.clone();
        let task = tokio::spawn(async move { clone.all("x", Id(2)).await });
        drop(graph);
        assert_eq!(task.await.unwrap().unwrap(), D(6));
    }
}

/// An entry wakes its caller, and only when there is something to do.
#[tokio::test(start_paused = true)]
async fn an_idle_execution_does_not_wake_its_caller() {
    let log = Log::new();
    let graph = dropped::Dropped::builder().log(log.clone()).build();
    let mut future = std::pin::pin!(graph.resolve("x", Id(0)));
    let mut polls = 0;
    let counted = poll_fn(|cx| {
        polls += 1;
        let _ = future.as_mut().poll(cx);
        Poll::<()>::Pending
    });
    let _ = tokio::time::timeout(ms(1_000), counted).await;
    assert!(polls <= 3, "{polls} polls, and nothing to do");
}
