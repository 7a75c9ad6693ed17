//! The store in SQLite.

#[path = "sqlite/faults.rs"]
mod faults;
#[path = "sqlite/files.rs"]
mod files;
#[path = "sqlite/people.rs"]
mod people;
#[path = "sqlite/tables.rs"]
mod tables;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use docket_runtime::store::{Durability, SqliteStore, Store as _};
use docket_runtime::testing::store_suite;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::shop::{another, claim, completion, failure, request, with_name};

/// A file that is gone at the end of its test.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        // Tests of one suite run at the same time, each with a file of its own.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("docket-{}-{name}-{number}.db", std::process::id());
        let file = Self(std::env::temp_dir().join(name));
        file.remove();
        file
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.display())
    }

    async fn pool(&self) -> SqlitePool {
        SqlitePool::connect(&self.url()).await.unwrap()
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

store_suite!(of_a_file, async {
    let file = File::new("suite");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    (store, file)
});

store_suite!(in_memory, async {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    assert_eq!(store.durability(), Durability::Process);
    store
});

store_suite!(of_a_pool_of_the_application, async {
    let file = File::new("pool");
    let options = SqliteConnectOptions::new()
        .filename(&file.0)
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(8)
        .connect_with(options)
        .await
        .unwrap();
    let store = SqliteStore::new(pool).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    (store, file)
});
