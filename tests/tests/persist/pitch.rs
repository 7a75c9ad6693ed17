//! The two queries of the product's own pitch, over rows that a graph has made: payments that failed, and an order that is
//! stuck. On PostgreSQL to the letter, on the others as their documentation writes them.

use std::future::pending;

use docket::store::AnyStore;
use docket::{ErrorKind, Execution, SqliteStore, graph, step};
use docket_tests::{Log, Oops, ms};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Order(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Stock(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Paid(u32);

/// Order 1 is stuck at its inventory check, and whether order 2 can be paid for is in the bank's hands.
struct Shop {
    log: Log,
    bank_is_open: bool,
}

#[step(name = "CheckInventory", persist = "workflow")]
async fn check_inventory(order: &Order, #[resource] shop: &Shop) -> Stock {
    shop.log.push(format!("check {}", order.0));
    if order.0 == 1 {
        pending::<()>().await;
    }
    Stock(order.0)
}

#[step(name = "ProcessPayment", persist = "global", repeat = "never")]
async fn process_payment(
    order: &Order,
    stock: &Stock,
    #[resource] shop: &Shop,
) -> Result<Paid, Oops> {
    shop.log.push(format!("pay {}", order.0));
    match shop.bank_is_open || stock.0 > 2 {
        true => Ok(Paid(order.0)),
        false => Err(Oops("card declined")),
    }
}

graph! {
    struct Orders {
        inputs { Order }
        resources { Shop }
        steps { check_inventory, process_payment }
        async fn pay(order: Order) -> Paid;
    }
}

fn orders(store: &AnyStore, log: &Log, bank_is_open: bool) -> Orders {
    let log = log.clone();
    let builder = Orders::builder().shop(Shop { log, bank_is_open });
    builder.store(store.clone()).build()
}

/// What the queries are in one dialect.
struct Dialect {
    /// Makes all rows two hours older: nobody waits for that here.
    age: &'static str,
    stuck: &'static str,
    retry: &'static str,
}

/// Runs a statement, and says how many rows it gave or changed.
trait Sql {
    async fn run(&self, statement: &'static str) -> u64;
}

macro_rules! sql_of {
    ($pool:ty) => {
        impl Sql for $pool {
            async fn run(&self, statement: &'static str) -> u64 {
                match statement.contains("SELECT") {
                    true => sqlx::query(statement).fetch_all(self).await.unwrap().len() as u64,
                    false => sqlx::query(statement)
                        .execute(self)
                        .await
                        .unwrap()
                        .rows_affected(),
                }
            }
        }
    };
}

sql_of!(SqlitePool);
#[cfg(feature = "servers")]
sql_of!(sqlx::PgPool);
#[cfg(feature = "servers")]
sql_of!(sqlx::MySqlPool);

async fn check(store: AnyStore, sql: &impl Sql, dialect: &Dialect) {
    let log = Log::new();
    let closed = orders(&store, &log, false);
    let stuck = closed.pay(Execution::new("order-1").timeout(ms(1_500)), Order(1));
    assert_eq!(stuck.await.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(sql.run(dialect.age).await, 1);
    assert_eq!(closed.pay("order-3", Order(3)).await.unwrap(), Paid(3));
    for _ in 0..2 {
        let error = closed.pay("order-2", Order(2)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
    }
    assert_eq!(log.count("pay 2"), 1, "a failure is final");
    // The order that is stuck, and not those that were checked a moment ago.
    assert_eq!(sql.run(dialect.stuck).await, 1);
    // The payment that failed, and not the one that was made.
    assert_eq!(sql.run(dialect.retry).await, 1);

    let open = orders(&store, &log, true);
    assert_eq!(open.pay("order-2", Order(2)).await.unwrap(), Paid(2));
    assert_eq!(open.pay("order-3", Order(3)).await.unwrap(), Paid(3));
    assert_eq!((log.count("pay 2"), log.count("pay 3")), (2, 1));
}

/// A name that no other test has.
#[cfg(feature = "servers")]
fn name() -> String {
    let id = docket::store::ClaimId::random();
    let digits = id.as_bytes()[..6].iter().map(|it| format!("{it:02x}"));
    format!("pitch_{}", digits.collect::<String>())
}

#[tokio::test]
async fn orders_that_are_stuck_are_shown_and_failed_payments_retried_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("steps.db").display());
    let store = AnyStore::new(SqliteStore::connect(&url).await.unwrap());
    let dialect = Dialect {
        age: "UPDATE step_cache SET created_at = datetime(created_at, '-2 hours')",
        stuck: "-- Show all orders stuck at inventory check
SELECT * FROM step_cache
WHERE step_name = 'CheckInventory'
AND created_at < datetime('now', '-1 hour');",
        retry: "-- Retry failed payments from yesterday
DELETE FROM step_cache
WHERE step_name = 'ProcessPayment'
AND metadata->>'status' = 'failed'
AND created_at > datetime('now', '-1 day');",
    };
    let pool = SqlitePool::connect(&url).await.unwrap();
    check(store, &pool, &dialect).await;
}

#[cfg(feature = "servers")]
#[tokio::test]
async fn orders_that_are_stuck_are_shown_and_failed_payments_retried_on_postgres() {
    let (server, name) = (std::env::var("DOCKET_TEST_POSTGRES").unwrap(), name());
    let admin = sqlx::PgPool::connect(&server).await.unwrap();
    let run = |text: String| sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&admin);
    run(format!("CREATE SCHEMA {name}")).await.unwrap();
    let sign = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{sign}options=-c%20search_path%3D{name}");
    let store = docket::store::PostgresStore::connect(&url).await.unwrap();
    let dialect = Dialect {
        age: "UPDATE step_cache SET created_at = created_at - INTERVAL '2 hours'",
        stuck: "-- Show all orders stuck at inventory check
SELECT * FROM step_cache
WHERE step_name = 'CheckInventory'
AND created_at < NOW() - INTERVAL '1 hour';",
        retry: "-- Retry failed payments from yesterday
DELETE FROM step_cache
WHERE step_name = 'ProcessPayment'
AND metadata->>'status' = 'failed'
AND created_at > NOW() - INTERVAL '1 day';",
    };
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    check(AnyStore::new(store), &pool, &dialect).await;
    run(format!("DROP SCHEMA {name} CASCADE")).await.unwrap();
}

#[cfg(feature = "servers")]
#[tokio::test]
async fn orders_that_are_stuck_are_shown_and_failed_payments_retried_on_mariadb() {
    let (server, name) = (std::env::var("DOCKET_TEST_MARIADB").unwrap(), name());
    let admin = sqlx::MySqlPool::connect(&server).await.unwrap();
    let run = |text: String| sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&admin);
    run(format!("CREATE DATABASE {name}")).await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let store = docket::store::MySqlStore::connect(&url).await.unwrap();
    let dialect = Dialect {
        age: "UPDATE step_cache SET created_at = created_at - INTERVAL 2 HOUR",
        stuck: "-- Show all orders stuck at inventory check
SELECT * FROM step_cache
WHERE step_name = 'CheckInventory'
AND created_at < UTC_TIMESTAMP() - INTERVAL 1 HOUR;",
        retry: "-- Retry failed payments from yesterday
DELETE FROM step_cache
WHERE step_name = 'ProcessPayment'
AND JSON_VALUE(metadata, '$.status') = 'failed'
AND created_at > UTC_TIMESTAMP() - INTERVAL 1 DAY;",
    };
    let pool = sqlx::MySqlPool::connect(&url).await.unwrap();
    check(AnyStore::new(store), &pool, &dialect).await;
    run(format!("DROP DATABASE {name}")).await.unwrap();
}
