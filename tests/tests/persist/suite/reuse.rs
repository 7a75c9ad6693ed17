//! What is found again, and by whom.

use super::*;

for_each_store! {
    a_global_result_serves_all_executions_and_graphs,
    a_workflow_result_serves_its_own_execution,
    running_an_id_again_after_a_failure_runs_only_what_is_missing,
    an_entry_that_is_given_a_persisted_type_does_not_ask_the_store,
}

async fn a_global_result_serves_all_executions_and_graphs(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    assert_eq!(graph.score("a", order(1)).await.unwrap().points, 10);
    assert_eq!(graph.score("b", order(1)).await.unwrap().points, 10);
    let (other_graph, other_log, _) = open(&store);
    assert_eq!(other_graph.score("c", order(1)).await.unwrap().points, 10);
    assert_eq!(graph.score("a", order(2)).await.unwrap().points, 20);
    assert_eq!(log.lines(), ["score 1", "score 2"]);
    assert_eq!(other_log.lines(), [""; 0]);
}

async fn a_workflow_result_serves_its_own_execution(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    for id in ["a", "b", "a", "b"] {
        graph.page(id, order(1)).await.unwrap();
    }
    assert_eq!(log.count("charge 1 in a"), 1);
    assert_eq!(log.count("charge 1 in b"), 1);
    assert_eq!(log.count("score 1"), 1, "it is global");
    assert_eq!(log.count("page"), 4, "it is not persisted");
}

async fn running_an_id_again_after_a_failure_runs_only_what_is_missing(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    let error = graph.page("order-1", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("ship"))
    );
    assert_eq!(error.downcast_ref(), Some(&Oops("down")));
    assert_eq!(log.count("charge 1 in order-1"), 1);
    log.take();
    switches.set_down(false);
    // In a new process nothing but the store is left.
    let (graph, log, _) = open(&store);
    assert_eq!(
        graph.page("order-1", order(1)).await.unwrap(),
        Page("10 100".into())
    );
    let lines: Vec<_> = log
        .lines()
        .into_iter()
        .filter(|line| line != "score 1")
        .collect();
    assert_eq!(lines, ["ship 100", "page"]);
}

async fn an_entry_that_is_given_a_persisted_type_does_not_ask_the_store(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    let page = graph
        .given_charge("x", order(1), Charge { cents: 7 })
        .await
        .unwrap();
    assert_eq!(page, Page("10 7".into()));
    assert_eq!(log.sorted(), ["page", "score 1", "ship 7"]);
}
