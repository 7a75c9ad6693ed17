//! The store in SQLite.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Admin as _, Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability,
    Failure, FailureStatus, Filter, Finding, RowStatus, Scope, SqliteOptions, SqliteStore, Store,
    Stored, TableName, Write,
};
use docket_runtime::testing::store_suite;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, query};

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

/// Stores of one file don't know of each other, as if each were of another process.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_stores_of_one_file_have_one_holder() {
    let file = File::new("several");
    let opened = (0..8).map(|_| {
        let url = file.url();
        tokio::spawn(async move { SqliteStore::connect(&url).await.unwrap() })
    });
    let mut stores = Vec::new();
    for store in opened.collect::<Vec<_>>() {
        stores.push(store.await.unwrap());
    }
    for _ in 0..20 {
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
async fn what_was_recorded_is_there_after_a_restart() {
    let file = File::new("restart");
    let request = request();
    {
        let store = SqliteStore::connect(&file.url()).await.unwrap();
        assert_eq!(store.durability(), Durability::Durable);
        let claim = claim(&store, &request).await;
        store.complete(&claim, &completion()).await.unwrap();
    }
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let outcome = store.claim(&another(&request)).await.unwrap();
    let ClaimOutcome::Hit(Stored {
        bytes: Some(bytes),
        codec: 2,
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(&*bytes, br#"{"amount":5}"#);
}

#[tokio::test]
async fn weak_settings_are_told_with_the_pragma_to_set() {
    let file = File::new("weak");
    let weak = SqliteConnectOptions::new()
        .filename(&file.0)
        .create_if_missing(true)
        .synchronous(SqliteSynchronous::Normal);
    let store = SqliteStore::new(SqlitePool::connect_with(weak).await.unwrap())
        .await
        .unwrap();
    let Durability::Weak { reason } = store.durability() else {
        panic!("{:?}", store.durability());
    };
    assert!(reason.contains("PRAGMA synchronous = FULL"), "{reason}");

    let strong = SqliteConnectOptions::new()
        .filename(&file.0)
        .synchronous(SqliteSynchronous::Full);
    let store = SqliteStore::new(SqlitePool::connect_with(strong).await.unwrap())
        .await
        .unwrap();
    assert_eq!(store.durability(), Durability::Durable);
}

#[tokio::test]
async fn a_table_of_another_name_and_one_of_another_kind() {
    let file = File::new("table");
    let store = SqliteOptions::new()
        .table(TableName::new("main.my_steps").unwrap())
        .connect(&file.url())
        .await
        .unwrap();
    claim(&store, &request()).await;
    let pool = file.pool().await;
    let n: i64 = query("SELECT count(*) FROM my_steps")
        .fetch_one(&pool)
        .await
        .unwrap()
        .get(0);
    assert_eq!(n, 1);
    let n: i64 =
        query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'my_steps_%' AND type = 'index'")
            .fetch_one(&pool)
            .await
            .unwrap()
            .get(0);
    assert_eq!(n, 3);

    query("CREATE TABLE step_cache (expires_at, step_name, created_at, status)")
        .execute(&pool)
        .await
        .unwrap();
    let error = SqliteStore::connect(&file.url()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`step_cache` is not one of Docket's"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_that_open_a_new_file_migrates_it() {
    let file = File::new("migrate");
    let opened: Vec<_> = (0..8)
        .map(|_| {
            let url = file.url();
            tokio::spawn(async move { SqliteStore::connect(&url).await })
        })
        .collect();
    for store in opened {
        store.await.unwrap().unwrap();
    }
    let pool = file.pool().await;
    let versions = query("SELECT version, applied_at FROM step_cache_migrations")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].get::<i64, _>("version"), 1);
    assert_eq!(versions[0].get::<String, _>("applied_at").len(), 23);
}

#[tokio::test]
async fn a_table_made_by_hand_is_taken_and_a_newer_one_is_not() {
    let file = File::new("newer");
    let options = || SqliteOptions::new().table(TableName::new("main.steps").unwrap());
    let schema = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let schema = schema.schema().replace("\"step_cache\"", "\"steps\"");
    let pool = SqlitePool::connect_with(
        SqliteConnectOptions::new()
            .filename(&file.0)
            .create_if_missing(true),
    )
    .await
    .unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(schema))
        .execute(&pool)
        .await
        .unwrap();
    let by_hand = options().with_pool(pool.clone()).await.unwrap();
    claim(&by_hand, &request()).await;
    let advice = |findings: Vec<Finding>| {
        let table = findings
            .into_iter()
            .find(|it| it.subject == "table main.steps");
        table.unwrap().advice
    };
    let found = by_hand.doctor().await.unwrap();
    assert!(advice(found).unwrap().contains("`migrate` makes the table"));
    let store = options().connect(&file.url()).await.unwrap();
    assert_eq!(advice(store.doctor().await.unwrap()), None);

    query("INSERT INTO steps_migrations (version) VALUES (9)")
        .execute(&pool)
        .await
        .unwrap();
    let error = options().connect(&file.url()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the table `main.steps` is of version 9, and this release of Docket knows none after 1: use a newer one"
    );
    let found = by_hand.doctor().await.unwrap();
    assert!(advice(found).unwrap().contains("use a newer one"));
}

#[tokio::test]
async fn nothing_is_created_unless_allowed() {
    let file = File::new("absent");
    let existing = || SqliteOptions::new().create_if_missing(false);
    let error = existing().connect(&file.url()).await.unwrap_err();
    assert_eq!(error.to_string(), "SQLite can't open the file");
    assert!(!file.0.exists());

    std::fs::write(&file.0, "").unwrap();
    let store = existing().connect(&file.url()).await.unwrap();
    let error = store.claim(&request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Docket's table is not there; `migrate` makes it"
    );
    assert!(!error.is_retryable());
    let mode: String = query("PRAGMA journal_mode")
        .fetch_one(&file.pool().await)
        .await
        .unwrap()
        .get(0);
    assert_eq!(mode, "delete");
    assert_eq!(std::fs::metadata(&file.0).unwrap().len(), 0);
    store.migrate().await.unwrap();
    claim(&store, &request()).await;

    std::fs::write(
        &file.0,
        "something else, and long enough to have a header of SQLite's, which is of a hundred bytes",
    )
    .unwrap();
    let error = existing().connect(&file.url()).await.unwrap_err();
    assert_eq!(error.to_string(), "the file is not a SQLite database");
}

#[tokio::test]
async fn a_write_lock_that_stays_is_an_error_worth_a_retry() {
    let file = File::new("busy");
    SqliteStore::connect(&file.url()).await.unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&file.0)
        .busy_timeout(Duration::from_millis(20));
    let store = SqliteStore::new(SqlitePool::connect_with(options).await.unwrap())
        .await
        .unwrap();
    let pool = file.pool().await;
    let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let request = request();
    let error = store.claim(&request).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    transaction.rollback().await.unwrap();
    claim(&store, &request).await;

    query("DROP TABLE step_cache").execute(&pool).await.unwrap();
    let error = store.claim(&another(&request)).await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_row_can_be_read_by_people() {
    let file = File::new("people");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let good = request();
    let claim_of_good = claim(&store, &good).await;
    let pool = file.pool().await;
    let see = "SELECT namespace, scope, execution_id, step_name, step_version, status, attempt, holder, repeat_never, \
               value_json ->> 'amount' AS amount, error, finished_at IS NULL AS is_open, metadata FROM step_cache";
    let row = query(see).fetch_one(&pool).await.unwrap();
    let text = |name: &str| row.get::<String, _>(name);
    assert_eq!(text("namespace"), "shop");
    assert_eq!(text("scope"), "global");
    assert_eq!(text("execution_id"), "request-1");
    assert_eq!(text("step_name"), "ProcessPayment");
    assert_eq!(text("holder"), "host/1/00000000");
    assert_eq!(text("status"), "running");
    assert_eq!(text("metadata"), r#"{"status":"running","attempt":1}"#);
    assert!(row.get::<bool, _>("is_open"));

    store.complete(&claim_of_good, &completion()).await.unwrap();
    let row = query(see).fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<i64, _>("amount"), 5);
    assert_eq!(
        row.get::<String, _>("metadata"),
        r#"{"provider":"stripe","status":"succeeded","attempt":1}"#
    );
    assert!(!row.get::<bool, _>("is_open"));

    query("DELETE FROM step_cache")
        .execute(&pool)
        .await
        .unwrap();
    let bad = request();
    let claim_of_bad = claim(&store, &bad).await;
    store
        .fail(&claim_of_bad, &failure("card_declined"))
        .await
        .unwrap();
    let row = query(see).fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>("error"), "card declined");
    assert_eq!(
        row.get::<String, _>("metadata"),
        r#"{"provider":"stripe","status":"failed","attempt":1,"code":"card_declined","kind":"transient"}"#
    );
}

#[tokio::test]
async fn a_result_without_its_value_says_so() {
    let file = File::new("omitted");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let claim = claim(&store, &request()).await;
    let mut completion = completion();
    completion.value.bytes = None;
    completion.json = None;
    store.complete(&claim, &completion).await.unwrap();
    let pool = file.pool().await;
    let omitted: String = query("SELECT metadata ->> 'value' FROM step_cache")
        .fetch_one(&pool)
        .await
        .unwrap()
        .get(0);
    assert_eq!(omitted, "omitted");
}

/// The two queries of the product's own pitch, with `datetime` where it has `NOW()`.
#[tokio::test]
async fn the_queries_of_the_pitch_work() {
    let file = File::new("pitch");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let pool = file.pool().await;

    let old = with_name("CheckInventory");
    claim(&store, &old).await;
    query("UPDATE step_cache SET created_at = datetime('now', '-61 minutes')")
        .execute(&pool)
        .await
        .unwrap();
    claim(&store, &with_name("CheckInventory")).await;
    let stuck = "SELECT * FROM step_cache
                 WHERE step_name = 'CheckInventory'
                 AND created_at < datetime('now', '-1 hour');";
    let rows = query(stuck).fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<&[u8], _>("cache_key"), old.call.key.0);

    let failed = with_name("ProcessPayment");
    let claim_of_failed = claim(&store, &failed).await;
    store
        .fail(&claim_of_failed, &failure("card_declined"))
        .await
        .unwrap();
    let unknown = with_name("ProcessPayment");
    let claim_of_unknown = claim(&store, &unknown).await;
    let in_doubt = Failure {
        status: FailureStatus::Unknown,
        ..failure("in_doubt")
    };
    store.fail(&claim_of_unknown, &in_doubt).await.unwrap();
    let paid = with_name("ProcessPayment");
    let claim_of_paid = claim(&store, &paid).await;
    store.complete(&claim_of_paid, &completion()).await.unwrap();
    let retry = "DELETE FROM step_cache
                 WHERE step_name = 'ProcessPayment'
                 AND metadata->>'status' = 'failed'
                 AND created_at > datetime('now', '-1 day');";
    assert_eq!(
        query(retry).execute(&pool).await.unwrap().rows_affected(),
        1
    );

    claim(&store, &another(&failed)).await;
    let outcome = store.claim(&never(another(&unknown))).await.unwrap();
    assert!(
        matches!(outcome, ClaimOutcome::Unknown { .. }),
        "a charge in doubt is not swept up"
    );
    let outcome = store.claim(&another(&paid)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Hit(_)));
}

