//! Making the table, and finding out that it is ours.

use docket_runtime::store::{Admin, MySqlOptions, MySqlStore, Store, TableName};
use sqlx::{AssertSqlSafe, Row as _, query, raw_sql};
use tokio::task::JoinSet;

use super::{Scratch, claim, request};

async fn tables(scratch: &Scratch) -> Vec<String> {
    let rows = query("SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1")
        .bind(&scratch.database)
        .fetch_all(&scratch.pool().await)
        .await
        .unwrap();
    rows.iter().map(|row| row.get("name")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_processes_may_migrate_at_once() {
    let scratch = Scratch::new("migrate").await;
    let mut connecting = JoinSet::new();
    for _ in 0..8 {
        let url = scratch.url();
        connecting.spawn(async move { MySqlStore::connect(&url).await.unwrap() });
    }
    let stores = connecting.join_all().await;
    assert_eq!(
        tables(&scratch).await,
        ["step_cache", "step_cache_migrations"]
    );
    let n: i64 = query("SELECT COUNT(*) FROM step_cache_migrations")
        .fetch_one(&scratch.pool().await)
        .await
        .unwrap()
        .get(0);
    assert_eq!(n, 1);
    for store in &stores {
        claim(store, &request()).await;
    }
    // Nobody has kept the lock.
    let locks: Option<i64> = query(
        "SELECT CAST(IS_USED_LOCK(CONCAT('docket:', LEFT(SHA2(CONCAT(DATABASE(), '.', 'step_cache'), 256), 40))) AS SIGNED)",
    )
    .fetch_one(&scratch.pool().await)
    .await
    .unwrap()
    .get(0);
    assert_eq!(locks, None);
}

#[tokio::test]
async fn a_pool_is_never_migrated_without_being_asked() {
    let scratch = Scratch::new("unasked").await;
    let store = MySqlStore::new(scratch.pool().await).await.unwrap();
    assert_eq!(tables(&scratch).await, [""; 0]);
    let error = store.claim(&request()).await.unwrap_err();
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("`migrate`"), "{error}");
    store.migrate().await.unwrap();
    claim(&store, &request()).await;
}

/// Names as long as may be, which differ only at their end, and in another database than that of the connection.
#[tokio::test]
async fn tables_of_other_names() {
    let scratch = Scratch::new("other").await;
    let elsewhere = Scratch::new("elsewhere").await;
    for end in ["1", "2"] {
        let table = format!("select_{}{end}", "x".repeat(55));
        let name = TableName::new(&format!("{}.{table}", elsewhere.database)).unwrap();
        let options = MySqlOptions::new().table(name.clone());
        let store = options.connect(&scratch.url()).await.unwrap();
        assert_eq!(store.table(), &name);
        claim(&store, &request()).await;
        let n: i64 = query(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")))
            .fetch_one(&elsewhere.pool().await)
            .await
            .unwrap()
            .get(0);
        assert_eq!(n, 1);
    }
    assert_eq!(tables(&scratch).await, [""; 0]);
    assert_eq!(tables(&elsewhere).await.len(), 4);
}

#[tokio::test]
async fn a_table_of_another_kind_is_left_alone() {
    let scratch = Scratch::new("foreign").await;
    let pool = scratch.pool().await;
    raw_sql("CREATE TABLE step_cache (expires_at INT, step_name INT, created_at INT, status INT)")
        .execute(&pool)
        .await
        .unwrap();
    let error = MySqlStore::connect(&scratch.url()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`step_cache` is not one of Docket's"),
        "{error}"
    );
    assert_eq!(tables(&scratch).await, ["step_cache"]);
}

#[tokio::test]
async fn a_table_of_a_later_release_is_refused() {
    let scratch = Scratch::new("newer").await;
    scratch.store().await;
    let pool = scratch.pool().await;
    query("INSERT INTO step_cache_migrations VALUES (7, UTC_TIMESTAMP(6))")
        .execute(&pool)
        .await
        .unwrap();
    let error = MySqlStore::connect(&scratch.url()).await.unwrap_err();
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("of version 7"), "{error}");
}

/// For those who run their own migrations.
#[tokio::test]
async fn the_schema_makes_the_table() {
    let scratch = Scratch::new("schema").await;
    let pool = scratch.pool().await;
    let store = MySqlStore::new(pool.clone()).await.unwrap();
    raw_sql(AssertSqlSafe(store.schema()))
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(tables(&scratch).await, ["step_cache"]);
    claim(&store, &request()).await;
    store.migrate().await.unwrap();
    assert_eq!(
        tables(&scratch).await,
        ["step_cache", "step_cache_migrations"]
    );
    claim(&store, &request()).await;
}
