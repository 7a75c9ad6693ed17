//! What people see of a row, and what they write into one.

use std::time::Duration;

use docket_runtime::store::{ClaimOutcome, Completion, Failure, Store, Write};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};

use super::{Scratch, another, claim, completion, expect_hit, failure, never, request, with_name};
use crate::shop::{Payments, check_longest_times};

const SEE: &str = "
SELECT namespace, scope, execution_id, step_name, step_version, status, attempt, holder, repeat_never, error,
       (value_json::jsonb ->> 'amount')::int AS amount, finished_at IS NULL AS is_open, metadata::text AS metadata
  FROM step_cache";

fn text(row: &PgRow, column: &str) -> String {
    row.get(column)
}

#[tokio::test]
async fn a_row_can_be_read_by_people() {
    let scratch = Scratch::new("people").await;
    let (store, pool) = (scratch.store().await, scratch.pool().await);
    let held = claim(&store, &request()).await;
    let row = query(SEE).fetch_one(&pool).await.unwrap();
    assert_eq!(text(&row, "namespace"), "shop");
    assert_eq!(text(&row, "scope"), "global");
    assert_eq!(text(&row, "execution_id"), "request-1");
    assert_eq!(text(&row, "step_name"), "ProcessPayment");
    assert_eq!(row.get::<i64, _>("step_version"), 2);
    assert_eq!(text(&row, "holder"), "host/1/00000000");
    assert_eq!(text(&row, "status"), "running");
    assert_eq!(
        text(&row, "metadata"),
        r#"{"status": "running", "attempt": 1}"#
    );
    assert!(row.get::<bool, _>("is_open"));

    store.complete(&held, &completion()).await.unwrap();
    let row = query(SEE).fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<i32, _>("amount"), 5);
    assert_eq!(
        text(&row, "metadata"),
        r#"{"status": "succeeded", "attempt": 1, "provider": "stripe"}"#
    );
    assert!(!row.get::<bool, _>("is_open"));

    query("DELETE FROM step_cache")
        .execute(&pool)
        .await
        .unwrap();
    let held = claim(&store, &request()).await;
    store.fail(&held, &failure("card_declined")).await.unwrap();
    let row = query(SEE).fetch_one(&pool).await.unwrap();
    assert_eq!(text(&row, "error"), "card declined");
    assert_eq!(
        text(&row, "metadata"),
        r#"{"code": "card_declined", "kind": "transient", "status": "failed", "attempt": 1, "provider": "stripe"}"#
    );
}

#[tokio::test]
async fn a_result_without_its_value_says_so() {
    let scratch = Scratch::new("omitted").await;
    let (store, pool) = (scratch.store().await, scratch.pool().await);
    let held = claim(&store, &request()).await;
    let mut completion = completion();
    completion.value.bytes = None;
    completion.json = None;
    store.complete(&held, &completion).await.unwrap();
    let row = query("SELECT metadata ->> 'value' FROM step_cache")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), "omitted");
}

/// The two queries of the product's own pitch, to the letter.
#[tokio::test]
async fn the_queries_of_the_pitch_work() {
    let scratch = Scratch::new("pitch").await;
    let (store, pool) = (scratch.store().await, scratch.pool().await);
    let old = with_name("CheckInventory");
    claim(&store, &old).await;
    query("UPDATE step_cache SET created_at = NOW() - INTERVAL '61 minutes'")
        .execute(&pool)
        .await
        .unwrap();
    claim(&store, &with_name("CheckInventory")).await;
    let stuck = "-- Show all orders stuck at inventory check
SELECT * FROM step_cache
WHERE step_name = 'CheckInventory'
AND created_at < NOW() - INTERVAL '1 hour';";
    let rows = query(stuck).fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<&[u8], _>("cache_key"), old.call.key.0);

    let payments = Payments::make(&store).await;
    let retry = "-- Retry failed payments from yesterday
DELETE FROM step_cache
WHERE step_name = 'ProcessPayment'
AND metadata->>'status' = 'failed'
AND created_at > NOW() - INTERVAL '1 day';";
    let deleted = query(retry).execute(&pool).await.unwrap();
    assert_eq!(deleted.rows_affected(), 1);
    payments.check_that_one_is_let_go(&store).await;
}

