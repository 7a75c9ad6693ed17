//! What tells one call from another.

use super::*;

for_each_store! {
    another_version_name_or_namespace_is_another_key,
    an_input_that_is_missing_is_part_of_the_key,
    other_inputs_under_one_key_are_an_error_and_not_a_second_run,
    a_hash_map_in_a_message_is_refused,
}

async fn another_version_name_or_namespace_is_another_key(store: impl Store + Clone) {
    mod v0 {
        use super::*;
        #[step(persist = "global", name = "Price")]
        pub(super) async fn price(order: &OrderId, #[resource] log: &Log) -> Amount {
            log.push("version 0");
            Amount {
                cents: u64::from(order.id),
            }
        }
    }
    mod v1 {
        use super::*;
        #[step(persist = "global", name = "Price", version = 1)]
        pub(super) async fn price(order: &OrderId, #[resource] log: &Log) -> Amount {
            log.push("version 1");
            Amount {
                cents: u64::from(order.id) + 1,
            }
        }
    }
    mod renamed {
        use super::*;
        #[step(persist = "global", name = "NewPrice")]
        pub(super) async fn price(order: &OrderId, #[resource] log: &Log) -> Amount {
            log.push("renamed");
            Amount {
                cents: u64::from(order.id) + 2,
            }
        }
    }
    macro_rules! graph_of {
        ($name:ident, $step:path) => {
            graph! {
                struct $name {
                    inputs { OrderId }
                    resources { Log }
                    steps { $step }
                    async fn price(order: OrderId) -> Amount;
                }
            }
        };
    }
    graph_of!(Zero, v0::price);
    graph_of!(One, v1::price);
    graph_of!(Renamed, renamed::price);

    let log = Log::new();
    for _ in 0..2 {
        let zero = Zero::builder()
            .log(log.clone())
            .store(store.clone())
            .build();
        assert_eq!(zero.price("x", order(5)).await.unwrap().cents, 5);
        let one = One::builder().log(log.clone()).store(store.clone()).build();
        assert_eq!(one.price("x", order(5)).await.unwrap().cents, 6);
        let renamed = Renamed::builder()
            .log(log.clone())
            .store(store.clone())
            .build();
        assert_eq!(renamed.price("x", order(5)).await.unwrap().cents, 7);
        let elsewhere = Zero::builder()
            .log(log.clone())
            .store(store.clone())
            .namespace("elsewhere")
            .build();
        assert_eq!(elsewhere.price("x", order(5)).await.unwrap().cents, 5);
    }
    assert_eq!(
        log.lines(),
        ["version 0", "version 1", "renamed", "version 0"]
    );
}

async fn an_input_that_is_missing_is_part_of_the_key(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    for id in ["a", "b"] {
        assert_eq!(graph.soft(id, order(1)).await.unwrap(), Soft(0));
    }
    switches.set_down(false);
    for id in ["a", "b"] {
        assert_eq!(graph.soft(id, order(1)).await.unwrap(), Soft(1));
    }
    let mut lines = log.lines();
    lines.retain(|line| line.starts_with("soft"));
    assert_eq!(lines, ["soft false", "soft true"]);
}

async fn other_inputs_under_one_key_are_an_error_and_not_a_second_run(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    assert_eq!(
        graph
            .hard("a", order(1), Amount { cents: 5 })
            .await
            .unwrap(),
        Hard(6)
    );
    assert_eq!(
        graph
            .hard("b", order(1), Amount { cents: 5 })
            .await
            .unwrap(),
        Hard(6)
    );
    let error = graph
        .hard("c", order(1), Amount { cents: 6 })
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step(), error.execution_id()),
        (ErrorKind::InputDrift, Some("hard"), "c")
    );
    assert_eq!(
        graph
            .hard("d", order(2), Amount { cents: 6 })
            .await
            .unwrap(),
        Hard(8)
    );
    assert_eq!(log.lines(), ["hard", "hard"]);
}

async fn a_hash_map_in_a_message_is_refused(store: impl Store + Clone) {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Unordered {
        #[prost(map = "string, uint32", tag = "1")]
        map: HashMap<String, u32>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    struct Ordered {
        #[prost(btree_map = "string, uint32", tag = "1")]
        map: std::collections::BTreeMap<String, u32>,
    }

    #[step(persist = "global")]
    async fn of_unordered(input: &Unordered, #[resource] log: &Log) -> Free {
        log.push("of_unordered");
        Free(input.map.len() as u32)
    }

    #[step(persist = "global")]
    async fn of_ordered(input: &Ordered, #[resource] log: &Log) -> Keyed {
        log.push("of_ordered");
        Keyed(input.map.len() as u32)
    }

    graph! {
        struct Maps {
            inputs { Unordered, Ordered }
            resources { Log }
            steps { of_unordered, of_ordered }
            async fn unordered(input: Unordered) -> Free;
            async fn ordered(input: Ordered) -> Keyed;
        }
    }

    let log = Log::new();
    let graph = Maps::builder().log(log.clone()).store(store).build();
    let entries = || (0..8).map(|n| (n.to_string(), n));
    let error = graph
        .unordered(
            "x",
            Unordered {
                map: entries().collect(),
            },
        )
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Encoding, Some("of_unordered"))
    );
    assert!(format!("{error:#}").contains("btree_map"), "{error:#}");
    assert_eq!(log.lines(), [""; 0]);
    for map in [entries().collect(), entries().rev().collect()] {
        assert_eq!(graph.ordered("x", Ordered { map }).await.unwrap(), Keyed(8));
    }
    assert_eq!(log.lines(), ["of_ordered"]);
}
