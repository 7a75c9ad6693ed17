//! What a record gives back.

use super::*;

for_each_store! {
    a_later_hit_is_what_the_first_run_returned,
    a_value_that_can_not_be_decoded_is_a_miss_or_an_error,
}

async fn a_later_hit_is_what_the_first_run_returned(store: impl Store + Clone) {
    /// Part of it is not stored.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
    struct Lossy {
        kept: u32,
        #[serde(skip)]
        lost: u32,
    }

    #[step(persist = "global")]
    async fn lossy(order: &OrderId) -> Lossy {
        Lossy {
            kept: order.id,
            lost: order.id,
        }
    }

    #[derive(Debug, PartialEq)]
    struct Seen(u32, u32);

    #[step]
    fn sees(lossy: &Lossy) -> Seen {
        Seen(lossy.kept, lossy.lost)
    }

    graph! {
        struct Losing {
            inputs { OrderId }
            steps { lossy, sees }
            async fn lossy(order: OrderId) -> Lossy;
            async fn sees(order: OrderId) -> (Seen, Lossy);
        }
    }

    let graph = Losing::builder().store(store).build();
    let stored = |id| Lossy { kept: id, lost: 0 };
    for id in ["a", "b"] {
        assert_eq!(graph.lossy(id, order(1)).await.unwrap(), stored(1));
        assert_eq!(
            graph.sees(id, order(2)).await.unwrap(),
            (Seen(2, 0), stored(2))
        );
    }
}

/// A new release can't read what an old one has recorded.
async fn a_value_that_can_not_be_decoded_is_a_miss_or_an_error(store: impl Store + Clone) {
    macro_rules! release {
        ($name:ident { $($field:ident),+ }) => {
            mod $name {
                use super::*;
                $(
                    #[derive(Debug, Serialize, Deserialize, docket::Value)]
                    pub(super) struct $field { pub(super) $name: u32 }
                )+

                #[step(persist = "global", repeat = "free")]
                async fn free_release(order: &OrderId, #[resource] log: &Log) -> FreeValue {
                    log.push("free");
                    FreeValue { $name: order.id }
                }

                #[step(persist = "global")]
                async fn keyed_release(order: &OrderId, ctx: &StepContext, #[resource] log: &Log) -> KeyedValue {
                    log.push(ctx.idempotency_key());
                    KeyedValue { $name: order.id }
                }

                #[step(persist = "global", repeat = "never")]
                async fn never_release(order: &OrderId, #[resource] log: &Log) -> NeverValue {
                    log.push("never");
                    NeverValue { $name: order.id }
                }

                graph! {
                    pub(super) struct Release {
                        inputs { OrderId }
                        resources { Log }
                        steps { free_release, keyed_release, never_release }
                        pub(super) async fn free(order: OrderId) -> FreeValue;
                        pub(super) async fn keyed(order: OrderId) -> KeyedValue;
                        pub(super) async fn never(order: OrderId) -> NeverValue;
                    }
                }
            }
        };
    }
    release!(old {
        FreeValue,
        KeyedValue,
        NeverValue
    });
    release!(new {
        FreeValue,
        KeyedValue,
        NeverValue
    });

    let log = Log::new();
    let old = old::Release::builder()
        .log(log.clone())
        .store(store.clone())
        .build();
    assert_eq!(old.free("x", order(1)).await.unwrap().old, 1);
    assert_eq!(old.keyed("x", order(1)).await.unwrap().old, 1);
    assert_eq!(old.never("x", order(1)).await.unwrap().old, 1);
    let before = log.take();
    let new = new::Release::builder()
        .log(log.clone())
        .store(store.clone())
        .build();
    assert_eq!(new.free("x", order(1)).await.unwrap().new, 1);
    assert_eq!(new.keyed("x", order(1)).await.unwrap().new, 1);
    assert_eq!(
        log.take(),
        before[..2],
        "both run again, the second under the same key"
    );
    let error = new.never("x", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Encoding, Some("never_release"))
    );
    assert_eq!(new.free("y", order(1)).await.unwrap().new, 1);
    assert_eq!(new.keyed("y", order(1)).await.unwrap().new, 1);
    assert_eq!(log.take(), [""; 0]);
}
