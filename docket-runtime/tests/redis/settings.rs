//! What a server's settings let it promise.

use std::sync::Mutex;

use docket_runtime::store::{Admin, Filter, Resolution};

use super::*;

/// Settings are of the whole server, so those who change them take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A setting that is as it was at the end of its test.
struct Setting {
    name: &'static str,
    was: String,
}

impl Setting {
    fn new(name: &'static str, value: &str) -> Self {
        let mut get = ::redis::cmd("CONFIG");
        get.arg("GET").arg(name);
        let (_, was): (String, String) = get.query(&mut connection()).unwrap();
        set(name, value);
        Self { name, was }
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        set(self.name, &self.was);
    }
}

fn set(name: &str, value: &str) {
    let mut set = ::redis::cmd("CONFIG");
    set.arg("SET").arg(name).arg(value);
    set.exec(&mut connection()).unwrap();
}

/// A user of the server that is gone at the end of its test.
struct User {
    name: String,
}

impl User {
    /// All is allowed but what `rules` take away.
    fn new(name: &str, rules: &[&str]) -> Self {
        let name = format!("docket-test-{}-{name}", std::process::id());
        let user = Self { name };
        user.set(&["on", ">secret", "~*", "+@all"]);
        user.set(rules);
        user
    }

    fn set(&self, rules: &[&str]) {
        let mut set = ::redis::cmd("ACL");
        set.arg("SETUSER").arg(&self.name).arg(rules);
        set.exec(&mut connection()).unwrap();
    }

    /// Closes all its connections.
    fn cut_off(&self) {
        let mut kill = ::redis::cmd("CLIENT");
        kill.arg("KILL").arg("USER").arg(&self.name);
        kill.exec(&mut connection()).unwrap();
    }

    fn url(&self) -> String {
        url().replace("redis://", &format!("redis://{}:secret@", self.name))
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let mut delete = ::redis::cmd("ACL");
        let _ = delete
            .arg("DELUSER")
            .arg(&self.name)
            .exec(&mut connection());
    }
}

async fn durability(accepts: bool) -> Durability {
    let options = if accepts {
        RedisOptions::new().accept_weak_durability()
    } else {
        RedisOptions::new()
    };
    options.connect(&url()).await.unwrap().durability()
}

#[track_caller]
fn expect_weak(durability: &Durability, words: &str) {
    match durability {
        Durability::Weak { reason } => assert!(reason.contains(words), "{reason}"),
        other => panic!("it is weak, and not {other:?}"),
    }
}

/// More memory than there is, so that nothing is evicted of what others keep in the server.
const NEVER_REACHED: &str = "1000gb";

#[tokio::test]
#[expect(
    clippy::await_holding_lock,
    reason = "each test has a thread of its own"
)]
async fn weak_settings_are_found() {
    let _turn = TURN.lock().unwrap_or_else(|it| it.into_inner());
    let good = [
        Setting::new("appendonly", "yes"),
        Setting::new("appendfsync", "always"),
        Setting::new("maxmemory-policy", "noeviction"),
    ];
    expect_weak(&durability(false).await, "failover");
    assert_eq!(durability(true).await, Durability::Durable);
    {
        let _everysec = Setting::new("appendfsync", "everysec");
        expect_weak(&durability(false).await, "last second");
        assert_eq!(durability(true).await, Durability::Durable);
    }
    {
        let _no = Setting::new("appendfsync", "no");
        expect_weak(&durability(true).await, "`appendfsync` is `no`");
    }
    {
        let _policy = Setting::new("maxmemory-policy", "allkeys-lru");
        assert_eq!(
            durability(true).await,
            Durability::Durable,
            "without a limit"
        );
        let _limit = Setting::new("maxmemory", NEVER_REACHED);
        expect_weak(&durability(true).await, "noeviction");
    }
    {
        let _off = Setting::new("appendonly", "no");
        expect_weak(&durability(true).await, "appendonly yes");
    }
    drop(good);
}

#[tokio::test]
#[expect(
    clippy::await_holding_lock,
    reason = "each test has a thread of its own"
)]
async fn what_can_not_be_seen_is_weak() {
    let _turn = TURN.lock().unwrap_or_else(|it| it.into_inner());
    let cases = [
        ("config", "-config", "CONFIG GET"),
        ("info", "-info", "INFO"),
    ];
    for (name, rule, words) in cases {
        let (rows, user) = (Rows::new(name), User::new(name, &[rule]));
        let options = rows.options().accept_weak_durability();
        let store = options.connect(&user.url()).await.unwrap();
        expect_weak(&store.durability(), words);
        claim(&store, &request()).await;
    }
}

