//! The table, its name and its version.

use docket_runtime::store::{Admin as _, Finding, SqliteOptions, SqliteStore, TableName};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Row, query};

use super::{File, claim, request};

#[tokio::test]
async fn a_table_of_another_name_and_one_of_another_kind() {
    let file = File::new("table");
    let store = SqliteOptions::new()
        .table(TableName::new("main.my_steps").unwrap())
        .connect(&file.url())
        .await
        .unwrap();
    claim(&store, &request()).await;
    let pool = file.pool().await;
    let n: i64 = query("SELECT count(*) FROM my_steps")
        .fetch_one(&pool)
        .await
        .unwrap()
        .get(0);
    assert_eq!(n, 1);
    let n: i64 =
        query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'my_steps_%' AND type = 'index'")
            .fetch_one(&pool)
            .await
            .unwrap()
            .get(0);
    assert_eq!(n, 3);

    query("CREATE TABLE step_cache (expires_at, step_name, created_at, status)")
        .execute(&pool)
        .await
        .unwrap();
    let error = SqliteStore::connect(&file.url()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`step_cache` is not one of Docket's"),
        "{error}"
    );
}

#[tokio::test]
async fn a_table_made_by_hand_is_taken_and_a_newer_one_is_not() {
    let file = File::new("newer");
    let options = || SqliteOptions::new().table(TableName::new("main.steps").unwrap());
    let schema = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let schema = schema.schema().replace("\"step_cache\"", "\"steps\"");
    let pool = SqlitePool::connect_with(
        SqliteConnectOptions::new()
            .filename(&file.0)
            .create_if_missing(true),
    )
    .await
    .unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(schema))
        .execute(&pool)
        .await
        .unwrap();
    let by_hand = options().with_pool(pool.clone()).await.unwrap();
    claim(&by_hand, &request()).await;
    let advice = |findings: Vec<Finding>| {
        let table = findings
            .into_iter()
            .find(|it| it.subject == "table main.steps");
        table.unwrap().advice
    };
    let found = by_hand.doctor().await.unwrap();
    assert!(advice(found).unwrap().contains("`migrate` makes the table"));
    let store = options().connect(&file.url()).await.unwrap();
    assert_eq!(advice(store.doctor().await.unwrap()), None);

    query("INSERT INTO steps_migrations (version) VALUES (9)")
        .execute(&pool)
        .await
        .unwrap();
    let error = options().connect(&file.url()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the table `main.steps` is of version 9, and this release of Docket knows none after 1: use a newer one"
    );
    let found = by_hand.doctor().await.unwrap();
    assert!(advice(found).unwrap().contains("use a newer one"));
}
