//! `explain` says what would run, and neither runs nor writes anything.

use std::time::Duration;

use docket::explain::{Explanation, Forecast, Reason};
use docket::store::{AnyStore, Store};
use docket::testing::FaultyStore;
use docket::{ErrorKind, Execution, MemoryStore};

use crate::shop::{Ran, Shop, UserId};

fn shop(store: impl Store) -> (Shop, Ran) {
    let ran = Ran::default();
    (Shop::builder().ran(ran.clone()).store(store).build(), ran)
}

async fn explain_page(shop: &Shop, id: u64) -> Explanation {
    shop.explain("request-1", async |shop, execution| {
        shop.page(execution, UserId(id)).await
    })
    .await
    .unwrap()
}

/// In memory, and, where the feature is on, in SQLite.
async fn stores() -> Vec<AnyStore> {
    #[allow(unused_mut)]
    let mut stores = vec![AnyStore::new(MemoryStore::new())];
    #[cfg(feature = "sqlite")]
    stores.push(AnyStore::new(
        docket::SqliteStore::connect("sqlite::memory:")
            .await
            .unwrap(),
    ));
    stores
}

#[tokio::test]
async fn each_step_is_told_in_the_order_of_the_plan_and_none_runs() {
    for store in stores().await {
        let (shop, ran) = shop(store);
        assert_eq!(
            explain_page(&shop, 7).await.to_string(),
            "\
Shop request-1
  UserId         given
  fetch_profile  would run  not persisted
  score_credit   would run  nothing recorded
  set_limit      unknown    depends on score_credit
  find_offers    unknown    depends on fetch_profile
  compose        unknown    depends on fetch_profile, set_limit, find_offers
"
        );
        assert_eq!(ran.take(), [""; 0]);
    }
}

#[tokio::test]
async fn a_recorded_value_is_gone_on_with() {
    for store in stores().await {
        let (shop, ran) = shop(store);
        shop.score("x", UserId(7)).await.unwrap();
        assert_eq!(ran.take(), ["score_credit"]);
        let one = explain_page(&shop, 7).await;
        assert!(matches!(
            one.forecast("score_credit"),
            Some(Forecast::Hit {
                expires_in: Some(_),
                ..
            })
        ));
        // Its own input is the value that was found.
        assert_eq!(
            one.forecast("set_limit"),
            Some(&Forecast::Runs(Reason::NotRecorded))
        );

        shop.limit("x", UserId(7)).await.unwrap();
        ran.take();
        let two = explain_page(&shop, 7).await;
        assert!(matches!(
            two.forecast("set_limit"),
            Some(Forecast::Hit {
                expires_in: None,
                ..
            })
        ));
        assert_eq!(ran.take(), [""; 0]);
    }
}

#[tokio::test]
async fn what_a_caller_gives_is_given_and_what_is_not_needed_is_not_there() {
    let (shop, _) = shop(MemoryStore::new());
    let explanation = shop
        .explain("x", async |shop, execution| {
            let profile = crate::shop::Profile {
                name: "Ada".to_owned(),
            };
            shop.page_of(execution, UserId(7), profile).await
        })
        .await
        .unwrap();
    assert_eq!(
        explanation.forecast("fetch_profile"),
        Some(&Forecast::Given)
    );
    assert_eq!(
        explanation.forecast("find_offers"),
        Some(&Forecast::Runs(Reason::NotPersisted))
    );
    assert_eq!(explanation.forecast("add_up"), None);
}

/// A need that can be done without is no less unknown: `compose` would see whether it is there.
#[tokio::test]
async fn a_soft_need_that_is_not_known_is_waited_for() {
    let (shop, _) = shop(MemoryStore::new());
    shop.score("x", UserId(60)).await.unwrap();
    shop.limit("x", UserId(60)).await.unwrap_err();
    let explanation = explain_page(&shop, 60).await;
    let Some(Forecast::Fails { error, .. }) = explanation.forecast("set_limit") else {
        panic!("{explanation}");
    };
    assert_eq!(error, "attempt 1 failed, and that is final: closed");
    assert!(
        explanation.to_string().contains(
            "compose        unknown     depends on fetch_profile, set_limit, find_offers"
        ),
        "{explanation}"
    );
}

