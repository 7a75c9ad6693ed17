//! Names of tables, and how tables come to be.

use docket_runtime::store::{
    Admin, ClaimOutcome, Durability, PostgresOptions, PostgresStore, Store, StoreError, TableName,
};
use sqlx::{AssertSqlSafe, Row, query, raw_sql};
use tokio::task::JoinSet;

use super::{Scratch, another, claim, completion, expect_hit, failure, request};

async fn connect(scratch: &Scratch, table: &str) -> Result<PostgresStore, StoreError> {
    let table = TableName::new(table).unwrap();
    PostgresOptions::new()
        .table(table)
        .connect(&scratch.url())
        .await
}

async fn count(scratch: &Scratch, sql: &str) -> i64 {
    let pool = scratch.pool().await;
    let sql = AssertSqlSafe(sql.to_owned());
    query(sql).fetch_one(&pool).await.unwrap().get(0)
}

#[tokio::test]
async fn a_table_may_have_any_name_that_fits() {
    let scratch = Scratch::new("names").await;
    let one = format!("{}1", "a".repeat(62));
    let other = format!("{}2", "a".repeat(62));
    let in_schema = format!("{}.steps", scratch.schema);
    let names = [&*one, &other, &in_schema, "user", "Steps", "_"];
    let request = request();
    for name in names {
        let store = connect(&scratch, name).await.unwrap();
        // Each table has its own row, index and versions.
        let held = claim(&store, &request).await;
        store.complete(&held, &completion()).await.unwrap();
        expect_hit(&store, &request).await;
        let failed = super::request();
        let held = claim(&store, &failed).await;
        store.fail(&held, &failure("failed")).await.unwrap();
        store
            .renew(&[held], std::time::Duration::ZERO)
            .await
            .unwrap();
        store.release(&held).await.unwrap();
        store.mark_lost(&held.key, held.fence).await.unwrap();
        store.purge(1).await.unwrap();
        store.migrate().await.unwrap();
        store.doctor().await.unwrap();
        assert_eq!(store.stats().await.unwrap().len(), 2, "{name}");
    }
    let of_ours = format!("FROM pg_indexes WHERE schemaname = '{}'", scratch.schema);
    let n_names = names.len() as i64;
    let n_keys = count(
        &scratch,
        &format!("SELECT count(*) {of_ours} AND indexname LIKE '%pkey%'"),
    )
    .await;
    assert_eq!(n_keys, 2 * n_names, "a table and its versions");
    let n_others = count(
        &scratch,
        &format!("SELECT count(*) {of_ours} AND indexname NOT LIKE '%pkey%'"),
    )
    .await;
    assert_eq!(n_others, 3 * n_names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_migrate_at_once_one_does_the_work() {
    let scratch = Scratch::new("migrate").await;
    let mut starting = JoinSet::new();
    for _ in 0..8 {
        let url = scratch.url();
        starting.spawn(async move { PostgresStore::connect(&url).await.unwrap() });
    }
    for store in starting.join_all().await {
        claim(&store, &request()).await;
    }
    let n = count(&scratch, "SELECT count(*) FROM step_cache_migrations").await;
    assert_eq!(n, 1);
}

#[tokio::test]
async fn a_store_on_the_pool_of_the_application_makes_nothing() {
    let scratch = Scratch::new("nothing").await;
    let store = PostgresStore::new(scratch.pool().await).await.unwrap();
    let error = store.claim(&request()).await.unwrap_err();
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "the table is not there; `PostgresStore::migrate` makes it"
    );
    let of_ours = format!("FROM pg_tables WHERE schemaname = '{}'", scratch.schema);
    assert_eq!(
        count(&scratch, &format!("SELECT count(*) {of_ours}")).await,
        0
    );
    store.migrate().await.unwrap();
    claim(&store, &request()).await;
    // Nor does it touch what sqlx keeps for the application's own migrations.
    let n = count(
        &scratch,
        &format!("SELECT count(*) {of_ours} AND tablename LIKE '%sqlx%'"),
    )
    .await;
    assert_eq!(n, 0);
}

/// For those who have their own migrations, and give the application no right to make tables.
#[tokio::test]
async fn the_printed_schema_is_the_table() {
    let scratch = Scratch::new("printed").await;
    let printing = PostgresStore::new(scratch.pool().await).await.unwrap();
    let schema = printing.schema();
    let pool = scratch.pool().await;
    for _ in 0..2 {
        raw_sql(AssertSqlSafe(schema.clone()))
            .execute(&pool)
            .await
            .unwrap();
    }
    let reader = format!("{}_reader", scratch.schema);
    let rights = format!(
        "DROP ROLE IF EXISTS {reader}; CREATE ROLE {reader} LOGIN; GRANT USAGE ON SCHEMA {schema} TO {reader}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.step_cache TO {reader}; \
         GRANT SELECT ON {schema}.step_cache_migrations TO {reader}",
        schema = scratch.schema
    );
    raw_sql(AssertSqlSafe(rights)).execute(&pool).await.unwrap();
    // A role without a password of its own is taken on after connecting.
    let url = scratch.url_with(&format!("-c%20role%3D{reader}"));
    let store = PostgresStore::connect(&url).await.unwrap();
    let row = request();
    let held = claim(&store, &row).await;
    store.complete(&held, &completion()).await.unwrap();
    expect_hit(&store, &row).await;
    let error = PostgresOptions::new()
        .table(TableName::new("another").unwrap())
        .connect(&url)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "the role has not the right to do this");
    drop(store);
    let end = format!("DROP OWNED BY {reader}; DROP ROLE {reader}");
    raw_sql(AssertSqlSafe(end)).execute(&pool).await.unwrap();
}

