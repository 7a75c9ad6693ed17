//! MariaDB, at `DOCKET_TEST_MARIADB`.

use docket_runtime::store::{MySqlOptions, TableName};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{Row as _, query, raw_sql};

use super::contest::Contest;
use super::side::{Docket, Key, METADATA, Pair, Side, VALUE};
use super::table::Table;

/// As many as a store makes that has its pools for itself.
const N_CONNECTIONS: u32 = 12;

/// A `SELECT`, and a pair of upserts, on a table that has no more than they need.
#[derive(Clone)]
struct ByHand(MySqlPool);

impl Side for ByHand {
    async fn hit(&self, key: Key) {
        let row = query("SELECT value FROM docket_bench_bare WHERE cache_key = ?")
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
                "INSERT INTO docket_bench_bare (cache_key, status, value) VALUES (?, ?, ?)
                 ON DUPLICATE KEY UPDATE status = VALUES(status), value = VALUES(value)",
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
struct SameRow(MySqlPool);

impl Pair for SameRow {
    async fn pair(&self, key: Key) {
        query(
            "INSERT INTO docket_bench_same
               (cache_key, namespace, scope, execution_id, step_name, step_version, input_hash, status, fence, attempt,
                claim_id, holder, lease_until, repeat_never, created_at, metadata)
             VALUES (?, ?, ?, ?, ?, ?, ?, 'running', 1, 1, ?, ?, UTC_TIMESTAMP(6) + INTERVAL 30 SECOND, false,
                     UTC_TIMESTAMP(6), ?)
             ON DUPLICATE KEY UPDATE
               status = VALUES(status), claim_id = VALUES(claim_id), holder = VALUES(holder),
               lease_until = VALUES(lease_until), metadata = VALUES(metadata)",
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
               status = 'succeeded', lease_until = NULL, codec = 1, value = ?, metadata = ?,
               finished_at = UTC_TIMESTAMP(6), expires_at = UTC_TIMESTAMP(6) + INTERVAL 600 SECOND,
               keep_until = UTC_TIMESTAMP(6) + INTERVAL 600 SECOND
             WHERE cache_key = ?",
        )
        .bind(VALUE)
        .bind(METADATA[1])
        .bind(&key[..])
        .execute(&self.0)
        .await
        .unwrap();
    }
}

/// With the pool of the application, and with pools of its own.
pub(crate) async fn measure(contest: &Contest) -> Vec<Table> {
    let url = std::env::var("DOCKET_TEST_MARIADB")
        .expect("DOCKET_TEST_MARIADB is not set: run `tests/run`, which starts the servers");
    let pool = MySqlPoolOptions::new()
        .max_connections(N_CONNECTIONS)
        .test_before_acquire(contest.tests_connections)
        .connect(&url)
        .await
        .unwrap();
    raw_sql(
        "DROP TABLE IF EXISTS docket_bench, docket_bench_migrations, docket_bench_bare, docket_bench_same,
           docket_bench_same_migrations;
         CREATE TABLE docket_bench_bare (
           cache_key BINARY(32) PRIMARY KEY, status VARCHAR(16) NOT NULL, value LONGBLOB
         ) ENGINE = InnoDB",
    )
    .execute(&pool)
    .await
    .unwrap();
    let options = |table| MySqlOptions::new().table(TableName::new(table).unwrap());
    for table in ["docket_bench", "docket_bench_same"] {
        let store = options(table).with_pool(pool.clone()).await.unwrap();
        store.migrate().await.unwrap();
    }
    let shared = options("docket_bench").with_pool(pool.clone());
    let shared = shared.await.unwrap();
    let of_its_own = options("docket_bench").connect(&url).await.unwrap();
    let sides = [
        (
            "MariaDB, `MySqlStore::connect`: twelve connections; by hand, a pool of twelve",
            of_its_own,
        ),
        (
            "MariaDB, `MySqlStore::new`: the pool of those by hand, and two connections",
            shared,
        ),
    ];
    let mut tables = Vec::new();
    for (name, store) in sides {
        let (by_hand, same_row) = (ByHand(pool.clone()), SameRow(pool.clone()));
        let table = contest.run(name, Docket(store), by_hand, same_row).await;
        tables.push(table);
    }
    raw_sql(
        "DROP TABLE docket_bench, docket_bench_migrations, docket_bench_bare, docket_bench_same,
           docket_bench_same_migrations",
    )
    .execute(&pool)
    .await
    .unwrap();
    tables
}
