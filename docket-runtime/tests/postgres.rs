//! The store in PostgreSQL.

#[path = "postgres/admin.rs"]
mod admin;
#[path = "postgres/crowds.rs"]
mod crowds;
#[path = "postgres/faults.rs"]
mod faults;
#[path = "postgres/people.rs"]
mod people;
#[path = "postgres/tables.rs"]
mod tables;
#[path = "postgres/trips.rs"]
mod trips;
#[path = "postgres/wire.rs"]
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use docket_runtime::store::{PostgresStore, conformance};
use docket_runtime::testing::store_suite;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, query, raw_sql};

use crate::shop::{another, claim, completion, expect_hit, failure, never, request, with_name};

/// A schema of one's own, that is gone at the end of its test.
struct Scratch {
    schema: String,
}

impl Scratch {
    async fn new(name: &str) -> Self {
        let schema = format!("test_{name}_{}_{}", std::process::id(), number());
        let pool = PgPool::connect(&server()).await.unwrap();
        let create = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        raw_sql(AssertSqlSafe(create)).execute(&pool).await.unwrap();
        Self { schema }
    }

    /// Of connections that see this schema alone.
    fn url(&self) -> String {
        self.url_with("")
    }

    /// The same with settings, as `-c%20name%3Dvalue`.
    fn url_with(&self, settings: &str) -> String {
        through(&server(), &self.schema, settings)
    }

    async fn pool(&self) -> PgPool {
        PgPool::connect(&self.url()).await.unwrap()
    }

    async fn store(&self) -> PostgresStore {
        PostgresStore::connect(&self.url()).await.unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let drop = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
        let dropping = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let pool = PgPool::connect(&server()).await.unwrap();
                query(AssertSqlSafe(drop)).execute(&pool).await.unwrap();
            });
        });
        let dropped = dropping.join();
        assert!(dropped.is_ok() || std::thread::panicking());
    }
}

/// Tests of one suite run at the same time, each with a schema of its own.
fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn server() -> String {
    std::env::var("DOCKET_TEST_POSTGRES")
        .expect("DOCKET_TEST_POSTGRES is not set: run `tests/run`, which starts the servers")
}

fn through(server: &str, schema: &str, settings: &str) -> String {
    let mark = if server.contains('?') { '&' } else { '?' };
    format!("{server}{mark}options=-c%20search_path%3D{schema}%20{settings}")
}

store_suite!(suite, async {
    let scratch = Scratch::new("suite").await;
    (scratch.store().await, scratch)
});

store_suite!(suite_of_a_pool_of_the_application, async {
    let scratch = Scratch::new("pool").await;
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .connect(&scratch.url())
        .await
        .unwrap();
    let store = PostgresStore::new(pool).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    (store, scratch)
});

/// An application may have chosen another isolation for its transactions. What meets on a row is then refused, and sent
/// again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_serializable_pool_conforms() {
    let scratch = Scratch::new("serializable").await;
    scratch.store().await;
    let url = scratch.url_with("-c%20default_transaction_isolation%3Dserializable");
    let store = PostgresStore::new(PgPool::connect(&url).await.unwrap())
        .await
        .unwrap();
    conformance::check_crowds(&Arc::new(store), 3).await;
}
