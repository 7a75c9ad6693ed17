//! The store in Redis. The server is that of `DOCKET_TEST_REDIS`; each test has a prefix of its own there.

mod admin;
mod proxy;
mod settings;
mod trips;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket_runtime::key::CacheKey;
use docket_runtime::store::{
    Call, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, Failure, FailureStatus,
    RedisOptions, RedisStore, Scope, Store, Stored, Write, conformance,
};
use docket_runtime::testing::store_suite;

use crate::shop::{self, another, claim};

const VARIABLE: &str = "DOCKET_TEST_REDIS";

/// Never lapses within a test.
const LONG: Duration = Duration::from_secs(600);

store_suite!(suite, async {
    let rows = Rows::new("suite");
    (rows.store().await, rows)
});

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crowds_get_one_holder() {
    let rows = Rows::new("crowds");
    conformance::check_crowds(&Arc::new(rows.store().await), 100).await;
}

/// Stores of one prefix don't know of each other, as if each were of another process.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_stores_of_one_prefix_have_one_holder() {
    let rows = Rows::new("several");
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(rows.store().await);
    }
    for _ in 0..50 {
        let request = request();
        let callers: Vec<_> = stores
            .iter()
            .map(|store| {
                let (store, request) = (store.clone(), another(&request));
                tokio::spawn(async move { store.claim(&request).await.unwrap() })
            })
            .collect();
        let mut n_claimed = 0;
        for caller in callers {
            n_claimed += i32::from(matches!(caller.await.unwrap(), ClaimOutcome::Claimed(_)));
        }
        assert_eq!(n_claimed, 1);
    }
}

#[tokio::test]
async fn stores_of_different_prefixes_know_nothing_of_each_other() {
    let (ours, theirs) = (Rows::new("apart"), Rows::new("apart-2"));
    let (ours, theirs) = (ours.store().await, theirs.store().await);
    let request = request();
    claim(&ours, &request).await;
    let outcome = theirs.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}");
}

#[tokio::test]
async fn prefixes_that_mean_something_to_redis_are_refused() {
    for prefix in [
        "",
        "{docket}:",
        "docket *",
        "a?b",
        "[a]",
        "a\\b",
        "a\0b",
        "a\r\nb",
        "ü:",
    ] {
        let error = RedisOptions::new().prefix(prefix).unwrap_err();
        assert!(
            !error.is_retryable() && error.to_string().contains("can't be a prefix"),
            "{prefix:?}: {error}"
        );
    }
}

#[tokio::test]
async fn values_are_bytes_of_any_kind() {
    let rows = Rows::new("values");
    let store = rows.store().await;
    let all_bytes: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..1 << 20).map(|it: u32| (it % 251) as u8).collect();
    for bytes in [
        b"".to_vec(),
        b"\0".to_vec(),
        b"\r\n$-1\r\n".to_vec(),
        all_bytes,
        large,
    ] {
        let request = request();
        let claim = claim(&store, &request).await;
        let written = store.complete(&claim, &completion(&bytes)).await.unwrap();
        assert_eq!(written, Write::Recorded);
        let ClaimOutcome::Hit(stored) = store.claim(&another(&request)).await.unwrap() else {
            panic!("a value of {} bytes is a hit", bytes.len());
        };
        assert_eq!(stored.bytes.as_deref(), Some(&*bytes));
        assert_eq!(stored.codec, 2);
    }
}

/// Names and errors come from users.
#[tokio::test]
async fn texts_are_kept_as_they_are() {
    let rows = Rows::new("texts");
    let store = rows.store().await;
    let hostile = "' ; \" redis.call('FLUSHALL')\n]] -- \\0 语 {}";
    let mut request = request();
    request.call.execution_id = hostile.into();
    request.call.namespace = hostile.into();
    request.holder = hostile.into();
    let claim = claim(&store, &request).await;
    match store.claim(&another(&request)).await.unwrap() {
        ClaimOutcome::Busy { holder, .. } => assert_eq!(holder, hostile),
        other => panic!("it is held, and not {other:?}"),
    }
    let failure = Failure {
        error: hostile.to_owned(),
        ..failure()
    };
    store.fail(&claim, &failure).await.unwrap();
    let patient = ClaimRequest {
        retry_failed: false,
        ..another(&request)
    };
    match store.claim(&patient).await.unwrap() {
        ClaimOutcome::Failed { error, .. } => assert_eq!(error, hostile),
        other => panic!("it has failed, and is not {other:?}"),
    }
}

