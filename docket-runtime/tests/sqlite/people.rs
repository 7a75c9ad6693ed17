//! What people see of a row, and what they write into one.

use docket_runtime::store::{SqliteStore, Store as _};
use sqlx::{Row, query};

use super::{File, claim, completion, failure, request, with_name};
use crate::shop::{Payments, check_longest_times, find_by_status};

#[tokio::test]
async fn a_row_can_be_read_by_people() {
    let file = File::new("people");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let good = request();
    let claim_of_good = claim(&store, &good).await;
    let pool = file.pool().await;
    let see = "SELECT namespace, scope, execution_id, step_name, step_version, status, attempt, holder, repeat_never, \
               value_json ->> 'amount' AS amount, error, finished_at IS NULL AS is_open, metadata FROM step_cache";
    let row = query(see).fetch_one(&pool).await.unwrap();
    let text = |name: &str| row.get::<String, _>(name);
    assert_eq!(text("namespace"), "shop");
    assert_eq!(text("scope"), "global");
    assert_eq!(text("execution_id"), "request-1");
    assert_eq!(text("step_name"), "ProcessPayment");
    assert_eq!(text("holder"), "host/1/00000000");
    assert_eq!(text("status"), "running");
    assert_eq!(text("metadata"), r#"{"status":"running","attempt":1}"#);
    assert!(row.get::<bool, _>("is_open"));

    store.complete(&claim_of_good, &completion()).await.unwrap();
    let row = query(see).fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<i64, _>("amount"), 5);
    assert_eq!(
        row.get::<String, _>("metadata"),
        r#"{"provider":"stripe","status":"succeeded","attempt":1}"#
    );
    assert!(!row.get::<bool, _>("is_open"));

    query("DELETE FROM step_cache")
        .execute(&pool)
        .await
        .unwrap();
    let bad = request();
    let claim_of_bad = claim(&store, &bad).await;
    store
        .fail(&claim_of_bad, &failure("card_declined"))
        .await
        .unwrap();
    let row = query(see).fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>("error"), "card declined");
    assert_eq!(
        row.get::<String, _>("metadata"),
        r#"{"provider":"stripe","status":"failed","attempt":1,"code":"card_declined","kind":"transient"}"#
    );
}

#[tokio::test]
async fn a_result_without_its_value_says_so() {
    let file = File::new("omitted");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let claim = claim(&store, &request()).await;
    let mut completion = completion();
    completion.value.bytes = None;
    completion.json = None;
    store.complete(&claim, &completion).await.unwrap();
    let pool = file.pool().await;
    let omitted: String = query("SELECT metadata ->> 'value' FROM step_cache")
        .fetch_one(&pool)
        .await
        .unwrap()
        .get(0);
    assert_eq!(omitted, "omitted");
}

/// The two queries of the product's own pitch, with `datetime` where it has `NOW()`.
#[tokio::test]
async fn the_queries_of_the_pitch_work() {
    let file = File::new("pitch");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let pool = file.pool().await;

    let old = with_name("CheckInventory");
    claim(&store, &old).await;
    query("UPDATE step_cache SET created_at = datetime('now', '-61 minutes')")
        .execute(&pool)
        .await
        .unwrap();
    claim(&store, &with_name("CheckInventory")).await;
    let stuck = "SELECT * FROM step_cache
                 WHERE step_name = 'CheckInventory'
                 AND created_at < datetime('now', '-1 hour');";
    let rows = query(stuck).fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<&[u8], _>("cache_key"), old.call.key.0);

    let payments = Payments::make(&store).await;
    let retry = "DELETE FROM step_cache
                 WHERE step_name = 'ProcessPayment'
                 AND metadata->>'status' = 'failed'
                 AND created_at > datetime('now', '-1 day');";
    assert_eq!(
        query(retry).execute(&pool).await.unwrap().rows_affected(),
        1
    );
    payments.check_that_one_is_let_go(&store).await;
}

#[tokio::test]
async fn times_of_any_length_are_taken() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    check_longest_times(&store).await;
}

#[tokio::test]
async fn rows_with_errors_are_found_by_their_status() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    find_by_status(&store).await;
}
