//! What a step gets to know of the call it is in.

use docket::{StepContext, graph, step};
use docket_tests::{Log, Oops, nodes};

nodes!(Id, A, B);

#[step(name = "ChargeCard", retry(attempts = 3, delay = "1ms"))]
async fn charge(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<A, Oops> {
    log.push(format!(
        "{} {} {}",
        ctx.execution_id(),
        ctx.step(),
        ctx.attempt()
    ));
    log.push(ctx.idempotency_key());
    if ctx.attempt() < 3 {
        Err(Oops("again"))
    } else {
        Ok(A(1))
    }
}

#[step]
fn other(_id: &Id, context: &docket::StepContext, #[resource] log: &Log) -> B {
    context.annotate("model", "gpt-3000");
    context.annotate("tokens", 42);
    context.annotate("nested", vec![1, 2]);
    log.push(context.idempotency_key());
    log.push(format!("{context:?}"));
    B(1)
}

graph! {
    struct Contexts {
        inputs { Id }
        resources { Log }
        steps { charge, other }
        async fn charge(id: Id) -> A;
        async fn other(id: Id) -> B;
    }
}

fn graph() -> (Contexts, Log) {
    let log = Log::new();
    (Contexts::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn a_context_tells_the_execution_the_step_and_the_attempt() {
    let (graph, log) = graph();
    graph.charge("order-1", Id(0)).await.unwrap();
    let lines: Vec<_> = log.lines().into_iter().step_by(2).collect();
    assert_eq!(
        lines,
        [
            "order-1 ChargeCard 1",
            "order-1 ChargeCard 2",
            "order-1 ChargeCard 3"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_idempotency_key_is_the_same_for_each_attempt_and_another_for_each_call() {
    let (graph, log) = graph();
    let mut keys = Vec::new();
    for execution in ["order-1", "order-2"] {
        graph.charge(execution, Id(0)).await.unwrap();
        let mut of_one: Vec<_> = log.take().into_iter().skip(1).step_by(2).collect();
        assert_eq!(of_one.len(), 3);
        of_one.dedup();
        assert_eq!(of_one.len(), 1);
        keys.append(&mut of_one);
    }
    graph.other("order-1", Id(0)).await.unwrap();
    keys.push(log.take().remove(0));
    for key in &keys {
        assert_eq!(key.len(), 56);
        assert!(
            key.bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')),
            "{key}"
        );
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn an_annotation_of_a_step_that_records_nothing_does_nothing() {
    let (graph, log) = graph();
    assert_eq!(graph.other("x", Id(0)).await.unwrap(), B(1));
    assert_eq!(log.lines().len(), 2);
    assert!(!log.lines()[1].contains("gpt-3000"));
}
