//! MariaDB, at `DOCKET_TEST_MARIADB`.

use docket_runtime::store::{MySqlOptions, TableName};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{Row as _, query, raw_sql};

use super::contest::Contest;
use super::side::{Docket, Key, Side, VALUE};
use super::table::Table;

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

pub(crate) async fn measure(contest: &Contest) -> Table {
    let url = std::env::var("DOCKET_TEST_MARIADB")
        .expect("DOCKET_TEST_MARIADB is not set: run `tests/run`, which starts the servers");
    let pool = MySqlPoolOptions::new()
        .max_connections(10)
        .test_before_acquire(false)
        .connect(&url)
        .await
        .unwrap();
    raw_sql(
        "DROP TABLE IF EXISTS docket_bench, docket_bench_migrations, docket_bench_bare;
         CREATE TABLE docket_bench_bare (
           cache_key BINARY(32) PRIMARY KEY, status VARCHAR(16) NOT NULL, value LONGBLOB
         ) ENGINE = InnoDB",
    )
    .execute(&pool)
    .await
    .unwrap();
    let store = MySqlOptions::new()
        .table(TableName::new("docket_bench").unwrap())
        .with_pool(pool.clone())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let name = "MariaDB, one pool of ten connections";
    let table = contest
        .run(name, Docket(store), ByHand(pool.clone()))
        .await;
    raw_sql("DROP TABLE docket_bench, docket_bench_migrations, docket_bench_bare")
        .execute(&pool)
        .await
        .unwrap();
    table
}
