//! The store in MySQL and MariaDB.

#[path = "mysql/admin.rs"]
mod admin;
#[path = "mysql/crowds.rs"]
mod crowds;
#[path = "mysql/faults.rs"]
mod faults;
#[path = "mysql/people.rs"]
mod people;
#[path = "mysql/settings.rs"]
mod settings;
#[path = "mysql/tables.rs"]
mod tables;
#[path = "mysql/trips.rs"]
mod trips;
#[path = "mysql/wire.rs"]
mod wire;

use std::sync::atomic::{AtomicU32, Ordering};

use docket_runtime::store::MySqlStore;
use docket_runtime::testing::store_suite;
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, raw_sql};

use crate::shop::{
    another, claim, completion, doubt, expect_hit, failure, never, request, with_name,
};

/// A database of one's own, that is gone at the end of its test.
struct Scratch {
    database: String,
}

impl Scratch {
    async fn new(name: &str) -> Self {
        let database = format!("docket_{name}_{}_{}", std::process::id(), number());
        let scratch = Self { database };
        let drop_and_create = format!("{}; CREATE DATABASE {0}", scratch.database);
        run(&format!("DROP DATABASE IF EXISTS {drop_and_create}")).await;
        scratch
    }

    fn url(&self) -> String {
        let server = server();
        let (server, _) = server.rsplit_once('/').expect("the URL names a database");
        format!("{server}/{}", self.database)
    }

    async fn pool(&self) -> MySqlPool {
        MySqlPool::connect(&self.url()).await.unwrap()
    }

    async fn store(&self) -> MySqlStore {
        MySqlStore::connect(&self.url()).await.unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        blocking(format!("DROP DATABASE IF EXISTS {}", self.database));
    }
}

/// Tests of one suite run at the same time, each with a database of its own.
fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn server() -> String {
    std::env::var("DOCKET_TEST_MARIADB")
        .expect("DOCKET_TEST_MARIADB is not set: run `tests/run`, which starts the servers")
}

async fn run(statements: &str) {
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .connect(&server())
        .await
        .unwrap();
    let statements = AssertSqlSafe(statements.to_owned());
    raw_sql(statements).execute(&pool).await.unwrap();
    pool.close().await;
}

/// The same at the end of a test, where nothing can be awaited.
fn blocking(statements: String) {
    let running = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(run(&statements));
    });
    assert!(running.join().is_ok() || std::thread::panicking());
}

store_suite!(suite, async {
    let scratch = Scratch::new("suite").await;
    (scratch.store().await, scratch)
});

store_suite!(suite_of_a_pool_of_the_application, async {
    let scratch = Scratch::new("pool").await;
    let store = MySqlStore::new(scratch.pool().await).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    (store, scratch)
});
