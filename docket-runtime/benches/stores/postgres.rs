//! PostgreSQL, at `DOCKET_TEST_POSTGRES`.

use std::sync::Arc;

use docket_runtime::store::{PostgresOptions, TableName};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{query, raw_sql};

use super::measure::{self, Bare};

/// A `SELECT`, and a pair of upserts, on a table that has no more than they need.
struct ByHand(PgPool);

impl Bare for ByHand {
    async fn hit(&self, key: [u8; 32]) {
        query("SELECT value FROM docket_bench_bare WHERE cache_key = $1")
            .bind(&key[..])
            .fetch_optional(&self.0)
            .await
            .unwrap();
    }

    async fn miss(&self, key: [u8; 32], value: &[u8]) {
        for (status, value) in [("running", None), ("succeeded", Some(value))] {
            query(
                "INSERT INTO docket_bench_bare (cache_key, status, value) VALUES ($1, $2, $3)
                 ON CONFLICT (cache_key) DO UPDATE SET status = excluded.status, value = excluded.value",
            )
            .bind(&key[..])
            .bind(status)
            .bind(value)
            .execute(&self.0)
            .await
            .unwrap();
        }
    }
}

pub(crate) async fn measure() {
    let url = std::env::var("DOCKET_TEST_POSTGRES")
        .expect("DOCKET_TEST_POSTGRES is not set: run `tests/run`, which starts the servers");
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .test_before_acquire(false)
        .connect(&url)
        .await
        .unwrap();
    raw_sql(
        "DROP TABLE IF EXISTS docket_bench, docket_bench_migrations, docket_bench_bare;
         CREATE TABLE docket_bench_bare (cache_key BYTEA PRIMARY KEY, status TEXT NOT NULL, value BYTEA)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let store = PostgresOptions::new()
        .table(TableName::new("docket_bench").unwrap())
        .with_pool(pool.clone())
        .await
        .unwrap();
    store.migrate().await.unwrap();

    println!("postgres, with ten connections");
    let by_hand = Arc::new(ByHand(pool.clone()));
    measure::alone(&store, Some(&*by_hand)).await;
    measure::crowd(store, Some(by_hand)).await;
    raw_sql("DROP TABLE docket_bench, docket_bench_migrations, docket_bench_bare")
        .execute(&pool)
        .await
        .unwrap();
}
