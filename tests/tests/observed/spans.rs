//! The spans of `tracing`: who is whose child, and what they say.

use docket::MemoryStore;
use docket_tests::ms;
use tokio::time::timeout;
use tracing::{Instrument as _, info_span};

use crate::graph::{All, Ask, Observed};
use crate::tree::{export, parent, tree};

fn graph() -> Observed {
    export();
    Observed::builder().store(MemoryStore::new()).build()
}

#[tokio::test(start_paused = true)]
async fn each_step_is_a_child_of_its_execution_and_what_it_does_a_child_of_the_step() {
    let made = graph().all("spans", Ask { n: 2 }).await.unwrap();
    assert_eq!(made, All(12));
    assert_eq!(
        tree("spans"),
        "\
docket.execution entry=Observed::all outcome=resolved
  docket.step attempts=1 name=all origin=ran outcome=made
    inner of=all
  docket.step attempts=1 name=blocked origin=ran outcome=made
    inner of=blocked
  docket.step attempts=1 name=kept origin=ran outcome=made
    inner of=kept
  docket.step attempts=1 name=plain origin=ran outcome=made
    inner of=plain
  docket.step attempts=1 name=soft origin=ran outcome=made
    inner of=soft
  docket.step attempts=1 name=spawned origin=ran outcome=made
    inner of=spawned
  docket.step attempts=2 name=flaky origin=ran outcome=made [an attempt failed, and there will be another]
    inner of=flaky
    inner of=flaky
"
    );
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_a_child_of_its_caller_and_one_that_fails_says_how() {
    let graph = graph();
    let caller = info_span!(target: "test", "caller");
    let failing = graph.hard("spans-fail", Ask { n: 0 });
    failing.instrument(caller).await.unwrap_err();
    assert_eq!(parent("spans-fail").unwrap(), "caller");
    assert_eq!(
        tree("spans-fail"),
        "\
docket.execution entry=Observed::hard error=Failed outcome=failed ERROR
  docket.step attempts=1 error=Failed name=soft outcome=failed ERROR
    inner of=soft
"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_softened_is_an_error_of_its_step_alone() {
    graph().all("spans-soft", Ask { n: 0 }).await.unwrap();
    let tree = tree("spans-soft");
    let lines: Vec<_> = tree.lines().filter(|it| !it.contains("inner")).collect();
    assert_eq!(
        lines[0],
        "docket.execution entry=Observed::all outcome=resolved"
    );
    let soft = lines.iter().find(|it| it.contains("name=soft")).unwrap();
    assert_eq!(
        *soft,
        "  docket.step attempts=1 error=Failed name=soft outcome=softened ERROR"
    );
}

#[tokio::test(start_paused = true)]
async fn a_persisted_step_that_outlives_its_caller_stays_where_it_was() {
    let graph = graph();
    let execution = graph.kept("spans-left", Ask { n: 2 });
    timeout(ms(1), execution).await.unwrap_err();
    graph.shutdown(ms(1000)).await;
    tokio::task::yield_now().await;
    assert_eq!(
        tree("spans-left"),
        "\
docket.execution entry=Observed::kept outcome=dropped
  docket.step attempts=1 name=kept outcome=dropped
    inner of=kept
"
    );
}

#[tokio::test(start_paused = true)]
async fn the_steps_of_a_batch_say_of_which_item() {
    let asks = [1, 7, 1].map(|n| Ask { n });
    graph().each("spans-items", asks).await.unwrap();
    assert_eq!(
        tree("spans-items"),
        "\
docket.execution entry=Observed::each outcome=resolved
  docket.step attempts=0 item=2 name=each origin=joined outcome=made
  docket.step attempts=1 error=Failed item=1 name=each outcome=softened ERROR
    inner of=each
  docket.step attempts=1 item=0 name=each origin=ran outcome=made
    inner of=each
"
    );
}

/// Whoever leads the call has it in its span.
#[tokio::test(start_paused = true)]
async fn what_a_call_for_many_does_is_a_child_of_a_step_also_in_a_task_of_its_own() {
    let asks = [1, 2, 3].map(|n| Ask { n });
    graph().together("spans-bulk", asks).await.unwrap();
    assert_eq!(
        tree("spans-bulk"),
        "\
docket.execution entry=Observed::together outcome=resolved
  docket.step attempts=1 item=0 name=spawned_together origin=ran outcome=made
    inner of=spawned_together
  docket.step attempts=1 item=1 name=spawned_together origin=ran outcome=made
  docket.step attempts=1 item=2 name=spawned_together origin=ran outcome=made
    inner of=spawned_together
"
    );
}
