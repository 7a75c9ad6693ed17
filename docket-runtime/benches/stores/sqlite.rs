//! SQLite, in a file of its own.

use std::str::FromStr;
use std::time::Duration;

use docket_runtime::store::{SqliteOptions, TableName};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Row as _, query, raw_sql};

use super::contest::Contest;
use super::side::{Docket, Key, METADATA, Pair, Side, VALUE};
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
}

impl Pair for ByHand {
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

/// An upsert and an update of a row with Docket's columns and indexes.
#[derive(Clone)]
struct SameRow(SqlitePool);

impl Pair for SameRow {
    async fn pair(&self, key: Key) {
        query(
            "INSERT INTO docket_bench_same
               (cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, status, fence, attempt,
                claim_id, holder, lease_until, repeat_never, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', 1, 1, ?8, ?9, unixepoch() * 1000 + 30000, 0, ?10)
             ON CONFLICT (cache_key) DO UPDATE SET
               status = excluded.status, claim_id = excluded.claim_id, holder = excluded.holder,
               lease_until = excluded.lease_until, metadata = excluded.metadata",
        )
        .bind(&key[..])
        .bind("bench")
        .bind("global")
        .bind("request-1")
        .bind("ChargeCard")
        .bind(1)
        .bind(&[7_u8; 32][..])
        .bind(&key[..16])
        .bind("host/1/00000000")
        .bind(METADATA[0])
        .execute(&self.0)
        .await
        .unwrap();
        query(
            "UPDATE docket_bench_same SET
               status = 'succeeded', lease_until = NULL, codec = 1, value = ?1, metadata = ?2,
               finished_at = strftime('%Y-%m-%d %H:%M:%f', 'now'), expires_at = unixepoch() * 1000 + 600000,
               keep_until = unixepoch() * 1000 + 600000
             WHERE cache_key = ?3",
        )
        .bind(VALUE)
        .bind(METADATA[1])
        .bind(&key[..])
        .execute(&self.0)
        .await
        .unwrap();
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
        .test_before_acquire(contest.tests_connections)
        .connect_with(options)
        .await
        .unwrap();
    raw_sql("CREATE TABLE docket_bench_bare (cache_key BLOB PRIMARY KEY, status TEXT NOT NULL, value BLOB)")
        .execute(&pool)
        .await
        .unwrap();
    let connect = |table| {
        let options = SqliteOptions::new().table(TableName::new(table).unwrap());
        options.connect(&url)
    };
    // Makes the table.
    connect("docket_bench_same").await.unwrap();
    let store = connect("docket_bench").await.unwrap();
    let name = "SQLite, WAL and `synchronous = FULL`, five connections each";
    let (by_hand, same_row) = (ByHand(pool.clone()), SameRow(pool.clone()));
    let table = contest.run(name, Docket(store), by_hand, same_row).await;
    pool.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
    table
}
