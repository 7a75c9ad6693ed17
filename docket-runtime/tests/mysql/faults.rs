//! Servers, connections and requests that are not as one would like them.

use std::time::Duration;

use docket_runtime::store::{
    Admin, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Failure, MySqlStore, Store,
    StoreError, Write,
};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{AssertSqlSafe, Row as _, query, raw_sql};

use super::{Scratch, another, claim, completion, doubt, expect_hit, failure, request};

/// The connections of `scratch` but for our own.
async fn connections(scratch: &Scratch, watcher: &sqlx::MySqlPool) -> Vec<i64> {
    let rows = query(
        "SELECT CAST(ID AS SIGNED) AS id FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID()",
    )
    .bind(&scratch.database)
    .fetch_all(watcher)
    .await
    .unwrap();
    rows.iter().map(|row| row.get("id")).collect()
}

async fn watcher(scratch: &Scratch) -> sqlx::MySqlPool {
    MySqlPoolOptions::new()
        .max_connections(1)
        .connect(&scratch.url())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_killed_is_an_error_worth_a_retry() {
    let scratch = Scratch::new("killed").await;
    let store = scratch.store().await;
    let watcher = watcher(&scratch).await;
    let row = request();
    let held = claim(&store, &row).await;
    store.complete(&held, &completion()).await.unwrap();

    // In the middle: a claim that waits for a row which somebody has locked.
    let mut transaction = watcher.begin().await.unwrap();
    query("SELECT * FROM step_cache FOR UPDATE")
        .fetch_all(&mut *transaction)
        .await
        .unwrap();
    let replacing = ClaimRequest {
        replace: true,
        ..another(&row)
    };
    let waiting = tokio::spawn({
        let (store, replacing) = (store.clone(), replacing.clone());
        async move { store.claim(&replacing).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let ids = query("SELECT CAST(ID AS SIGNED) AS id FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID()")
        .bind(&scratch.database)
        .fetch_all(&mut *transaction)
        .await
        .unwrap();
    assert!(!ids.is_empty());
    for id in ids {
        let kill = format!("KILL CONNECTION {}", id.get::<i64, _>("id"));
        raw_sql(AssertSqlSafe(kill))
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    transaction.rollback().await.unwrap();

    // All other connections were killed, too.
    let claimed = until_answered(|| store.claim(&replacing)).await;
    let held = match claimed {
        ClaimOutcome::Claimed(claimed) => ClaimRef {
            key: row.call.key,
            claim_id: replacing.claim_id,
            fence: claimed.fence,
        },
        other => panic!("{other:?}"),
    };
    let completion = completion();
    let written = until_answered(|| store.complete(&held, &completion)).await;
    assert_eq!(written, Write::Recorded);
    expect_hit(&store, &row).await;
}

async fn until_answered<T, F>(mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..20 {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
    panic!("the store did not come back");
}

#[tokio::test]
async fn idle_connections_that_were_closed_are_replaced_unnoticed() {
    let scratch = Scratch::new("idle").await;
    let store = scratch.store().await;
    let row = request();
    let held = claim(&store, &row).await;
    store.complete(&held, &completion()).await.unwrap();
    let watcher = watcher(&scratch).await;
    let ids = connections(&scratch, &watcher).await;
    assert!(ids.len() >= 2, "one for claims, one for records");
    for id in ids {
        let kill = AssertSqlSafe(format!("KILL CONNECTION {id}"));
        raw_sql(kill).execute(&watcher).await.unwrap();
    }
    // A connection that was idle for a second is tried first.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    expect_hit(&store, &row).await;
    let row = request();
    let held = claim(&store, &row).await;
    store.complete(&held, &completion()).await.unwrap();
}

/// The store's own connections wait two seconds for a row that is locked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_goes_away_is_waited_for() {
    let scratch = Scratch::new("locked").await;
    let store = scratch.store().await;
    let row = request();
    let held = claim(&store, &row).await;
    let watcher = watcher(&scratch).await;
    let mut transaction = watcher.begin().await.unwrap();
    query("SELECT * FROM step_cache FOR UPDATE")
        .fetch_all(&mut *transaction)
        .await
        .unwrap();
    let completing = tokio::spawn({
        let store = store.clone();
        async move { store.complete(&held, &completion()).await }
    });
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(!completing.is_finished());
    transaction.rollback().await.unwrap();
    assert_eq!(completing.await.unwrap().unwrap(), Write::Recorded);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_worth_a_retry() {
    let error = MySqlStore::connect("mysql://root@127.0.0.1:1/docket")
        .await
        .unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_url_of_something_else_is_refused() {
    let scratch = Scratch::new("urls").await;
    let without_database = scratch
        .url()
        .rsplit_once('/')
        .map(|it| it.0.to_owned())
        .unwrap();
    for url in [
        "postgres://localhost/x",
        "mysql.sock",
        &without_database,
        &format!("{without_database}/there_is_no_such_database"),
    ] {
        let error = MySqlStore::connect(url).await.unwrap_err();
        assert!(!error.is_retryable(), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn a_pool_without_autocommit_is_refused() {
    let scratch = Scratch::new("autocommit").await;
    let pool = MySqlPoolOptions::new()
        .after_connect(|connection, _| {
            Box::pin(async move {
                raw_sql("SET autocommit = 0").execute(connection).await?;
                Ok(())
            })
        })
        .connect(&scratch.url())
        .await
        .unwrap();
    let error = MySqlStore::new(pool).await.unwrap_err();
    assert!(error.to_string().contains("autocommit"), "{error}");
}

/// Also where the application has told the server to cut them.
#[tokio::test]
async fn names_that_are_too_long_are_refused_and_not_cut() {
    let scratch = Scratch::new("long").await;
    let pool = MySqlPoolOptions::new()
        .after_connect(|connection, _| {
            Box::pin(async move {
                raw_sql("SET sql_mode = ''").execute(connection).await?;
                Ok(())
            })
        })
        .connect(&scratch.url())
        .await
        .unwrap();
    let lax = MySqlStore::new(pool).await.unwrap();
    lax.migrate().await.unwrap();
    let strict = scratch.store().await;
    let fits: &'static str = "语".repeat(190).leak();
    let long: &'static str = "语".repeat(191).leak();
    for store in [lax, strict] {
        let mut of_step = request();
        of_step.call.step_name = long;
        let mut of_namespace = request();
        of_namespace.call.namespace = long.into();
        let mut of_execution = request();
        of_execution.call.execution_id = "语".repeat(256).into();
        for (request, words, max) in [
            (of_step, "name of the step", "190"),
            (of_namespace, "namespace", "190"),
            (of_execution, "execution id", "255"),
        ] {
            let error = store.claim(&request).await.unwrap_err();
            assert!(!error.is_retryable());
            let said = error.to_string();
            assert!(said.contains(words) && said.contains(max), "{said}");
        }
        let mut all_fit = request();
        all_fit.call.step_name = fits;
        all_fit.call.namespace = fits.into();
        all_fit.call.execution_id = "语".repeat(255).into();
        // The holder is for the reader's eye only.
        all_fit.holder = "host".repeat(100).into();
        claim(&store, &all_fit).await;
    }
}

/// What stands beside a result is never worth its loss.
#[tokio::test]
async fn metadata_of_any_kind_is_taken() {
    let scratch = Scratch::new("metadata").await;
    let store = scratch.store().await;
    let nested = |depth| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"a":{open}{close}}}"#)
    };
    let odd = [
        "{}".to_owned(),
        nested(20),
        nested(40),
        nested(200),
        r#"{"a":"\u0000\"\\ \ud83d\ude00 😀","":null,"b":[1e300,-0.0,18446744073709551615]}"#
            .to_owned(),
        r#"{"status":"lies","attempt":99,"a.b":"$.c","'":"`;--"}"#.to_owned(),
        format!(r#"{{"long":"{}"}}"#, "x".repeat(100_000)),
    ];
    for metadata in odd {
        let row = request();
        let held = claim(&store, &row).await;
        let completion = Completion {
            metadata: metadata.as_str().into(),
            json: Some(nested(300).into()),
            ..completion()
        };
        let written = store.complete(&held, &completion).await.unwrap();
        assert_eq!(written, Write::Recorded, "{metadata}");
        expect_hit(&store, &row).await;
        let shown = Admin::show(&store, &row.call.key).await.unwrap().unwrap();
        let shown: serde_json::Value = serde_json::from_str(&shown.metadata).unwrap();
        assert_eq!(shown["status"], "succeeded");
        assert_eq!(shown["attempt"], 1);
        if let Ok(mut given) = serde_json::from_str::<serde_json::Value>(&metadata)
            && shown.get("annotations").is_none()
        {
            let given = given.as_object_mut().unwrap();
            given.retain(|key, value| key != "status" && key != "attempt" && !value.is_null());
            for (key, value) in given {
                assert_eq!(shown[key], *value, "{key:?}");
            }
        }
        for end in [failure("failed"), doubt()] {
            let held = claim(&store, &request()).await;
            let end = Failure {
                metadata: metadata.as_str().into(),
                ..end
            };
            let written = store.fail(&held, &end).await.unwrap();
            assert_eq!(written, Write::Recorded, "{metadata}");
        }
    }
}

#[tokio::test]
async fn times_of_any_length_are_taken() {
    let scratch = Scratch::new("times").await;
    let store = scratch.store().await;
    let request = ClaimRequest {
        lease: Duration::MAX,
        ..request()
    };
    let held = claim(&store, &request).await;
    let renewed = store.renew(&[held], Duration::MAX).await.unwrap();
    assert_eq!(renewed, [held]);
    let completion = Completion {
        ttl: Some(Duration::MAX),
        ..completion()
    };
    store.complete(&held, &completion).await.unwrap();
    let stored = expect_hit(&store, &request).await;
    assert!(stored.expires_in.unwrap() > Duration::from_secs(900 * 365 * 24 * 60 * 60));
}

#[tokio::test]
async fn a_claim_given_back_twice_counts_once() {
    let scratch = Scratch::new("released").await;
    let store = scratch.store().await;
    let first = request();
    let held = claim(&store, &first).await;
    store.fail(&held, &failure("failed")).await.unwrap();
    let held = claim(&store, &another(&first)).await;
    for _ in 0..3 {
        store.release(&held).await.unwrap();
    }
    let starts: u32 = query("SELECT starts FROM step_cache")
        .fetch_one(&scratch.pool().await)
        .await
        .unwrap()
        .get(0);
    assert_eq!(starts, 0);
    claim(&store, &another(&first)).await;
}
