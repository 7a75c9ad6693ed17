//! Callers beside each other, and callers that leave.

use super::*;

for_each_store! {
    persisted_steps_run_in_tasks_and_on_the_pool_as_well,
    an_observer_tells_a_run_from_a_hit_and_a_join,
    a_step_whose_caller_is_gone_ends_and_is_recorded,
    a_caller_that_is_gone_before_its_first_poll_starts_nothing,
    of_8_tasks_that_ask_for_one_key_one_runs,
    a_deadline_does_not_stop_a_persisted_step_once_it_runs,
}

async fn persisted_steps_run_in_tasks_and_on_the_pool_as_well(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    for id in ["a", "b"] {
        assert_eq!(graph.in_task(id, order(1)).await.unwrap(), InTask(1));
        assert_eq!(graph.on_pool(id, order(1)).await.unwrap(), OnPool(1));
    }
    assert_eq!(log.lines(), ["in_task", "on_pool false"]);
}

async fn an_observer_tells_a_run_from_a_hit_and_a_join(store: impl Store + Clone) {
    let (log, told, switches) = (Log::new(), Log::new(), Switches::default());
    let graph = Orders::builder()
        .log(log.clone())
        .switches(switches.clone())
        .store(store)
        .observer(Tell(told.clone()))
        .build();
    switches.close();
    let (first, second, ()) = tokio::join!(
        graph.score("a", order(1)),
        graph.score("b", order(1)),
        async {
            switches.gate.reached.notified().await;
            switches.open();
        }
    );
    first.unwrap();
    second.unwrap();
    graph.score("c", order(1)).await.unwrap();
    let outcomes: Vec<String> = told
        .lines()
        .iter()
        .filter_map(|line| {
            Some(
                line.strip_prefix("score ended: ")?
                    .split_once(" in ")
                    .unwrap()
                    .0
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(log.lines(), ["score 1"]);
    let mut of_two = outcomes[..2].to_vec();
    of_two.sort();
    assert_eq!(
        (of_two, &*outcomes[2]),
        (vec!["joined".to_owned(), "ran".to_owned()], "hit")
    );
}

async fn a_step_whose_caller_is_gone_ends_and_is_recorded(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.close();
    tokio::select! {
        biased;
        () = switches.gate.reached.notified() => {}
        _ = graph.score("a", order(1)) => panic!("the gate is closed"),
    }
    assert_eq!(log.lines(), ["score 1"]);
    drop(graph);
    switches.open();
    let (graph, other_log, _) = open(&store);
    assert_eq!(graph.score("b", order(1)).await.unwrap().points, 10);
    assert_eq!(log.lines(), ["score 1"]);
    assert_eq!(other_log.lines(), [""; 0]);
}

async fn a_caller_that_is_gone_before_its_first_poll_starts_nothing(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    drop(graph.score("a", order(1)));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines(), [""; 0]);
}

async fn of_8_tasks_that_ask_for_one_key_one_runs(store: impl Store + Clone) {
    // Two graph values, so that some meet in the process and some in the store.
    let (one, log, switches) = open(&store);
    let two = Orders::builder()
        .log(log.clone())
        .switches(switches)
        .store(store.clone())
        .build();
    for round in 0..100 {
        let mut tasks = JoinSet::new();
        for i in 0..8 {
            let graph = if i % 2 == 0 { one.clone() } else { two.clone() };
            tasks.spawn(async move { graph.score(Execution::unique(), order(round)).await });
        }
        for score in tasks.join_all().await {
            assert_eq!(score.unwrap().points, round * 10);
        }
        assert_eq!(log.take(), [format!("score {round}")]);
    }
}

async fn a_deadline_does_not_stop_a_persisted_step_once_it_runs(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.close();
    let error = graph
        .score(Execution::new("a").timeout(ms(1_500)), order(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.lines(), ["score 1"]);
    switches.open();
    assert_eq!(graph.score("b", order(1)).await.unwrap().points, 10);
    assert_eq!(log.lines(), ["score 1"]);
}
