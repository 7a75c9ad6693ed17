//! `timeout` limits one attempt; what is not done by then is dropped.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use docket::{ErrorKind, StepContext, graph, step};
use docket_tests::{Log, hang, ms, nodes};
use tokio::time::sleep;

nodes!(Id, A, B, C, D, E);

#[step(timeout = "5ms")]
async fn ignores_it(_id: &Id, #[resource] log: &Log) -> A {
    log.push("ignores_it");
    hang(log, "ignores_it").await
}

#[step(timeout = "5ms", retry(attempts = 3, delay = "10ms"))]
async fn retried(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> B {
    log.stamp(&format!("attempt {}", ctx.attempt()));
    if ctx.attempt() < 3 {
        hang(log, "attempt").await
    } else {
        B(1)
    }
}

#[step(spawn, timeout = "5ms")]
async fn spawned(_id: &Id, #[resource] log: &Log) -> C {
    log.push("spawned");
    hang(log, "spawned").await
}

#[step(timeout = "5ms")]
async fn just_in_time(_id: &Id) -> D {
    sleep(ms(4)).await;
    D(1)
}

#[step(timeout = "1h 30m")]
async fn long(_id: &Id) -> E {
    sleep(ms(60 * 60 * 1_000)).await;
    E(1)
}

graph! {
    struct Timeouts {
        inputs { Id }
        resources { Log }
        steps { ignores_it, retried, spawned, just_in_time, long }
        async fn ignores_it(id: Id) -> A;
        async fn retried(id: Id) -> B;
        async fn spawned(id: Id) -> C;
        async fn just_in_time(id: Id) -> D;
        async fn long(id: Id) -> E;
    }
}

fn graph() -> (Timeouts, Log) {
    let log = Log::new();
    (Timeouts::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn a_step_that_ignores_its_timeout_is_gone_at_its_timeout() {
    let (graph, log) = graph();
    let error = graph.ignores_it("x", Id(0)).await.unwrap_err();
    assert_eq!(log.elapsed_ms(), 5);
    assert_eq!(log.lines(), ["ignores_it", "ignores_it dropped"]);
    assert_eq!(
        (error.kind(), error.step(), error.attempts()),
        (ErrorKind::TimedOut, Some("ignores_it"), 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_that_ignores_its_timeout_is_gone_at_its_timeout() {
    let (graph, log) = graph();
    let error = graph.spawned("x", Id(0)).await.unwrap_err();
    assert_eq!(log.elapsed_ms(), 5);
    assert_eq!(log.lines(), ["spawned", "spawned dropped"]);
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_of_one_attempt_and_is_retried() {
    let (graph, log) = graph();
    assert_eq!(graph.retried("x", Id(0)).await.unwrap(), B(1));
    assert_eq!(
        log.lines(),
        [
            "0ms: attempt 1",
            "attempt dropped",
            "15ms: attempt 2",
            "attempt dropped",
            "30ms: attempt 3"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_done_in_time_is_not_disturbed() {
    let (graph, log) = graph();
    assert_eq!(graph.just_in_time("x", Id(0)).await.unwrap(), D(1));
    assert_eq!(log.elapsed_ms(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_duration_may_have_several_units() {
    let (graph, _log) = graph();
    assert_eq!(graph.long("x", Id(0)).await.unwrap(), E(1));
}

/// A function that blocks can't be stopped, but nobody has to wait for it.
mod blocking {
    use super::*;

    /// Blocks until the test opens it, or is gone.
    #[derive(Clone)]
    pub(crate) struct Gate(Arc<Mutex<mpsc::Receiver<()>>>);

    impl Gate {
        fn new() -> (mpsc::Sender<()>, Self) {
            let (key, gate) = mpsc::channel();
            (key, Self(Arc::new(Mutex::new(gate))))
        }

        fn wait(&self) {
            let _ = self.0.lock().unwrap().recv();
        }
    }

    fn stand_in() -> B {
        B(0)
    }

    #[step(blocking, timeout = "5ms")]
    fn blocks(_id: &Id, #[resource] gate: &Gate, #[resource] log: &Log) -> A {
        gate.wait();
        log.push("blocks: ran on");
        A(1)
    }

    #[step(blocking, timeout = "5ms", fallback = stand_in)]
    fn blocks_with_fallback(_id: &Id, #[resource] gate: &Gate) -> B {
        gate.wait();
        B(1)
    }

    #[step]
    fn reads(a: Option<&A>, b: &B) -> C {
        C(a.map_or(10, |a| a.0) + b.0)
    }

    #[step(blocking, timeout = "5ms", max_concurrency = 1, fallback = nothing)]
    fn one_at_once(_id: &Id, #[resource] gate: &Gate, #[resource] log: &Log) -> D {
        log.push("one_at_once");
        gate.wait();
        log.push("one_at_once done");
        D(1)
    }

    fn nothing() -> D {
        D(0)
    }

    graph! {
        struct Blocking {
            inputs { Id }
            resources { Gate, Log }
            steps { blocks, blocks_with_fallback, reads, one_at_once }
            async fn blocks(id: Id) -> A;
            async fn reads(id: Id) -> C;
            async fn reads_and_returns_what_it_read(id: Id) -> (B, C);
            async fn one_at_once(id: Id) -> D;
        }
    }

    fn graph() -> (Blocking, mpsc::Sender<()>, Log) {
        let (key, gate) = Gate::new();
        let log = Log::new();
        (
            Blocking::builder().gate(gate).log(log.clone()).build(),
            key,
            log,
        )
    }

    /// Real time, since a thread that blocks holds a paused clock; it is never reached unless something is wrong.
    async fn soon<T>(future: impl Future<Output = T>) -> T {
        tokio::time::timeout(ms(5_000), future)
            .await
            .expect("the caller waits for a thread that blocks")
    }

    #[tokio::test]
    async fn the_caller_of_a_blocking_step_is_back_at_its_timeout() {
        let (graph, key, log) = graph();
        let error = soon(graph.blocks("x", Id(0))).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::TimedOut, Some("blocks"))
        );
        assert_eq!(log.lines(), [""; 0]);
        drop(key);
    }

    #[tokio::test]
    async fn what_softens_a_blocking_step_starts_at_its_timeout() {
        let (graph, key, _log) = graph();
        assert_eq!(soon(graph.reads("x", Id(0))).await.unwrap(), C(10));
        drop(key);
    }

    #[tokio::test]
    async fn values_that_steps_have_read_are_returned_though_a_blocking_step_runs_on() {
        let (graph, key, _log) = graph();
        let output = soon(graph.reads_and_returns_what_it_read("x", Id(0))).await;
        drop(key);
        assert_eq!(output.unwrap(), (B(0), C(10)));
    }

    #[tokio::test]
    async fn a_deadline_holds_though_a_blocking_step_runs_on() {
        let (graph, key, _log) = graph();
        let execution = docket::Execution::new("x").timeout(ms(4_000));
        let output = soon(graph.reads_and_returns_what_it_read(execution, Id(0))).await;
        drop(key);
        assert!(output.is_ok_and(|output| output == (B(0), C(10))));
    }

    #[tokio::test]
    async fn a_function_that_runs_on_counts_among_those_that_run_at_once() {
        let (graph, key, log) = graph();
        assert_eq!(soon(graph.one_at_once("x", Id(0))).await.unwrap(), D(0));
        // Its thread may be slower than its timeout.
        let begun = async {
            while log.count("one_at_once") == 0 {
                tokio::time::sleep(ms(1)).await;
            }
        };
        soon(begun).await;
        let second = tokio::time::timeout(ms(100), graph.one_at_once("y", Id(0))).await;
        let at_once = log.count("one_at_once");
        drop(key);
        assert_eq!(
            at_once, 1,
            "the second began while the first was still running: {second:?}"
        );
    }
}