#[tokio::test]
async fn a_table_of_another_kind_is_left_alone() {
    let scratch = Scratch::new("foreign").await;
    let pool = scratch.pool().await;
    let foreign = [
        "CREATE TABLE step_cache (id INT, step_name TEXT)",
        "CREATE TABLE step_cache (expires_at TEXT, step_name TEXT, created_at TEXT, status TEXT)",
        "CREATE TABLE step_cache_migrations (version TEXT)",
        "CREATE TABLE step_cache_migrations (id INT)",
        "CREATE VIEW step_cache AS SELECT 1 AS step_name",
    ];
    for create in foreign {
        raw_sql(create).execute(&pool).await.unwrap();
        let error = PostgresStore::connect(&scratch.url()).await.unwrap_err();
        assert!(!error.is_retryable(), "{create}: {error:?}");
        assert!(
            error
                .to_string()
                .contains("`step_cache` is not one of Docket's"),
            "{create}: {error:?}"
        );
        let of_ours = format!(
            "SELECT count(*) FROM pg_class WHERE relnamespace = '{}'::regnamespace",
            scratch.schema
        );
        assert_eq!(
            count(&scratch, &of_ours).await,
            1,
            "{create}: nothing was made"
        );
        let drop = format!("DROP SCHEMA {0} CASCADE; CREATE SCHEMA {0}", scratch.schema);
        raw_sql(AssertSqlSafe(drop)).execute(&pool).await.unwrap();
    }
}

#[tokio::test]
async fn a_newer_table_is_refused() {
    let scratch = Scratch::new("newer").await;
    let store = scratch.store().await;
    let pool = scratch.pool().await;
    query("INSERT INTO step_cache_migrations VALUES (99)")
        .execute(&pool)
        .await
        .unwrap();
    let error = store.migrate().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the table `step_cache` is of version 99, and this release of Docket knows none after 1: use a newer one"
    );
    let findings = store.doctor().await.unwrap();
    let table = findings.iter().find(|it| it.subject == "table step_cache");
    assert_eq!(table.unwrap().value, "version 99");
    assert!(table.unwrap().advice.is_some());
}

#[tokio::test]
async fn weak_settings_are_told_with_the_one_to_change() {
    let scratch = Scratch::new("weak").await;
    assert_eq!(scratch.store().await.durability(), Durability::Durable);
    for level in ["local", "remote_write", "remote_apply"] {
        let url = scratch.url_with(&format!("-c%20synchronous_commit%3D{level}"));
        let store = PostgresStore::connect(&url).await.unwrap();
        assert_eq!(store.durability(), Durability::Durable, "{level}");
    }
    let url = scratch.url_with("-c%20synchronous_commit%3Doff");
    let of_the_application = sqlx::PgPool::connect(&url).await.unwrap();
    for store in [
        PostgresStore::connect(&url).await.unwrap(),
        PostgresStore::new(of_the_application).await.unwrap(),
    ] {
        expect_weak(&store, "synchronous_commit = on");
    }
    query("ALTER TABLE step_cache SET UNLOGGED")
        .execute(&scratch.pool().await)
        .await
        .unwrap();
    expect_weak(&scratch.store().await, "SET LOGGED");
}

#[track_caller]
fn expect_weak(store: &PostgresStore, remedy: &str) {
    match store.durability() {
        Durability::Weak { reason } => assert!(reason.contains(remedy), "{reason}"),
        other => panic!("{remedy}: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_recorded_is_there_for_another_store() {
    let scratch = Scratch::new("restart").await;
    let row = request();
    {
        let store = scratch.store().await;
        let held = claim(&store, &row).await;
        store.complete(&held, &completion()).await.unwrap();
    }
    let outcome = scratch.store().await.claim(&another(&row)).await.unwrap();
    let ClaimOutcome::Hit(stored) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(stored.codec, 2);
    assert_eq!(&*stored.bytes.unwrap(), br#"{"amount":5}"#);
}
