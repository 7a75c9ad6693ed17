//! PostgreSQL, at `DOCKET_TEST_POSTGRES`.

use docket_runtime::store::{PostgresOptions, TableName};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Row as _, query, raw_sql};

use super::contest::Contest;
use super::side::{Docket, Key, Side, VALUE};
use super::table::Table;

/// As many as a store makes that has its pools for itself.
const N_CONNECTIONS: u32 = 6;

/// A `SELECT`, and a pair of upserts, on a table that has no more than they need.
#[derive(Clone)]
struct ByHand(PgPool);

impl Side for ByHand {
    async fn hit(&self, key: Key) {
        let row = query("SELECT value FROM docket_bench_bare WHERE cache_key = $1")
            .bind(&key[..])
            .fetch_one(&self.0)
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>, _>(0), VALUE);
    }

    async fn pair(&self, key: Key) {
        for (status, value) in [("running", None), ("succeeded", Some(VALUE))] {
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

/// With the pool of the application, and with pools of its own.
pub(crate) async fn measure(contest: &Contest) -> Vec<Table> {
    let url = std::env::var("DOCKET_TEST_POSTGRES")
        .expect("DOCKET_TEST_POSTGRES is not set: run `tests/run`, which starts the servers");
    let pool = PgPoolOptions::new()
        .max_connections(N_CONNECTIONS)
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
    let options = || PostgresOptions::new().table(TableName::new("docket_bench").unwrap());
    let shared = options().with_pool(pool.clone()).await.unwrap();
    shared.migrate().await.unwrap();
    let of_its_own = options().connect(&url).await.unwrap();
    let sides = [
        (
            "PostgreSQL, `PostgresStore::connect`: six connections; by hand, a pool of six",
            of_its_own,
        ),
        (
            "PostgreSQL, `PostgresStore::new`: the pool of those by hand, and two connections",
            shared,
        ),
    ];
    let mut tables = Vec::new();
    for (name, store) in sides {
        let by_hand = ByHand(pool.clone());
        tables.push(contest.run(name, Docket(store), by_hand).await);
    }
    raw_sql("DROP TABLE docket_bench, docket_bench_migrations, docket_bench_bare")
        .execute(&pool)
        .await
        .unwrap();
    tables
}
