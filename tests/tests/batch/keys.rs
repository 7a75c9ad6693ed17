//! What a step of an item hands to its provider.

use std::collections::HashSet;

use docket::{StepContext, graph, step};

struct Order(&'static str);
struct Keys(String, String);
struct Shop(String);

/// Runs once.
#[step]
fn open(ctx: &StepContext) -> Shop {
    Shop(ctx.idempotency_key())
}

#[step]
fn charge(order: &Order, shop: &Shop, ctx: &StepContext) -> Keys {
    Keys(
        format!("{} {}", order.0, ctx.idempotency_key()),
        shop.0.clone(),
    )
}

graph! {
    struct Orders {
        inputs { Order }
        steps { open, charge }
        async fn charged(orders: [Order]) -> [Keys];
        async fn charged_one(order: Order) -> Keys;
    }
}

#[tokio::test]
async fn each_item_has_its_own_and_has_it_again_in_the_next_run() {
    let graph = Orders::builder().build();
    let run = async || {
        graph
            .charged("x", ["a", "a", "b"].map(Order))
            .await
            .unwrap()
    };
    let (first, again) = (run().await, run().await);
    let keys = |run: &[Keys]| run.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    let distinct: HashSet<_> = keys(&first).into_iter().collect();
    assert_eq!(distinct.len(), 3);
    assert_eq!(keys(&first), keys(&again));
    assert!(
        first.iter().all(|it| it.1 == first[0].1),
        "what runs once has one"
    );
    let alone = graph.charged_one("x", Order("a")).await.unwrap();
    assert!(!distinct.contains(&alone.0));
}
