//! Many callers at once, in stores that don't know of each other, as if each were of another process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use docket_runtime::store::{
    ClaimOutcome, ClaimRef, MySqlStore, Store, StoreError, Write, conformance,
};
use tokio::task::JoinSet;

use super::{Scratch, another, claim, completion, expect_hit, failure, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_a_crowd_has_the_row() {
    let scratch = Scratch::new("crowds").await;
    conformance::check_crowds(&Arc::new(scratch.store().await), 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_stores_of_one_table_have_one_holder() {
    let scratch = Scratch::new("several").await;
    let stores = several(&scratch).await;
    for _ in 0..50 {
        let request = request();
        let mut callers = JoinSet::new();
        for store in &stores {
            let (store, request) = (store.clone(), another(&request));
            callers.spawn(async move { store.claim(&request).await.unwrap() });
        }
        let outcomes = callers.join_all().await;
        let is_claimed = |it: &&ClaimOutcome| matches!(it, ClaimOutcome::Claimed(_));
        assert_eq!(outcomes.iter().filter(is_claimed).count(), 1);
    }
}

/// Claims, records, renewals and purges of several stores on the same rows at once. What the server undoes for the sake of
/// another is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn statements_on_the_same_rows_all_have_their_effect() {
    const N_ROWS: usize = 40;
    let scratch = Scratch::new("deadlocks").await;
    let stores = several(&scratch).await;
    for round in 0..5 {
        let rows: Vec<_> = (0..N_ROWS).map(|_| request()).collect();
        let mut claims = Vec::new();
        for row in &rows {
            claims.push(claim(&stores[0], row).await);
        }
        let mut callers: JoinSet<Result<(), StoreError>> = JoinSet::new();
        for store in &stores {
            // Each in an order of its own.
            let mut order: Vec<usize> = (0..N_ROWS).collect();
            fastrand::shuffle(&mut order);
            for &i in &order {
                let (store, claim, row) = (store.clone(), claims[i], another(&rows[i]));
                callers.spawn(async move {
                    store.claim(&row).await?;
                    let written = if i % 2 == round % 2 {
                        store.complete(&claim, &completion()).await?
                    } else {
                        store.fail(&claim, &failure("failed")).await?
                    };
                    // Another store's caller may have claimed the failed row anew.
                    assert!(written == Write::Recorded || i % 2 != round % 2);
                    Ok(())
                });
            }
            let held: Vec<_> = order.into_iter().map(|i| claims[i]).collect();
            let store = store.clone();
            callers.spawn(async move {
                for _ in 0..5 {
                    store.renew(&held, Duration::from_secs(30)).await?;
                    store.purge(100).await?;
                }
                Ok(())
            });
        }
        for done in callers.join_all().await {
            done.unwrap();
        }
    }
}

/// All answers are the right ones, though they may come in batches.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_caller_gets_the_answer_to_his_own_question() {
    let scratch = Scratch::new("answers").await;
    let store = scratch.store().await;
    let mut callers = JoinSet::new();
    for i in 0..300_u32 {
        let store = store.clone();
        callers.spawn(async move {
            let request = request();
            let claim = claim(&store, &request).await;
            let mut mine = completion();
            mine.value.bytes = Some(i.to_be_bytes().as_slice().into());
            let fence = claim.fence - i64::from(i % 3 == 0);
            let written = store
                .complete(&ClaimRef { fence, ..claim }, &mine)
                .await
                .unwrap();
            if i % 3 == 0 {
                assert_eq!(written, Write::Fenced);
                store.complete(&claim, &mine).await.unwrap();
            } else {
                assert_eq!(written, Write::Recorded);
            }
            let stored = expect_hit(&store, &request).await;
            assert_eq!(*stored.bytes.unwrap(), i.to_be_bytes());
        });
    }
    callers.join_all().await;
}

/// Whoever gives up at any moment leaves a store that works, and may send the same again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_may_be_dropped_at_any_moment_and_sent_again() {
    let scratch = Scratch::new("dropped").await;
    let store = scratch.store().await;
    // Up to somewhat more than one takes here.
    let start = Instant::now();
    claim(&store, &request()).await;
    let most = start.elapsed() * 3;
    let (mut n_dropped, mut n_done) = (0, 0);
    for i in 0..100 {
        let patience = most * i / 99;
        let request = request();
        let tried = tokio::time::timeout(patience, store.claim(&request)).await;
        n_dropped += u32::from(tried.is_err());
        n_done += u32::from(tried.is_ok());
        let claim = claim(&store, &request).await;
        let _ = tokio::time::timeout(patience, store.complete(&claim, &completion())).await;
        let written = store.complete(&claim, &completion()).await.unwrap();
        assert_eq!(written, Write::Recorded);
        expect_hit(&store, &request).await;
    }
    assert!(
        n_dropped > 0 && n_done > 0,
        "{n_dropped} dropped, {n_done} done"
    );
}

async fn several(scratch: &Scratch) -> Vec<MySqlStore> {
    let mut connecting = JoinSet::new();
    for _ in 0..4 {
        let url = scratch.url();
        connecting.spawn(async move { MySqlStore::connect(&url).await.unwrap() });
    }
    connecting.join_all().await
}