/// U+0000, which neither a text nor a JSONB may have; what SQL makes of quotes and braces; and what is no letter at all.
#[tokio::test]
async fn no_text_loses_an_outcome() {
    const ODD: &str = "\0'; DROP TABLE step_cache; --{table}$1%s\u{feff}\u{10ffff}\n語\\u0000";
    let scratch = Scratch::new("hostile").await;
    let (store, pool) = (scratch.store().await, scratch.pool().await);
    let odd_request = || {
        let mut request = with_name(ODD);
        request.call.namespace = ODD.into();
        request.call.execution_id = ODD.into();
        request.holder = ODD.into();
        request
    };
    let metadata = r#"{"a\u0000b":"\u0000","c":"\\u0000"}"#;
    let odd_failure = Failure {
        error: ODD.to_owned(),
        code: ODD,
        metadata: metadata.into(),
        ..failure("")
    };
    let odd_completion = Completion {
        metadata: metadata.into(),
        json: Some(r#"{"amount":5,"note":"\u0000"}"#.into()),
        ..completion()
    };
    // Alone, and in a batch.
    for n_callers in [1, 6] {
        let mut callers = tokio::task::JoinSet::new();
        for i in 0..n_callers {
            let (store, request) = (store.clone(), odd_request());
            let (failure, completion) = (odd_failure.clone(), odd_completion.clone());
            callers.spawn(async move {
                let held = claim(&store, &request).await;
                if i % 2 == 0 {
                    let written = store.complete(&held, &completion).await.unwrap();
                    assert_eq!(written, Write::Recorded);
                    expect_hit(&store, &request).await;
                } else {
                    let written = store.fail(&held, &failure).await.unwrap();
                    assert_eq!(written, Write::Recorded);
                    let patient = never(another(&request));
                    let outcome = store.claim(&patient).await.unwrap();
                    let ClaimOutcome::Failed { error, .. } = outcome else {
                        panic!("{outcome:?}");
                    };
                    assert_eq!(error, ODD.replace('\0', "\u{fffd}"));
                }
            });
        }
        for done in callers.join_all().await {
            let () = done;
        }
    }
    let row = query(
        "SELECT step_name, execution_id, metadata ->> E'a\u{fffd}b' AS nul, metadata ->> 'c' AS escape
           FROM step_cache LIMIT 1",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    for name in ["step_name", "execution_id"] {
        assert_eq!(text(&row, name), ODD.replace('\0', "\u{fffd}"));
    }
    assert_eq!(text(&row, "nul"), "\u{fffd}");
    assert_eq!(text(&row, "escape"), "\\u0000");
}

/// Too deep for the server's stack, or a number beyond its types.
#[tokio::test]
async fn annotations_that_do_not_fit_are_left_out() {
    let scratch = Scratch::new("annotations").await;
    let (store, pool) = (scratch.store().await, scratch.pool().await);
    let deep = format!(
        r#"{{"deep":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for metadata in [&*deep, r#"{"number":1e1000000}"#] {
        for succeeds in [true, false] {
            let row = request();
            let held = claim(&store, &row).await;
            let metadata = metadata.into();
            let written = if succeeds {
                let completion = Completion {
                    metadata,
                    ..completion()
                };
                store.complete(&held, &completion).await
            } else {
                let failure = Failure {
                    metadata,
                    ..failure("failed")
                };
                store.fail(&held, &failure).await
            };
            assert_eq!(written.unwrap(), Write::Recorded);
        }
    }
    let row = query("SELECT count(*) FROM step_cache WHERE metadata ->> 'metadata' = 'omitted'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>(0), 4);
}

#[tokio::test]
async fn times_of_any_length_are_taken() {
    let scratch = Scratch::new("times").await;
    let store = scratch.store().await;
    check_longest_times(&store).await;
    let failed = request();
    let held = claim(&store, &failed).await;
    let failure = Failure {
        retry_in: Duration::MAX,
        ttl: Some(Duration::MAX),
        ..failure("failed")
    };
    store.fail(&held, &failure).await.unwrap();
    let outcome = store.claim(&another(&failed)).await.unwrap();
    assert!(
        matches!(outcome, ClaimOutcome::Failed { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn large_values_come_back_as_they_were() {
    let scratch = Scratch::new("large").await;
    let store = scratch.store().await;
    let mut callers = tokio::task::JoinSet::new();
    for i in 0..8_u8 {
        let store = store.clone();
        callers.spawn(async move {
            let request = request();
            let held = claim(&store, &request).await;
            let bytes: Vec<u8> = (0..700_000_u32).map(|it| (it % 251) as u8 ^ i).collect();
            let mut large = completion();
            large.value.bytes = Some(bytes.as_slice().into());
            store.complete(&held, &large).await.unwrap();
            match store.claim(&another(&request)).await.unwrap() {
                ClaimOutcome::Hit(stored) => assert!(*stored.bytes.unwrap() == *bytes),
                other => panic!("{other:?}"),
            }
        });
    }
    callers.join_all().await;
}