#[tokio::test]
async fn a_user_who_may_not_run_scripts_is_told_what_to_allow() {
    let user = User::new("scripts", &["-evalsha", "-script"]);
    let error = RedisStore::connect(&user.url()).await.unwrap_err();
    assert!(
        !error.is_retryable() && error.to_string().contains("EVALSHA"),
        "{error:?}"
    );
    let url = user.url().replace("secret", "wrong");
    let error = RedisStore::connect(&url).await.unwrap_err();
    assert!(
        !error.is_retryable() && error.to_string().contains("password"),
        "{error:?}"
    );
}

/// What a store's user needs, as the documentation says it.
#[tokio::test]
async fn a_user_of_one_prefix_needs_no_more_than_its_keys() {
    let rows = Rows::new("user");
    let keys = format!("~{}*", rows.prefix);
    let for_all = "+evalsha +script|load +hmget +hset +hdel +del +unlink +pexpire +persist +time +info +config|get";
    let for_operators = "+scan +hget +hstrlen +hexists";
    let mut rules = vec!["-@all", "resetkeys", &*keys];
    rules.extend(for_all.split(' '));
    let user = User::new("keys", &rules);
    let store = rows.options().connect(&user.url()).await.unwrap();
    let done = each_move_once(&store).await;
    let error = store.purge(10).await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");

    let for_operators: Vec<_> = for_operators.split(' ').collect();
    user.set(&for_operators);
    each_repair_once(&store, &done).await;
    store.stats().await.unwrap();
    store.list(&Filter::default(), 10).await.unwrap();
    assert_eq!(store.doctor().await.unwrap()[0].subject, "durability");

    let foreign = RedisOptions::new().prefix("docket-test-foreign:").unwrap();
    let foreign = foreign.connect(&user.url()).await.unwrap();
    let error = foreign.claim(&request()).await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
}

/// Leaves one row, which has succeeded.
async fn each_move_once(store: &RedisStore) -> CacheKey {
    let request = request();
    let held = claim(store, &request).await;
    assert_eq!(store.renew(&[held], LONG).await.unwrap(), [held]);
    store.mark_lost(&held.key, held.fence).await.unwrap();
    store.fail(&held, &failure()).await.unwrap();
    let held = claim(store, &another(&request)).await;
    store.release(&held).await.unwrap();
    let held = claim(store, &another(&request)).await;
    let lasting = Completion {
        ttl: Some(LONG),
        ..completion(b"1")
    };
    let written = store.complete(&held, &lasting).await.unwrap();
    assert_eq!(written, Write::Recorded);
    // After so many hits, they are read before they are claimed.
    for _ in 0..20 {
        let outcome = store.claim(&another(&request)).await.unwrap();
        assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
    }
    let preview = store.preview(&another(&request)).await.unwrap();
    let outcome = preview.outcome;
    assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
    let unused = super::request();
    let held = claim(store, &unused).await;
    store.release(&held).await.unwrap();
    request.call.key
}

async fn each_repair_once(store: &RedisStore, done: &CacheKey) {
    store.show(done).await.unwrap().unwrap();
    let doubt = Failure {
        status: FailureStatus::Unknown,
        ..failure()
    };
    for end in [failure(), doubt] {
        let request = super::request();
        let held = claim(store, &request).await;
        store.fail(&held, &end).await.unwrap();
        let resolution = Resolution::NotApplied {
            note: "looked".to_owned(),
        };
        store
            .resolve(&held.key, held.fence, &resolution)
            .await
            .unwrap();
    }
    assert_eq!(store.retry_failed(&Filter::default()).await.unwrap(), 1);
    assert_eq!(store.purge(10).await.unwrap(), 2);
}

/// Once the password is right again, or there is room for one more client, the store goes on.
#[tokio::test]
async fn a_store_that_was_locked_out_comes_back() {
    let (rows, user) = (Rows::new("locked"), User::new("locked", &[]));
    let store = rows.options().connect(&user.url()).await.unwrap();
    let request = request();
    let held = claim(&store, &request).await;
    user.set(&["resetpass", ">other"]);
    user.cut_off();
    for _ in 0..3 {
        let error = store.renew(&[held], LONG).await.unwrap_err();
        assert!(error.to_string().contains("password"), "{error:?}");
    }
    user.set(&["resetpass", ">secret"]);
    assert_eq!(store.renew(&[held], LONG).await.unwrap(), [held]);
    let outcome = store.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Busy { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_key_that_is_something_else_is_refused() {
    let rows = Rows::new("foreign");
    let store = rows.store().await;
    let request = request();
    let mut set = ::redis::cmd("SET");
    set.arg(rows.name(&request.call.key)).arg("not a row");
    set.exec(&mut connection()).unwrap();
    let error = store.claim(&request).await.unwrap_err();
    assert!(
        !error.is_retryable() && error.to_string().contains("prefix"),
        "{error:?}"
    );
}