/// Whoever gives up at any moment leaves a store that works, and may send the same again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_may_be_dropped_at_any_moment_and_sent_again() {
    let file = File::new("dropped");
    let on_disk = SqliteStore::connect(&file.url()).await.unwrap();
    let in_memory = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let (mut n_dropped, mut n_done) = (0, 0);
    for micros in (0..600).step_by(3) {
        let patience = Duration::from_micros(micros);
        for store in [&on_disk, &in_memory] {
            let request = request();
            let tried = tokio::time::timeout(patience, store.claim(&request)).await;
            n_dropped += u32::from(tried.is_err());
            n_done += u32::from(tried.is_ok());
            let claim = claim(store, &request).await;
            let _ = tokio::time::timeout(patience, store.complete(&claim, &completion())).await;
            let written = store.complete(&claim, &completion()).await.unwrap();
            assert_eq!(written, Write::Recorded);
            let outcome = store.claim(&another(&request)).await.unwrap();
            assert!(matches!(outcome, ClaimOutcome::Hit(_)));
        }
    }
    assert!(
        n_dropped > 0 && n_done > 0,
        "{n_dropped} dropped, {n_done} done"
    );
}

/// Moves that come together are committed together, and each has its own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_bad_record_does_not_sink_those_beside_it() {
    let file = File::new("beside");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    for _ in 0..5 {
        let callers: Vec<_> = (0..40)
            .map(|i| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut claim = claim(&store, &request()).await;
                    let mut completion = completion();
                    match i % 20 {
                        7 => completion.metadata = "no JSON".into(),
                        13 => claim.fence -= 1,
                        _ => {}
                    }
                    (i, store.complete(&claim, &completion).await)
                })
            })
            .collect();
        for caller in callers {
            match caller.await.unwrap() {
                (7 | 27, outcome) => assert!(!outcome.unwrap_err().is_retryable()),
                (13 | 33, outcome) => assert_eq!(outcome.unwrap(), Write::Fenced),
                (_, outcome) => assert_eq!(outcome.unwrap(), Write::Recorded),
            }
        }
    }
    let mut filter = Filter::default();
    filter.status = Some(RowStatus::Succeeded);
    assert_eq!(store.count(&filter).await.unwrap(), 5 * 36);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_who_leave_take_nothing_from_those_beside_them() {
    let file = File::new("leave");
    let store = SqliteStore::connect(&file.url()).await.unwrap();
    let callers: Vec<_> = (0..400)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                // From none to more than all of them take together.
                let patience = Duration::from_micros(i * i * 50);
                let request = request();
                let tried = tokio::time::timeout(patience, store.claim(&request)).await;
                let claim = claim(&store, &request).await;
                let recorded =
                    tokio::time::timeout(patience, store.complete(&claim, &completion())).await;
                let written = store.complete(&claim, &completion()).await.unwrap();
                assert_eq!(written, Write::Recorded);
                u32::from(tried.is_err()) + u32::from(recorded.is_err())
            })
        })
        .collect();
    let mut n_left = 0;
    for caller in callers {
        n_left += caller.await.unwrap();
    }
    assert!((1..800).contains(&n_left), "{n_left} left");
    assert_eq!(store.count(&Filter::default()).await.unwrap(), 400);
    // Nobody has left a transaction open.
    let pool = file.pool().await;
    let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn times_of_any_length_are_taken() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let request = ClaimRequest {
        lease: Duration::MAX,
        ..request()
    };
    let claim = claim(&store, &request).await;
    store.renew(&[claim], Duration::MAX).await.unwrap();
    let completion = Completion {
        ttl: Some(Duration::MAX),
        ..completion()
    };
    store.complete(&claim, &completion).await.unwrap();
    let outcome = store.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Hit(_)));
}

#[tokio::test]
async fn a_url_of_something_else_is_refused() {
    for url in [
        "postgres://localhost/x",
        "sqlite:///no/such/folder/x.db",
        "sqlite://x.db?mode=odd",
    ] {
        let error = SqliteStore::connect(url).await.unwrap_err();
        assert!(!error.is_retryable(), "{url}: {error:?}");
    }
}

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

async fn claim(store: &SqliteStore, request: &ClaimRequest) -> ClaimRef {
    match store.claim(request).await.unwrap() {
        ClaimOutcome::Claimed(claimed) => ClaimRef {
            key: request.call.key,
            claim_id: request.claim_id,
            fence: claimed.fence,
        },
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
