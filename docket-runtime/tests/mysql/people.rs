//! What people see of the table.

use std::time::Duration;

use docket_runtime::store::{ClaimOutcome, MySqlStore, Store};
use serde_json::{Value, json};
use sqlx::mysql::{MySqlPoolOptions, MySqlRow};
use sqlx::{Row as _, query, raw_sql};

use super::{Scratch, another, claim, completion, failure, request, with_name};
use crate::shop::Payments;

fn metadata(row: &MySqlRow) -> Value {
    serde_json::from_str(row.get("metadata")).unwrap()
}

#[tokio::test]
async fn a_row_can_be_read_by_people() {
    let scratch = Scratch::new("people").await;
    let store = scratch.store().await;
    let pool = scratch.pool().await;
    let good = request();
    let held = claim(&store, &good).await;
    let see = "SELECT namespace, scope, execution_id, step_name, step_version, status, attempt, holder, repeat_never,
                      JSON_VALUE(value_json, '$.amount') AS amount, error, finished_at IS NULL AS is_open,
                      CAST(metadata AS CHAR) AS metadata,
                      ABS(TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP())) < 60 AS is_young FROM step_cache";
    let row = query(see).fetch_one(&pool).await.unwrap();
    let text = |name: &str| row.get::<String, _>(name);
    assert_eq!(text("namespace"), "shop");
    assert_eq!(text("scope"), "global");
    assert_eq!(text("execution_id"), "request-1");
    assert_eq!(text("step_name"), "ProcessPayment");
    assert_eq!(row.get::<u32, _>("step_version"), 2);
    assert_eq!(text("holder"), "host/1/00000000");
    assert_eq!(text("status"), "running");
    assert_eq!(metadata(&row), json!({"status": "running", "attempt": 1}));
    assert!(row.get::<bool, _>("is_open"));
    assert!(row.get::<bool, _>("is_young"));

    store.complete(&held, &completion()).await.unwrap();
    let row = query(see).fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>("amount"), "5");
    assert_eq!(
        metadata(&row),
        json!({"provider": "stripe", "status": "succeeded", "attempt": 1})
    );
    assert!(!row.get::<bool, _>("is_open"));

    for (code, own_kind, kind) in [
        ("card_declined", "", "transient"),
        ("timed_out", r#","kind":"permanent""#, "permanent"),
        ("rejected", r#","kind":"permanent""#, "rejected"),
    ] {
        query("DELETE FROM step_cache")
            .execute(&pool)
            .await
            .unwrap();
        let held = claim(&store, &request()).await;
        let mut failure = failure(code);
        failure.metadata = format!(r#"{{"provider":"stripe"{own_kind}}}"#).into();
        store.fail(&held, &failure).await.unwrap();
        let row = query(see).fetch_one(&pool).await.unwrap();
        assert_eq!(row.get::<String, _>("error"), "card declined");
        assert_eq!(
            metadata(&row),
            json!({"provider": "stripe", "status": "failed", "attempt": 1, "code": code, "kind": kind})
        );
    }
}

/// An attempt that is taken over is shown as what it is, too.
#[tokio::test]
async fn a_row_that_was_taken_over_begins_anew() {
    let scratch = Scratch::new("anew").await;
    let store = scratch.store().await;
    let first = request();
    let held = claim(&store, &first).await;
    store.fail(&held, &failure("failed")).await.unwrap();
    let mut second = another(&first);
    second.call.execution_id = "request-2".into();
    claim(&store, &second).await;
    let row = query(
        "SELECT status, attempt, starts, execution_id, error, CAST(metadata AS CHAR) AS metadata FROM step_cache",
    )
    .fetch_one(&scratch.pool().await)
    .await
    .unwrap();
    assert_eq!(row.get::<String, _>("execution_id"), "request-2");
    assert_eq!(row.get::<u32, _>("attempt"), 2);
    assert_eq!(row.get::<u32, _>("starts"), 1);
    assert_eq!(row.get::<Option<String>, _>("error"), None);
    assert_eq!(metadata(&row), json!({"status": "running", "attempt": 2}));
}

#[tokio::test]
async fn a_result_without_its_value_says_so() {
    let scratch = Scratch::new("omitted").await;
    let store = scratch.store().await;
    let held = claim(&store, &request()).await;
    let mut completion = completion();
    completion.value.bytes = None;
    completion.json = None;
    store.complete(&held, &completion).await.unwrap();
    let omitted: String = query("SELECT JSON_VALUE(metadata, '$.value') FROM step_cache")
        .fetch_one(&scratch.pool().await)
        .await
        .unwrap()
        .get(0);
    assert_eq!(omitted, "omitted");
}

/// The two queries of the product's own pitch, as the documentation of `MySqlStore` has them.
#[tokio::test]
async fn the_queries_of_the_pitch_work() {
    let scratch = Scratch::new("pitch").await;
    let store = scratch.store().await;
    let pool = scratch.pool().await;

    let old = with_name("CheckInventory");
    claim(&store, &old).await;
    query("UPDATE step_cache SET created_at = UTC_TIMESTAMP() - INTERVAL 61 MINUTE")
        .execute(&pool)
        .await
        .unwrap();
    claim(&store, &with_name("CheckInventory")).await;
    let stuck = "SELECT * FROM step_cache
                 WHERE step_name = 'CheckInventory'
                 AND created_at < UTC_TIMESTAMP() - INTERVAL 1 HOUR;";
    let rows = query(stuck).fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<&[u8], _>("cache_key"), old.call.key.0);

    let payments = Payments::make(&store).await;
    let retry = "DELETE FROM step_cache
                 WHERE step_name = 'ProcessPayment'
                 AND JSON_VALUE(metadata, '$.status') = 'failed'
                 AND created_at > UTC_TIMESTAMP() - INTERVAL 1 DAY;";
    let done = query(retry).execute(&pool).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    payments.check_that_one_is_let_go(&store).await;
}

#[tokio::test]
async fn names_are_kept_as_they_are() {
    let scratch = Scratch::new("names").await;
    let store = scratch.store().await;
    let pool = scratch.pool().await;
    let hostile = [
        "",
        "'; DROP TABLE step_cache; --",
        "`step_cache`",
        "a\\'b\\",
        "\"\u{0}\n\r\u{1a}",
        "naïve 语 😀 \u{202e}",
        "{table} {now} ?",
        "%_",
    ];
    for name in hostile {
        query("DELETE FROM step_cache")
            .execute(&pool)
            .await
            .unwrap();
        let mut request = with_name(name);
        request.call.namespace = name.into();
        request.call.execution_id = name.into();
        request.holder = name.into();
        let held = claim(&store, &request).await;
        let mut failure = failure("failed");
        failure.error = name.to_owned();
        store.fail(&held, &failure).await.unwrap();
        let row = query("SELECT namespace, execution_id, step_name, holder, error FROM step_cache")
            .fetch_one(&pool)
            .await
            .unwrap();
        for column in ["namespace", "execution_id", "step_name", "holder", "error"] {
            assert_eq!(row.get::<String, _>(column), name, "{column}");
        }
    }
    // The default collations take these for one.
    query("DELETE FROM step_cache")
        .execute(&pool)
        .await
        .unwrap();
    for name in ["Charge", "charge", "chargé"] {
        claim(&store, &with_name(name)).await;
    }
    let n: i64 = query("SELECT COUNT(*) FROM step_cache WHERE step_name = 'charge'")
        .fetch_one(&pool)
        .await
        .unwrap()
        .get(0);
    assert_eq!(n, 1);
}

/// Rows go by UTC, whatever the sessions of others are set to.
#[tokio::test]
async fn a_time_zone_does_not_matter() {
    let scratch = Scratch::new("zone").await;
    let store = scratch.store().await;
    let options = MySqlPoolOptions::new().after_connect(|connection, _| {
        Box::pin(async move {
            raw_sql("SET time_zone = '+09:00'")
                .execute(connection)
                .await?;
            Ok(())
        })
    });
    let pool = options.connect(&scratch.url()).await.unwrap();
    let elsewhere = MySqlStore::new(pool).await.unwrap();
    let request = request();
    claim(&elsewhere, &request).await;
    match store.claim(&another(&request)).await.unwrap() {
        ClaimOutcome::Busy { remaining, .. } => {
            let lease = Duration::from_secs(30);
            assert!(remaining > lease / 2 && remaining <= lease, "{remaining:?}");
        }
        other => panic!("{other:?}"),
    }
}