/// A row that has a `ttl` leaves Redis some time after it has expired; one that is running or in doubt never does.
#[tokio::test]
async fn only_what_is_over_has_a_ttl_in_redis() {
    let rows = Rows::new("ttl");
    let store = rows.store().await;
    let brief = Completion {
        ttl: Some(Duration::from_secs(20)),
        ..completion(b"1")
    };
    let hour = Failure {
        ttl: Some(Duration::from_secs(3600)),
        ..failure()
    };
    let doubt = Failure {
        status: FailureStatus::Unknown,
        ttl: Some(Duration::from_secs(3600)),
        ..failure()
    };
    let requests = [request(), request(), request(), request(), request()];
    let mut claims = Vec::new();
    for request in &requests {
        claims.push(claim(&store, request).await);
    }
    store.complete(&claims[1], &brief).await.unwrap();
    store.complete(&claims[2], &completion(b"1")).await.unwrap();
    store.fail(&claims[3], &hour).await.unwrap();
    store.fail(&claims[4], &doubt).await.unwrap();
    let mut ttls = claims.iter().map(|it| rows.pttl(it));
    assert_eq!(ttls.next(), Some(-1), "running");
    let within = |ttl: Option<i64>, low, high| ttl.is_some_and(|it| it > low && it <= high);
    assert!(
        within(ttls.next(), 35_000, 40_000),
        "20 s, and as long again"
    );
    assert_eq!(ttls.next(), Some(-1), "for ever");
    assert!(
        within(ttls.next(), 3_655_000, 3_660_000),
        "an hour and a minute"
    );
    assert_eq!(ttls.next(), Some(-1), "unknown");

    let next = ClaimRequest {
        retry_failed: true,
        ..another(&requests[3])
    };
    claim(&store, &next).await;
    assert_eq!(rows.pttl(&claims[3]), -1, "a row that runs again");
}

/// The rows of one test, which are gone at its end.
struct Rows {
    prefix: String,
}

impl Rows {
    fn new(name: &str) -> Self {
        Self {
            prefix: format!("docket-test-{}-{name}-{}:", std::process::id(), number()),
        }
    }

    fn options(&self) -> RedisOptions {
        RedisOptions::new().prefix(&self.prefix).unwrap()
    }

    async fn store(&self) -> RedisStore {
        let store = self.options().connect(&url()).await.unwrap();
        assert_eq!(store.prefix(), self.prefix);
        store
    }

    fn name(&self, key: &CacheKey) -> String {
        let digits: String = key.0.iter().map(|it| format!("{it:02x}")).collect();
        format!("{}{digits}", self.prefix)
    }

    fn pttl(&self, claim: &ClaimRef) -> i64 {
        let mut pttl = ::redis::cmd("PTTL");
        pttl.arg(self.name(&claim.key));
        pttl.query(&mut connection()).unwrap()
    }

    fn delete(&self, connection: &mut ::redis::Connection) -> ::redis::RedisResult<()> {
        let mut scan = ::redis::cmd("SCAN");
        scan.cursor_arg(0)
            .arg("MATCH")
            .arg(format!("{}*", self.prefix));
        scan.arg("COUNT").arg(1000);
        let names: ::redis::RedisResult<Vec<String>> = scan.iter(connection)?.collect();
        for names in names?.chunks(1000) {
            ::redis::cmd("DEL").arg(names).exec(connection)?;
        }
        Ok(())
    }

    fn field(&self, key: &CacheKey, field: &str) -> Option<String> {
        let mut get = ::redis::cmd("HGET");
        get.arg(self.name(key)).arg(field);
        get.query(&mut connection()).unwrap()
    }
}

/// Tests of one suite run at the same time, each with a prefix of its own.
fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Drop for Rows {
    fn drop(&mut self) {
        // A second panic would hide the first.
        if let Ok(client) = ::redis::Client::open(std::env::var(VARIABLE).unwrap_or_default())
            && let Ok(mut connection) = client.get_connection()
        {
            let _ = self.delete(&mut connection);
        }
    }
}

fn url() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!("{VARIABLE} is not set: run `tests/run`, which starts the servers")
    })
}

/// A connection that blocks, for what a test asks Redis itself.
fn connection() -> ::redis::Connection {
    let client = ::redis::Client::open(url()).unwrap();
    client.get_connection().unwrap()
}

/// A payment within one order, under a lease that is not in the way.
fn request() -> ClaimRequest {
    let request = shop::request();
    ClaimRequest {
        call: Call {
            scope: Scope::Workflow,
            execution_id: "order-1".into(),
            step_version: 3,
            ..request.call
        },
        lease: LONG,
        ..request
    }
}

fn completion(bytes: &[u8]) -> Completion {
    Completion {
        value: Stored {
            bytes: Some(bytes.into()),
            codec: 2,
            shared: None,
            expires_in: None,
        },
        json: Some(r#"{"amount":5}"#.into()),
        ttl: None,
        stale: None,
        metadata: r#"{"attempt":1,"provider":"stripe","tags":[]}"#.into(),
    }
}

fn failure() -> Failure {
    Failure {
        status: FailureStatus::Failed,
        code: "failed",
        error: "connection refused".to_owned(),
        retry_in: Duration::ZERO,
        ttl: None,
        metadata: r#"{"attempt":1,"kind":"transient"}"#.into(),
    }
}
