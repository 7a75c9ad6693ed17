//! Where a step runs.

use std::thread::{self, ThreadId};

use docket::{StepContext, graph, step};
use docket_tests::{Log, nodes};

nodes!(Id);

#[derive(Debug, PartialEq)]
pub(crate) struct Inline(ThreadId);
#[derive(Debug, PartialEq)]
pub(crate) struct Pool(ThreadId);
#[derive(Debug, PartialEq)]
pub(crate) struct Task(ThreadId);
pub(crate) struct Waited(bool);
pub(crate) struct Met(bool);

#[step]
async fn inline(_id: &Id) -> Inline {
    Inline(thread::current().id())
}

#[step(blocking)]
fn pool(_id: &Id) -> Pool {
    Pool(thread::current().id())
}

/// Meets the thread that polls the execution: both have to be there at the same time.
#[derive(Clone)]
pub(crate) struct Meeting(std::sync::Arc<std::sync::Barrier>);

#[step(spawn)]
async fn task(_id: &Id, #[resource] meeting: &Meeting) -> Task {
    meeting.0.wait();
    Task(thread::current().id())
}

#[step]
async fn waits(_id: &Id, #[resource] meeting: &Meeting) -> Waited {
    meeting.0.wait();
    Waited(true)
}

#[step]
fn met(task: &Task, waited: &Waited, inline: &Inline) -> Met {
    Met(task.0 != inline.0 && waited.0)
}

/// Values go to other threads and come back, by reference.
#[step(blocking)]
fn reads_on_the_pool(pool: &Pool, ctx: &StepContext, #[resource] log: &Log) -> bool {
    log.push(ctx.execution_id());
    pool.0 != thread::current().id() || ctx.attempt() == 1
}

graph! {
    struct Threads {
        inputs { Id }
        resources { Meeting, Log }
        steps { inline, pool, task, waits, met, reads_on_the_pool }
        async fn inline_and_pool(id: Id) -> (Inline, Pool);
        async fn met(id: Id) -> Met;
        async fn on_the_pool(id: Id) -> bool;
    }
}

fn graph() -> (Threads, Log) {
    let log = Log::new();
    let meeting = Meeting(std::sync::Arc::new(std::sync::Barrier::new(2)));
    (
        Threads::builder().meeting(meeting).log(log.clone()).build(),
        log,
    )
}

#[tokio::test]
async fn a_blocking_step_runs_on_another_thread_and_a_plain_one_on_that_of_its_caller() {
    let (graph, _log) = graph();
    let (inline, pool) = graph.inline_and_pool("x", Id(0)).await.unwrap();
    assert_eq!(inline.0, thread::current().id());
    assert_ne!(pool.0, thread::current().id());
}

/// On one thread this would wait for ever. The test's own thread polls the execution, and a worker the task.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_spawned_step_runs_beside_its_execution_on_another_thread() {
    let (graph, _log) = graph();
    assert!(graph.met("x", Id(0)).await.unwrap().0);
}

#[tokio::test]
async fn a_blocking_step_has_its_context_and_its_resources() {
    let (graph, log) = graph();
    assert!(graph.on_the_pool("request-9", Id(0)).await.unwrap());
    assert_eq!(log.lines(), ["request-9"]);
}

mod own_task {
    use super::*;
    use docket_tests::{ms, nodes};
    use tokio::time::sleep;

    nodes!(A, B);

    #[step(spawn)]
    async fn tells_its_task(_id: &Id, #[resource] log: &Log) -> A {
        log.push(format!("{:?}", tokio::task::try_id().is_some()));
        sleep(ms(1)).await;
        A(1)
    }

    #[step]
    async fn has_no_task(_id: &Id, #[resource] log: &Log) -> B {
        log.push(format!("{:?}", tokio::task::try_id().is_some()));
        B(1)
    }

    graph! {
        struct OwnTask {
            inputs { Id }
            resources { Log }
            steps { tells_its_task, has_no_task }
            async fn task(id: Id) -> A;
            async fn none(id: Id) -> B;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_spawned_step_is_a_task_of_its_own() {
        let log = Log::new();
        let graph = OwnTask::builder().log(log.clone()).build();
        graph.none("x", Id(0)).await.unwrap();
        graph.task("x", Id(0)).await.unwrap();
        assert_eq!(log.lines(), ["false", "true"]);
    }
}

/// The values of an execution are dropped when it ends, wherever they were made.
mod dropped_values {
    use super::*;
    use docket_tests::Guard;

    #[allow(dead_code)]
    pub(crate) struct Held(Guard);
    pub(crate) struct End;

    #[step(spawn)]
    async fn holds(_id: &Id, #[resource] log: &Log) -> Held {
        Held(log.guard("held"))
    }

    #[step(blocking)]
    fn end(_held: &Held, #[resource] log: &Log) -> End {
        log.push("end");
        End
    }

    graph! {
        struct Holding {
            inputs { Id }
            resources { Log }
            steps { holds, end }
            async fn resolve(id: Id) -> End;
            async fn held(id: Id) -> (Held, End);
        }
    }

    #[tokio::test]
    async fn a_value_that_tasks_have_read_is_handed_over_and_not_cloned() {
        let log = Log::new();
        let graph = Holding::builder().log(log.clone()).build();
        for _ in 0..50 {
            let (held, End) = graph.held("x", Id(0)).await.unwrap();
            assert_eq!(log.take(), ["end"]);
            drop(held);
            assert_eq!(log.take(), ["held dropped"]);
        }
    }

    #[tokio::test]
    async fn what_is_not_returned_is_dropped_at_the_end() {
        let log = Log::new();
        let graph = Holding::builder().log(log.clone()).build();
        graph.resolve("x", Id(0)).await.unwrap();
        // The thread of the pool may still hold the last view of it.
        while log.count("held dropped") == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(log.lines(), ["end", "held dropped"]);
    }
}