#[tokio::test]
async fn a_failure_that_would_be_retried_is_told_with_its_words() {
    for store in stores().await {
        let (shop, _) = shop(store);
        shop.score("x", UserId(100)).await.unwrap_err();
        let explanation = explain_page(&shop, 100).await;
        let forecast = explanation.forecast("score_credit").unwrap();
        assert_eq!(
            (forecast.word(), forecast.to_string().as_str()),
            ("would run", "attempt 1 failed: closed")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_would_run() {
    let (shop, _) = shop(MemoryStore::new());
    shop.score("x", UserId(7)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    assert_eq!(
        explain_page(&shop, 7).await.forecast("score_credit"),
        Some(&Forecast::Runs(Reason::Expired))
    );
}

#[docket::step(persist = "global", repeat = "free", ttl = "1h", stale = "10m")]
async fn rate(id: &UserId) -> crate::shop::Score {
    crate::shop::Score(id.0)
}

docket::graph! {
    struct Rates {
        inputs { UserId }
        steps { rate }
        async fn rate(id: UserId) -> crate::shop::Score;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stale_is_told_with_its_age_and_gone_on_with() {
    let rates = Rates::builder().store(MemoryStore::new()).build();
    rates.rate("x", UserId(7)).await.unwrap();
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let mut told = Vec::new();
    for wait in [minutes(59), minutes(3), minutes(9)] {
        tokio::time::sleep(wait).await;
        let explanation = rates
            .explain("x", async |rates, execution| {
                rates.rate(execution, UserId(7)).await
            })
            .await
            .unwrap();
        told.push(explanation.to_string().lines().last().unwrap().to_owned());
    }
    assert_eq!(
        told,
        [
            "  rate    hit    recorded, for another 1m",
            "  rate    stale  expired 2m ago, would be made anew in the background",
            "  rate    would run  the record has expired",
        ]
    );
}

mod bulk {
    use docket::testing::{FaultyStore, Replay};
    use docket::{MemoryStore, graph, step};

    use crate::shop::{Score, UserId};

    #[step(bulk = 2, persist = "global", repeat = "free")]
    async fn score_all(ids: &[UserId]) -> Vec<Score> {
        ids.iter().map(|id| Score(id.0)).collect()
    }

    #[step(bulk = 2)]
    async fn halve_all(scores: &[Score]) -> Vec<u64> {
        scores.iter().map(|it| it.0 / 2).collect()
    }

    graph! {
        struct Scores {
            inputs { UserId }
            steps { score_all, halve_all }
            async fn scores(ids: [UserId]) -> [Score];
            async fn halves(ids: [UserId]) -> [u64];
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_bulk_step_is_looked_up_item_by_item_and_asks_nobody() {
        let store = FaultyStore::new(MemoryStore::new());
        let scores = Scores::builder().store(store.clone()).build();
        scores.scores("x", [UserId(4), UserId(6)]).await.unwrap();
        store.take_log();
        let explanation = scores.explain("y", async |scores, execution| {
            scores.halves(execution, (4..8).map(UserId)).await
        });
        assert_eq!(
            explanation.await.unwrap().to_string(),
            "\
Scores y
  UserId     given
  score_all  hit        ×2  recorded
  score_all  would run  ×2  nothing recorded
  halve_all  would run  ×2  not persisted
  halve_all  unknown    ×2  depends on score_all
"
        );
        let log = store.take_log();
        assert!(log.iter().all(|it| it.starts_with("preview ")), "{log:?}");
        let replay = Replay::new().give::<score_all>(Score(10));
        let halves = scores.halves(replay.execution("z"), [UserId(1), UserId(2)]);
        assert_eq!(halves.await.unwrap(), [5, 5]);
        assert_eq!(store.take_log(), [""; 0]);
    }
}

/// The store is only looked at: it is asked for nothing else, and answers the same afterwards.
#[tokio::test]
async fn nothing_is_claimed_and_nothing_is_written() {
    let store = FaultyStore::new(MemoryStore::new());
    let (shop, _) = shop(store.clone());
    explain_page(&shop, 7).await;
    explain_page(&shop, 7).await;
    assert_eq!(store.take_log(), ["preview score_credit: claimed"; 2]);
    assert_eq!(store.inner().len(), 0);
    shop.limit("x", UserId(7)).await.unwrap();
    store.take_log();
    explain_page(&shop, 7).await;
    assert_eq!(
        store.take_log(),
        ["preview score_credit: hit", "preview set_limit: hit"]
    );
}

#[tokio::test]
async fn a_store_that_is_down_is_told_of() {
    let store = FaultyStore::new(MemoryStore::new());
    let (shop, _) = shop(store.clone());
    store.down();
    let explanation = explain_page(&shop, 7).await;
    let forecast = explanation.forecast("score_credit").unwrap();
    assert_eq!(
        (forecast.word(), forecast.to_string().as_str()),
        (
            "would fail",
            "the store did not answer: a fault of the test: unavailable"
        )
    );
}

#[tokio::test]
async fn the_items_of_a_batch_are_counted() {
    let (shop, ran) = shop(MemoryStore::new());
    for id in [1, 2, 3] {
        shop.score("x", UserId(id)).await.unwrap();
    }
    ran.take();
    let explain = async |ids: Vec<u64>| {
        let execution = Execution::new("batch-1").max_concurrency(2);
        let explanation = shop.explain(execution, async |shop, execution| {
            shop.total(execution, ids.into_iter().map(UserId)).await
        });
        explanation.await.unwrap().to_string()
    };
    let told = explain((1..=10).collect()).await;
    assert_eq!(
        told,
        "\
Shop batch-1
  UserId        given
  score_credit  hit        ×3  recorded, for another 23h 59m
  score_credit  would run  ×7  nothing recorded
  add_up        unknown        depends on score_credit
"
    );
    let told = explain(vec![1, 2, 3]).await;
    assert!(
        told.contains("add_up        would run      not persisted"),
        "{told}"
    );
    assert_eq!(ran.take(), [""; 0]);
}

#[tokio::test]
async fn an_explanation_is_data() {
    let (shop, _) = shop(MemoryStore::new());
    let explanation = explain_page(&shop, 7).await;
    let json = explanation.to_json();
    assert!(json.contains("\"because\": \"not_recorded\""), "{json}");
    assert_eq!(
        serde_json::from_str::<Explanation>(&json).unwrap(),
        explanation
    );
}

#[tokio::test]
async fn what_can_not_be_asked_is_an_error() {
    let (shop, _) = shop(MemoryStore::new());
    let execution = Execution::new("x").timeout(Duration::ZERO);
    let error = shop
        .explain(execution, async |shop, execution| {
            shop.page(execution, UserId(7)).await
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

#[tokio::test]
async fn observers_hear_nothing_of_it() {
    let log = docket::testing::EventLog::new()
        .executions()
        .starts()
        .store();
    let shop = Shop::builder()
        .ran(Ran::default())
        .store(MemoryStore::new())
        .observer(log.clone())
        .build();
    explain_page(&shop, 7).await;
    assert_eq!(log.take(), [""; 0]);
}

/// Rows that somebody has, or had.
mod claimed {
    use std::future::pending;
    use std::time::Duration;

    use docket::testing::{Fault, FaultyStore, StoreOperation};
    use docket::{MemoryStore, graph, step};

    use crate::shop::{Limit, Score, UserId};

    #[step(persist = "global", repeat = "never")]
    async fn charge(#[key] id: &UserId, price: &u64) -> Score {
        if id.0 == 0 {
            pending::<()>().await;
        }
        Score(*price)
    }

    #[step(persist = "global")]
    async fn notify(id: &UserId) -> Limit {
        if id.0 == 0 {
            pending::<()>().await;
        }
        Limit(id.0)
    }

    graph! {
        struct Orders {
            inputs { UserId, u64 }
            steps { charge, notify }
            async fn both(id: UserId, price: u64) -> (Score, Limit);
        }
    }

    fn orders() -> (Orders, FaultyStore<MemoryStore>) {
        let store = FaultyStore::new(MemoryStore::new());
        (Orders::builder().store(store.clone()).build(), store)
    }

    /// What is said of the two steps.
    async fn told(orders: &Orders, id: u64, price: u64) -> [String; 2] {
        let explanation = orders
            .explain("x", async |orders, execution| {
                orders.both(execution, UserId(id), price).await
            })
            .await
            .unwrap();
        ["charge", "notify"].map(|step| {
            let forecast = explanation.forecast(step).unwrap();
            format!("{}: {forecast}", forecast.word())
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_that_a_process_has_is_told_with_its_lease() {
        let (orders, _) = orders();
        let running = orders.clone();
        let task = tokio::spawn(async move { running.both("x", UserId(0), 5).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        for told in told(&orders, 0, 5).await {
            assert!(told.starts_with("running: by process "), "{told}");
            assert!(told.ends_with(", lease for another 29s"), "{told}");
        }
        task.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_whose_process_was_lost_is_in_doubt_or_would_run() {
        let (orders, store) = orders();
        store.inject_always(StoreOperation::Renew, Fault::Unavailable);
        let running = orders.clone();
        let task = tokio::spawn(async move { running.both("x", UserId(0), 5).await });
        tokio::time::sleep(Duration::from_secs(31)).await;
        assert_eq!(
            told(&orders, 0, 5).await,
            [
                "in doubt: attempt 1; it would fail, until it is resolved",
                "would run: the process of attempt 1 was lost",
            ]
        );
        task.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn other_inputs_under_the_same_key_would_fail() {
        let (orders, _) = orders();
        orders.both("x", UserId(1), 5).await.unwrap();
        assert_eq!(
            told(&orders, 1, 6).await,
            [
                "would fail: the row of this `#[key]` was made from other inputs",
                "hit: recorded",
            ]
        );
    }
}
