//! What may run again after a failure.

use super::*;

for_each_store! {
    a_failed_free_or_keyed_step_runs_again_under_the_same_idempotency_key,
    a_failed_never_step_is_final,
    a_rejected_step_runs_again_under_another_idempotency_key,
    a_step_that_panicked_runs_again_but_not_under_never,
    a_fallback_is_never_recorded,
    attempts_of_one_run_share_one_idempotency_key_and_one_record,
}

async fn a_failed_free_or_keyed_step_runs_again_under_the_same_idempotency_key(
    store: impl Store + Clone,
) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    graph.free("a", order(1)).await.unwrap_err();
    let error = graph.keyed("a", order(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Failed, 1));
    switches.set_down(false);
    assert_eq!(graph.free("b", order(1)).await.unwrap(), Free(1));
    assert_eq!(graph.free("c", order(1)).await.unwrap(), Free(1));
    assert_eq!(graph.keyed("b", order(1)).await.unwrap(), Keyed(1));
    assert_eq!(graph.keyed("c", order(1)).await.unwrap(), Keyed(1));
    let mut keys = log.take();
    keys.retain(|line| line != "free");
    assert_eq!(keys.len(), 2, "a failure, and a success: {keys:?}");
    assert_eq!(keys[0], keys[1]);
    graph.keyed("b", order(2)).await.unwrap();
    assert_ne!(log.lines()[0], keys[0]);
}

async fn a_failed_never_step_is_final(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    graph.never("a", order(1)).await.unwrap_err();
    switches.set_down(false);
    let error = graph.never("b", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step(), error.execution_id()),
        (ErrorKind::Failed, Some("never"), "b")
    );
    assert!(error.to_string().contains("down"), "{error}");
    assert_eq!(graph.never("b", order(2)).await.unwrap(), Never(2));
    assert_eq!(graph.never("c", order(2)).await.unwrap(), Never(2));
    assert_eq!(log.lines(), ["never", "never"]);
}

async fn a_rejected_step_runs_again_under_another_idempotency_key(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    graph.rejected("a", order(1)).await.unwrap_err();
    switches.set_down(false);
    graph.rejected("b", order(1)).await.unwrap();
    let keys = log.lines();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

async fn a_step_that_panicked_runs_again_but_not_under_never(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    let error = graph.panicked("a", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Panicked, Some("panicked"))
    );
    let error = graph.never_panicked("a", order(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    switches.set_down(false);
    assert_eq!(graph.panicked("b", order(1)).await.unwrap(), Panicked(1));
    let error = graph.never_panicked("b", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::InDoubt, Some("never_panicked"))
    );
    assert_eq!(log.lines(), ["panicked", "never_panicked", "panicked"]);
}

async fn a_fallback_is_never_recorded(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(0));
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(0));
    switches.set_down(false);
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(1));
    switches.set_down(true);
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(1));
    assert_eq!(log.count("fallen"), 3);
}

async fn attempts_of_one_run_share_one_idempotency_key_and_one_record(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    assert_eq!(graph.retried("a", order(1)).await.unwrap(), Retried(1));
    assert_eq!(graph.retried("b", order(1)).await.unwrap(), Retried(1));
    let lines = log.lines();
    let (attempts, mut keys): (Vec<_>, Vec<_>) = lines
        .iter()
        .map(|line| line.split_once(' ').unwrap())
        .unzip();
    assert_eq!(attempts, ["1", "2", "3"]);
    keys.dedup();
    assert_eq!(keys.len(), 1);
}
