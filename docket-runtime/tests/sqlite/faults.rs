//! Locks, callers who leave, and records that are refused.

use std::time::Duration;

use docket_runtime::store::{
    Admin as _, ClaimOutcome, Filter, RowStatus, SqliteStore, Store as _, Write,
};
use sqlx::query;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use super::{File, another, claim, completion, request};

#[tokio::test]
async fn a_write_lock_that_stays_is_an_error_worth_a_retry() {
    let file = File::new("busy");
    // It stays: when its last connection is closed, a file is written whole, under a lock.
    let _first = SqliteStore::connect(&file.url()).await.unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&file.0)
        .busy_timeout(Duration::from_millis(20));
    let store = SqliteStore::new(SqlitePool::connect_with(options).await.unwrap())
        .await
        .unwrap();
    let pool = file.pool().await;
    let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let request = request();
    let error = store.claim(&request).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    transaction.rollback().await.unwrap();
    claim(&store, &request).await;

    query("DROP TABLE step_cache").execute(&pool).await.unwrap();
    let error = store.claim(&another(&request)).await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
}

/// Whoever gives up at any moment leaves a store that works, and may send the same again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_may_be_dropped_at_any_moment_and_sent_again() {
    let file = File::new("dropped");
    let on_disk = SqliteStore::connect(&file.url()).await.unwrap();
    let in_memory = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let (mut n_dropped, mut n_done) = (0, 0);
    for micros in (0..600).step_by(3) {
        let patience = Duration::from_micros(micros);
        for store in [&on_disk, &in_memory] {
            let request = request();
            let tried = tokio::time::timeout(patience, store.claim(&request)).await;
            n_dropped += u32::from(tried.is_err());
            n_done += u32::from(tried.is_ok());
            let claim = claim(store, &request).await;
            let _ = tokio::time::timeout(patience, store.complete(&claim, &completion())).await;
            let written = store.complete(&claim, &completion()).await.unwrap();
            assert_eq!(written, Write::Recorded);
            let outcome = store.claim(&another(&request)).await.unwrap();
            assert!(matches!(outcome, ClaimOutcome::Hit(_)));
        }
    }
    assert!(
        n_dropped > 0 && n_done > 0,
        "{n_dropped} dropped, {n_done} done"
    );
}

/// Moves that come together are committed together, and each has its own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_bad_record_does_not_sink_those_beside_it() {
    let file = File::new("beside");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    for _ in 0..5 {
        let callers: Vec<_> = (0..40)
            .map(|i| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut claim = claim(&store, &request()).await;
                    let mut completion = completion();
                    match i % 20 {
                        7 => completion.metadata = "no JSON".into(),
                        13 => claim.fence -= 1,
                        _ => {}
                    }
                    (i, store.complete(&claim, &completion).await)
                })
            })
            .collect();
        for caller in callers {
            match caller.await.unwrap() {
                (7 | 27, outcome) => assert!(!outcome.unwrap_err().is_retryable()),
                (13 | 33, outcome) => assert_eq!(outcome.unwrap(), Write::Fenced),
                (_, outcome) => assert_eq!(outcome.unwrap(), Write::Recorded),
            }
        }
    }
    let mut filter = Filter::default();
    filter.status = Some(RowStatus::Succeeded);
    assert_eq!(store.count(&filter).await.unwrap(), 5 * 36);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_who_leave_take_nothing_from_those_beside_them() {
    let file = File::new("leave");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let callers: Vec<_> = (0..400)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                // From none to more than all of them take together.
                let patience = Duration::from_micros(i * i * 50);
                let request = request();
                let tried = tokio::time::timeout(patience, store.claim(&request)).await;
                let claim = claim(&store, &request).await;
                let recorded =
                    tokio::time::timeout(patience, store.complete(&claim, &completion())).await;
                let written = store.complete(&claim, &completion()).await.unwrap();
                assert_eq!(written, Write::Recorded);
                u32::from(tried.is_err()) + u32::from(recorded.is_err())
            })
        })
        .collect();
    let mut n_left = 0;
    for caller in callers {
        n_left += caller.await.unwrap();
    }
    assert!((1..800).contains(&n_left), "{n_left} left");
    assert_eq!(store.count(&Filter::default()).await.unwrap(), 400);
    // Nobody has left a transaction open.
    let pool = file.pool().await;
    let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    transaction.rollback().await.unwrap();
}
