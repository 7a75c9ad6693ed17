//! What goes over the wire, and what happens when the wire breaks.

use docket_runtime::store::{ClaimOutcome, ClaimRequest, MemoryStore, Store, Tiered, Write};

use super::proxy::Proxy;
use super::*;
use tokio::sync::RwLock;

/// The scripts of the server. While they are forgotten, which is so for all, nobody counts round trips.
static SCRIPTS: RwLock<()> = RwLock::const_new(());

#[tokio::test]
async fn a_hit_is_one_round_trip_and_a_miss_two() {
    let _scripts = SCRIPTS.read().await;
    let (rows, proxy) = (Rows::new("trips"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    proxy.take_trips();

    let request = request();
    let held = claim(&store, &request).await;
    store.complete(&held, &completion(b"1")).await.unwrap();
    assert_eq!(proxy.take_trips(), 2, "a miss");

    let outcome = store.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Hit(_)));
    assert_eq!(proxy.take_trips(), 1, "a hit");

    let replacing = ClaimRequest {
        replace: true,
        ..another(&request)
    };
    let held = claim(&store, &replacing).await;
    store.fail(&held, &failure()).await.unwrap();
    assert_eq!(proxy.take_trips(), 2, "a row that is taken over");

    let held = claim(&store, &another(&request)).await;
    store.release(&held).await.unwrap();
    assert_eq!(proxy.take_trips(), 2, "a claim that is given back");
}

/// After a run of hits, a row is read before it is claimed.
#[tokio::test]
async fn a_hit_after_many_is_one_round_trip_and_the_first_claim_after_them_two() {
    let _scripts = SCRIPTS.read().await;
    let (rows, proxy) = (Rows::new("runs"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    let known = request();
    let held = claim(&store, &known).await;
    store.complete(&held, &completion(b"1")).await.unwrap();
    proxy.take_trips();
    for i in 0..40 {
        let outcome = store.claim(&another(&known)).await.unwrap();
        assert!(matches!(outcome, ClaimOutcome::Hit(_)));
        assert_eq!(proxy.take_trips(), 1, "hit {i}");
    }
    for (what, n_trips) in [("the first claim", 2), ("the next", 1)] {
        claim(&store, &request()).await;
        assert_eq!(proxy.take_trips(), n_trips, "{what}");
    }
}

#[tokio::test]
async fn many_leases_are_renewed_in_one_round_trip() {
    let _scripts = SCRIPTS.read().await;
    let (rows, proxy) = (Rows::new("renewals"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    let mut claims = Vec::new();
    for _ in 0..300 {
        claims.push(claim(&store, &request()).await);
    }
    proxy.take_trips();
    assert_eq!(store.renew(&claims, LONG).await.unwrap(), claims);
    assert_eq!(proxy.take_trips(), 1);
    assert_eq!(store.renew(&[], LONG).await.unwrap(), []);
    assert_eq!(proxy.take_trips(), 0, "nothing to renew");
}

/// More than fit one script.
#[tokio::test]
async fn thousands_of_leases_are_renewed() {
    let rows = Rows::new("thousands");
    let store = rows.store().await;
    let mut claims = Vec::new();
    for _ in 0..25 {
        let batch: Vec<_> = (0..100)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { claim(&store, &request()).await })
            })
            .collect();
        for held in batch {
            claims.push(held.await.unwrap());
        }
    }
    store
        .complete(&claims[1700], &completion(b"1"))
        .await
        .unwrap();
    let held = store.renew(&claims, LONG).await.unwrap();
    claims.remove(1700);
    assert_eq!(held, claims);
}

/// Redis says how long a result still counts, and no copy is kept for longer.
#[tokio::test]
async fn a_copy_near_at_hand_is_no_round_trip() {
    let _scripts = SCRIPTS.read().await;
    let (rows, proxy) = (Rows::new("near"), Proxy::start().await);
    let redis = rows.options().connect(&proxy.url()).await.unwrap();
    let near = Tiered::new(MemoryStore::new(), redis.clone());
    let cache = |request: &ClaimRequest| ClaimRequest {
        is_cache: true,
        stale: None,
        ..another(request)
    };
    let brief = Completion {
        ttl: Some(Duration::from_secs(1)),
        ..completion(b"1")
    };
    for completion in [completion(b"1"), brief] {
        let request = request();
        let held = claim(&redis, &request).await;
        redis.complete(&held, &completion).await.unwrap();
        proxy.take_trips();
        for _ in 0..10 {
            let outcome = near.claim(&cache(&request)).await.unwrap();
            assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
        }
        assert_eq!(proxy.take_trips(), 1, "the first");
        tokio::time::sleep(Duration::from_millis(1001)).await;
        let outcome = near.claim(&cache(&request)).await.unwrap();
        match completion.ttl {
            None => assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}"),
            Some(_) => assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}"),
        }
    }
}

