//! Faults of a store, as they are told.

use std::time::Duration;

use docket::store::{Durability, Store as _};
use docket::testing::{Fault, FaultyStore, StoreOperation, timed};
use docket::{ErrorKind, MemoryStore};

use crate::shop::{Ran, Score, Shop, UserId};

fn shop() -> (Shop, Ran, FaultyStore<MemoryStore>) {
    let ran = Ran::default();
    let store = FaultyStore::new(MemoryStore::new()).with_durability(Durability::Durable);
    let shop = Shop::builder()
        .ran(ran.clone())
        .store(store.clone())
        .build();
    (shop, ran, store)
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_is_lost_is_asked_for_again_and_the_step_runs_once() {
    let (shop, ran, store) = shop();
    store.inject(StoreOperation::Claim, 1, Fault::ReplyLost);
    store.inject(StoreOperation::Complete, 1, Fault::ReplyLost);
    assert_eq!(shop.score("x", UserId(7)).await.unwrap(), Score(7));
    assert_eq!(ran.take(), ["score_credit"]);
    assert_eq!(
        store.take_log(),
        [
            "claim score_credit: reply lost",
            "claim score_credit: claimed",
            "complete: reply lost",
            "complete: recorded",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_nth_operation_is_counted_from_now() {
    let (shop, _, store) = shop();
    shop.score("x", UserId(1)).await.unwrap();
    store.inject(StoreOperation::Claim, 2, Fault::Refused("no more"));
    shop.score("x", UserId(2)).await.unwrap();
    let error = shop.score("x", UserId(3)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert_eq!(
        format!("{error:#}"),
        "step `score_credit` could not use its store: the step was not started: no more"
    );
    shop.score("x", UserId(3)).await.unwrap();
    assert_eq!(store.count(StoreOperation::Claim), 4);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_healed() {
    let (shop, ran, store) = shop();
    store.down();
    let error = shop.score("x", UserId(1)).await.unwrap_err();
    assert_eq!((error.kind(), ran.take()), (ErrorKind::Store, vec![]));
    store.heal();
    shop.score("x", UserId(1)).await.unwrap();
    assert_eq!(ran.take(), ["score_credit"]);
}

#[tokio::test(start_paused = true)]
async fn delays_pass_on_the_clock_and_a_reply_that_is_late_was_done_before() {
    let (_, _, store) = shop();
    store.inject(
        StoreOperation::Purge,
        1,
        Fault::Delayed(Duration::from_secs(1)),
    );
    store.inject(
        StoreOperation::Purge,
        2,
        Fault::ReplyDelayed(Duration::from_secs(2)),
    );
    let (answer, took) = timed(store.purge(1)).await;
    assert_eq!((answer.unwrap(), took), (0, Duration::from_secs(1)));
    let (_, took) = timed(store.purge(1)).await;
    assert_eq!(took, Duration::from_secs(2));
    store.inject(StoreOperation::Purge, 1, Fault::Hangs);
    let waited = tokio::time::timeout(Duration::from_secs(9), store.purge(1)).await;
    waited.unwrap_err();
    assert_eq!(
        store.take_log(),
        ["purge: 0 gone", "purge: 0 gone", "purge: hangs"]
    );
}
