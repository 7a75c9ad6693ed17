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

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Failure, FailureStatus,
    MySqlStore, Scope, Store, Stored,
};
use docket_runtime::testing::store_suite;
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, raw_sql};

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

fn request() -> ClaimRequest {
    let mut key = [0; 32];
    key[..16].copy_from_slice(ClaimId::random().as_bytes());
    ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "shop".into(),
            scope: Scope::Global,
            execution_id: "request-1".into(),
            step_name: "ProcessPayment",
            step_version: 2,
            input_hash: InputHash([0; 32]),
        },
        claim_id: ClaimId::random(),
        holder: "host/1/00000000".into(),
        lease: Duration::from_secs(30),
        retry_failed: true,
        repeat_lost: true,
        replace: false,
        reconcile: false,
        max_attempts: 3,
        is_cache: false,
        stale: None,
    }
}

fn with_name(step_name: &'static str) -> ClaimRequest {
    let mut request = request();
    request.call.step_name = step_name;
    request
}

fn another(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        claim_id: ClaimId::random(),
        ..request.clone()
    }
}

fn never(request: ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        repeat_lost: false,
        retry_failed: false,
        ..request
    }
}

async fn claim(store: &MySqlStore, request: &ClaimRequest) -> ClaimRef {
    match store.claim(request).await.unwrap() {
        ClaimOutcome::Claimed(claimed) => ClaimRef {
            key: request.call.key,
            claim_id: request.claim_id,
            fence: claimed.fence,
        },
        other => panic!("{other:?}"),
    }
}

async fn expect_hit(store: &MySqlStore, request: &ClaimRequest) -> Stored {
    match store.claim(&another(request)).await.unwrap() {
        ClaimOutcome::Hit(stored) => stored,
        other => panic!("{other:?}"),
    }
}

fn completion() -> Completion {
    let json = r#"{"amount":5}"#;
    Completion {
        value: Stored {
            bytes: Some(json.as_bytes().into()),
            codec: 2,
            shared: None,
            expires_in: None,
        },
        json: Some(json.into()),
        ttl: None,
        stale: None,
        metadata: r#"{"provider":"stripe"}"#.into(),
    }
}

fn failure(code: &'static str) -> Failure {
    Failure {
        status: FailureStatus::Failed,
        code,
        error: "card declined".to_owned(),
        retry_in: Duration::ZERO,
        ttl: None,
        metadata: r#"{"provider":"stripe"}"#.into(),
    }
}

fn doubt() -> Failure {
    Failure {
        status: FailureStatus::Unknown,
        ..failure("in_doubt")
    }
}