/// Of commands that are sent at once, those behind don't wait for the answers to those before.
#[tokio::test]
async fn callers_share_a_connection_without_waiting_for_each_other() {
    let _scripts = SCRIPTS.read().await;
    let (rows, proxy) = (Rows::new("pipeline"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    proxy.take_trips();
    let requests: Vec<_> = (0..200).map(|_| request()).collect();
    let mut callers = tokio::task::JoinSet::new();
    for request in requests {
        let store = store.clone();
        callers.spawn(async move { store.claim(&request).await.unwrap() });
    }
    while let Some(outcome) = callers.join_next().await {
        assert!(matches!(outcome.unwrap(), ClaimOutcome::Claimed(_)));
    }
    let n_trips = proxy.take_trips();
    assert!(
        n_trips <= 20,
        "200 claims at once took {n_trips} round trips"
    );
    assert!(proxy.ends().len() <= 2, "{:?}", proxy.ends());
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_scripts_is_told_again() {
    let _alone = SCRIPTS.write().await;
    let (rows, proxy) = (Rows::new("flush"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    let flush = || {
        let mut flush = ::redis::cmd("SCRIPT");
        flush.arg("FLUSH").exec(&mut connection()).unwrap();
    };
    let request = request();
    flush();
    proxy.take_trips();
    let held = claim(&store, &request).await;
    assert_eq!(proxy.take_trips(), 2, "one more, once");
    flush();
    store.renew(&[held], LONG).await.unwrap();
    flush();
    let written = store.complete(&held, &completion(b"1")).await.unwrap();
    assert_eq!(written, Write::Recorded);
    flush();
    let outcome = store.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Hit(_)));
}

#[tokio::test]
async fn a_connection_that_was_killed_is_made_anew() {
    let (rows, proxy) = (Rows::new("kill"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    let request = request();
    let held = claim(&store, &request).await;
    for end in proxy.ends() {
        let mut kill = ::redis::cmd("CLIENT");
        kill.arg("KILL").arg("ADDR").arg(end.to_string());
        let n_killed: u32 = kill.query(&mut connection()).unwrap();
        assert_eq!(n_killed, 1);
    }
    let written = store.complete(&held, &completion(b"1")).await.unwrap();
    assert_eq!(written, Write::Recorded);
    let outcome = store.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Hit(_)));
    assert_eq!(proxy.ends().len(), 4);
}

/// It is not known whether what was sent has arrived, so it is sent again, and Redis knows it by its claim.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let (rows, proxy) = (Rows::new("lost"), Proxy::start().await);
    let store = rows.options().connect(&proxy.url()).await.unwrap();
    let request = request();
    proxy.lose_next_answer();
    let held = claim(&store, &request).await;
    assert_eq!(rows.field(&held.key, "attempt").as_deref(), Some("1"));
    proxy.lose_next_answer();
    let written = store.complete(&held, &completion(b"1")).await.unwrap();
    assert_eq!(written, Write::Recorded);
    let outcome = store.claim(&another(&request)).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Hit(_)));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // Nobody listens there.
    let error = RedisStore::connect("redis://127.0.0.1:1").await;
    assert!(error.unwrap_err().is_retryable());
    let error = RedisStore::connect("http://127.0.0.1").await.unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
}

/// It takes connections, and says nothing.
#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    let options = RedisOptions::new().response_timeout(Duration::from_millis(50));
    let error = options.connect(&url).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
}

/// A caller who leaves in the middle takes nothing along that others need.
#[tokio::test]
async fn callers_may_leave_at_any_moment() {
    let rows = Rows::new("leave");
    let store = rows.store().await;
    for i in 0..200 {
        let request = request();
        let leaving = store.claim(&request);
        let patience = Duration::from_micros(i * 5);
        let _ = tokio::time::timeout(patience, leaving).await;
        let held = claim(&store, &request).await;
        let leaving_completion = completion(b"1");
        let leaving = store.complete(&held, &leaving_completion);
        let _ = tokio::time::timeout(patience, leaving).await;
        let written = store.complete(&held, &completion(b"1")).await.unwrap();
        assert_eq!(written, Write::Recorded);
    }
}
