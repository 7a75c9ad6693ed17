//! What a move costs: round trips and write-ahead log.

use std::time::Duration;

use docket_runtime::store::{ClaimOutcome, PostgresStore, Store};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Row, query};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::wire::{self, Counts};
use super::{Scratch, another, claim, completion, expect_hit, failure, request, server, through};

/// A connection that was given back is tried by the pool in a task of its own: when nothing more is said, that is over.
async fn settle(counts: &Counts) {
    sleep(Duration::from_millis(50)).await;
    while counts.take() > 0 {
        sleep(Duration::from_millis(50)).await;
    }
}

async fn through_a_proxy(scratch: &Scratch) -> (PostgresStore, Counts) {
    scratch.store().await;
    let (server, counts) = wire::start(&server());
    // What is encrypted can't be counted.
    let url = format!("{}&sslmode=disable", through(&server, &scratch.schema, ""));
    let store = PostgresStore::connect(&url).await.unwrap();
    // Its connections are opened and its statements prepared when they are first used.
    for _ in 0..8 {
        let request = request();
        let claim = claim(&store, &request).await;
        store.complete(&claim, &completion()).await.unwrap();
        expect_hit(&store, &request).await;
        let failed = super::request();
        let claim = super::claim(&store, &failed).await;
        store.fail(&claim, &failure("failed")).await.unwrap();
        super::claim(&store, &another(&failed)).await;
        sleep(Duration::from_millis(5)).await;
    }
    settle(&counts).await;
    (store, counts)
}

#[tokio::test]
async fn a_hit_is_one_round_trip_and_a_miss_two() {
    let scratch = Scratch::new("trips").await;
    let (store, counts) = through_a_proxy(&scratch).await;
    let request = request();
    let miss = claim(&store, &request).await;
    assert_eq!(counts.take(), 1, "a claim");
    settle(&counts).await;
    store.complete(&miss, &completion()).await.unwrap();
    assert_eq!(counts.take(), 1, "its record");
    settle(&counts).await;
    expect_hit(&store, &request).await;
    assert_eq!(counts.take(), 1, "a hit");
    settle(&counts).await;

    let failed = super::request();
    let claimed = claim(&store, &failed).await;
    settle(&counts).await;
    store.fail(&claimed, &failure("failed")).await.unwrap();
    assert_eq!(counts.take(), 1, "a failure");
    settle(&counts).await;
    // Rows were new until now, and one that is not is found out about first.
    for (what, n_trips) in [("a takeover", 2), ("the next", 1)] {
        let held = claim(&store, &another(&failed)).await;
        assert_eq!(counts.take(), n_trips, "{what}");
        settle(&counts).await;
        store.fail(&held, &failure("failed")).await.unwrap();
        settle(&counts).await;
    }
    let new = super::request();
    for (what, row) in [("a new row", super::request()), ("another", new.clone())] {
        claim(&store, &row).await;
        assert_eq!(counts.take(), 1, "{what}");
        settle(&counts).await;
    }
    for (what, n_trips) in [("a look at one that is held", 2), ("the next", 1)] {
        let outcome = store.claim(&another(&new)).await.unwrap();
        assert!(matches!(outcome, ClaimOutcome::Busy { .. }), "{outcome:?}");
        assert_eq!(counts.take(), n_trips, "{what}");
        settle(&counts).await;
    }
}

/// After a run of hits, a row is read before it is claimed.
#[tokio::test]
async fn a_hit_after_many_is_one_round_trip_and_the_first_claim_after_them_two() {
    let scratch = Scratch::new("runs").await;
    let (store, counts) = through_a_proxy(&scratch).await;
    let known = request();
    let held = claim(&store, &known).await;
    store.complete(&held, &completion()).await.unwrap();
    // The statement is prepared when it is first used.
    for _ in 0..20 {
        expect_hit(&store, &known).await;
    }
    settle(&counts).await;
    for i in 0..20 {
        expect_hit(&store, &known).await;
        assert_eq!(counts.take(), 1, "hit {i}");
    }
    for (what, n_trips) in [("the first claim", 2), ("the next", 1)] {
        claim(&store, &request()).await;
        assert_eq!(counts.take(), n_trips, "{what}");
    }
}

#[tokio::test]
async fn many_at_once_share_round_trips() {
    const N_CALLERS: u32 = 60;
    let scratch = Scratch::new("shared_trips").await;
    let (store, counts) = through_a_proxy(&scratch).await;
    let mut callers = JoinSet::new();
    for _ in 0..N_CALLERS {
        let store = store.clone();
        callers.spawn(async move { claim(&store, &request()).await });
    }
    let claims = callers.join_all().await;
    // The pool's own trial of a connection after each use is counted, too.
    let n_claims = counts.take();
    settle(&counts).await;
    assert!(
        n_claims <= 16,
        "{N_CALLERS} claims took {n_claims} round trips"
    );
    let mut callers = JoinSet::new();
    for claim in claims {
        let store = store.clone();
        callers.spawn(async move { store.complete(&claim, &completion()).await.unwrap() });
    }
    callers.join_all().await;
    let n_records = counts.take();
    assert!(
        n_records <= 16,
        "{N_CALLERS} records took {n_records} round trips"
    );
}

/// Nothing else may write meanwhile, in the whole cluster. So it is tried until there was a quiet moment.
#[tokio::test]
async fn a_hit_and_a_wait_write_no_wal() {
    let scratch = Scratch::new("wal").await;
    let store = scratch.store().await;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect(&scratch.url())
        .await
        .unwrap();
    let done = request();
    let held = claim(&store, &done).await;
    store.complete(&held, &completion()).await.unwrap();
    let busy = request();
    claim(&store, &busy).await;
    let mut least = i64::MAX;
    for _ in 0..200 {
        // What was written lately is marked as such by whoever reads it first.
        expect_hit(&store, &done).await;
        let before = wal_position(&pool).await;
        for _ in 0..20 {
            expect_hit(&store, &done).await;
            store.claim(&another(&busy)).await.unwrap();
        }
        least = least.min(wal_position(&pool).await - before);
        if least == 0 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("20 hits and 20 waits wrote {least} bytes of WAL at best");
}

async fn wal_position(pool: &PgPool) -> i64 {
    let row = query("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
        .fetch_one(pool)
        .await
        .unwrap();
    row.get(0)
}
