//! SQLite, in a file of its own.

use std::str::FromStr;
use std::time::Duration;

use docket_runtime::store::{SqliteOptions, TableName};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Row as _, query, raw_sql};

use super::contest::Contest;
use super::side::{Docket, Key, Side, VALUE};
use super::table::Table;

/// A `SELECT`, and a pair of upserts, on a table that has no more than they need.
#[derive(Clone)]
struct ByHand(SqlitePool);

impl Side for ByHand {
    async fn hit(&self, key: Key) {
        let row = query("SELECT value FROM docket_bench_bare WHERE cache_key = ?1")
            .bind(&key[..])
            .fetch_one(&self.0)
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>, _>(0), VALUE);
    }

    async fn pair(&self, key: Key) {
        for (status, value) in [("running", None), ("succeeded", Some(VALUE))] {
            query(
                "INSERT INTO docket_bench_bare (cache_key, status, value) VALUES (?1, ?2, ?3)
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

pub(crate) async fn measure(contest: &Contest) -> Table {
    let folder = std::env::temp_dir().join(format!("docket-bench-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let url = format!("sqlite://{}", folder.join("steps.db").display());
    // As many connections as the store makes, with its settings.
    let options = SqliteConnectOptions::from_str(&url)
        .unwrap()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // A crowd of writers would otherwise end in errors.
        .busy_timeout(Duration::from_secs(60));
    let pool = SqlitePoolOptions::new()
        .max_connections(5)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .unwrap();
    raw_sql("CREATE TABLE docket_bench_bare (cache_key BLOB PRIMARY KEY, status TEXT NOT NULL, value BLOB)")
        .execute(&pool)
        .await
        .unwrap();
    let store = SqliteOptions::new()
        .table(TableName::new("docket_bench").unwrap())
        .connect(&url)
        .await
        .unwrap();
    let name = "SQLite, WAL and `synchronous = FULL`, five connections each";
    let table = contest.run(name, Docket(store), ByHand(pool.clone())).await;
    pool.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
    table
}
