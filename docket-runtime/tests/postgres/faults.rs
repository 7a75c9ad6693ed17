//! Connections that break, servers that are not there, and what is refused.

use std::time::{Duration, Instant};

use docket_runtime::store::{
    ClaimOutcome, PostgresOptions, PostgresStore, Store, StoreError, Write,
};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Row, query};
use tokio::time::sleep;

use super::{Scratch, another, claim, completion, expect_hit, request};

/// Ends all connections that see `scratch`, but that of `pool`, and says how many they were.
async fn end_connections(pool: &PgPool, name: &str) -> i64 {
    let row = query(
        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1",
    )
    .bind(name)
    .fetch_one(pool)
    .await
    .unwrap();
    row.get(0)
}

/// A row lock that keeps a statement under way for as long as one likes.
async fn with_row_locked<T>(pool: &PgPool, key: &[u8], meanwhile: impl Future<Output = T>) -> T {
    let mut transaction = pool.begin().await.unwrap();
    query("SELECT FROM step_cache WHERE cache_key = $1 FOR UPDATE")
        .bind(key)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let done = meanwhile.await;
    transaction.rollback().await.unwrap();
    done
}

#[tokio::test]
async fn a_connection_that_ends_in_the_middle_is_an_error_worth_a_retry() {
    let scratch = Scratch::new("ended").await;
    let name = format!("{}_victim", scratch.schema);
    let url = format!("{}&application_name={name}", scratch.url());
    let store = PostgresStore::connect(&url).await.unwrap();
    let pool = scratch.pool().await;
    let row = request();
    let held = claim(&store, &row).await;
    let completion = completion();
    let record = store.complete(&held, &completion);
    let end = async {
        sleep(Duration::from_millis(200)).await;
        end_connections(&pool, &name).await
    };
    let blocked = async { tokio::join!(record, end) };
    let (written, n_ended) = with_row_locked(&pool, &row.call.key.0, blocked).await;
    assert!(n_ended > 0);
    let error = written.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    let written = patiently(|| store.complete(&held, &completion)).await;
    assert_eq!(written, Write::Recorded);

    // Also when it ends while nobody uses it.
    end_connections(&pool, &name).await;
    sleep(Duration::from_millis(50)).await;
    let outcome = patiently(|| store.claim(&row)).await;
    assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
}

/// Sends the same again while the store does not answer.
async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(mut send: impl FnMut() -> F) -> T {
    for _ in 0..20 {
        match send().await {
            Ok(answer) => return answer,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
    panic!("the store does not recover");
}

#[tokio::test]
async fn who_waits_for_a_lock_too_long_may_ask_again() {
    let scratch = Scratch::new("locks").await;
    let url = scratch.url_with("-c%20lock_timeout%3D50ms");
    let store = PostgresStore::connect(&url).await.unwrap();
    let pool = scratch.pool().await;
    let row = request();
    let held = claim(&store, &row).await;
    let completion = completion();
    let record = store.complete(&held, &completion);
    let written = with_row_locked(&pool, &row.call.key.0, record).await;
    assert!(written.unwrap_err().is_retryable());
    store.complete(&held, &completion).await.unwrap();
    // A hit waits for nobody.
    with_row_locked(&pool, &row.call.key.0, expect_hit(&store, &row)).await;
}

/// All of the application's connections are in use, for as long as it likes.
#[tokio::test]
async fn a_holder_reports_while_the_application_has_all_connections() {
    let scratch = Scratch::new("exhausted").await;
    scratch.store().await;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(1))
        .connect(&scratch.url())
        .await
        .unwrap();
    let store = PostgresStore::new(pool.clone()).await.unwrap();
    let (row, other) = (request(), request());
    let held = claim(&store, &row).await;
    let given_back = claim(&store, &other).await;
    let _taken = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    let error = store.claim(&another(&row)).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    let still_held = store.renew(&[held], Duration::from_secs(60)).await.unwrap();
    assert_eq!(still_held, [held]);
    let written = store.complete(&held, &completion()).await.unwrap();
    assert_eq!(written, Write::Recorded);
    store.release(&given_back).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_worth_a_retry() {
    let start = Instant::now();
    let error = PostgresOptions::new()
        .acquire_timeout(Duration::from_millis(200))
        .connect("postgres://docket@127.0.0.1:1/docket")
        .await
        .unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_url_of_something_else_is_refused() {
    for url in [
        "sqlite://steps.db",
        "mysql://localhost/x",
        "/no/url",
        "postgres://localhost:x/y",
        "postgres://localhost/x?sslmode=odd",
    ] {
        let error = PostgresStore::connect(url).await.unwrap_err();
        assert!(!error.is_retryable(), "{url}: {error:?}");
        assert!(
            error
                .to_string()
                .starts_with("this is not the URL of a PostgreSQL database"),
            "{url}: {error:?}"
        );
    }
    let scratch = Scratch::new("database").await;
    let url = scratch.url().replacen("/docket", "/no_such_database", 1);
    let error = PostgresStore::connect(&url).await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
}
