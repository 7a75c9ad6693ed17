//! How many round trips a move takes.

use std::time::Duration;

use docket_runtime::store::{ClaimOutcome, ClaimRequest, Completion, MySqlStore, Store};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{Row as _, query};

use super::{Scratch, another, claim, completion, failure, request, wire};

/// A store whose claims have one connection, which counts the statements that it was sent.
struct Counted {
    store: MySqlStore,
    claims: MySqlPool,
}

impl Counted {
    async fn new(scratch: &Scratch) -> Self {
        let claims = MySqlPoolOptions::new()
            .max_connections(1)
            .connect(&scratch.url())
            .await
            .unwrap();
        let store = MySqlStore::new(claims.clone()).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, claims }
    }

    /// The statements of claims so far. Each look counts as one.
    async fn n_sent(&self) -> i64 {
        let row = query("SHOW SESSION STATUS LIKE 'Questions'")
            .fetch_one(&self.claims)
            .await
            .unwrap();
        row.get::<String, _>(1).parse().unwrap()
    }

    /// How many statements `request` takes, and its outcome.
    async fn n_trips(&self, request: &ClaimRequest) -> (i64, ClaimOutcome) {
        let before = self.n_sent().await;
        let outcome = self.store.claim(request).await.unwrap();
        (self.n_sent().await - before - 1, outcome)
    }

    async fn complete(&self, request: &ClaimRequest) {
        let held = claim(&self.store, request).await;
        self.store.complete(&held, &completion()).await.unwrap();
    }
}

fn cache(request: ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        is_cache: true,
        stale: None,
        ..request
    }
}

#[tokio::test]
async fn a_claim_takes_one_where_rows_are_new_and_two_where_there_is_a_result() {
    let scratch = Scratch::new("trips").await;
    let counted = Counted::new(&scratch).await;
    let row = request();
    let (n, outcome) = counted.n_trips(&row).await;
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}");
    assert_eq!(n, 1, "a new row");
    let (n, outcome) = counted.n_trips(&another(&row)).await;
    assert!(matches!(outcome, ClaimOutcome::Busy { .. }), "{outcome:?}");
    assert_eq!(n, 2, "a row that somebody has");
    counted.complete(&request()).await;
    counted.complete(&request()).await;
    let row = request();
    counted.complete(&row).await;
    let (n, outcome) = counted.n_trips(&another(&row)).await;
    assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
    assert_eq!(n, 2, "a result, after rows that were new");
}

#[tokio::test]
async fn after_many_results_a_claim_takes_one_for_the_next() {
    let scratch = Scratch::new("lately").await;
    let counted = Counted::new(&scratch).await;
    let row = request();
    counted.complete(&row).await;
    for _ in 0..3 {
        counted.n_trips(&another(&row)).await;
    }
    let (n, outcome) = counted.n_trips(&another(&row)).await;
    assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
    assert_eq!(n, 1, "a result, after results");
    let (n, outcome) = counted.n_trips(&request()).await;
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}");
    assert_eq!(n, 2, "a new row, after results");
}

/// After a run of hits, results are asked for by a statement of few columns; what it does not find is inserted at once.
#[tokio::test]
async fn after_a_run_of_hits_a_hit_takes_one_and_a_new_row_two() {
    let scratch = Scratch::new("run").await;
    let counted = Counted::new(&scratch).await;
    let row = request();
    counted.complete(&row).await;
    for i in 0..40 {
        let (n, outcome) = counted.n_trips(&another(&row)).await;
        assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
        // At first it goes by the claim before.
        assert_eq!(n, if i < 2 { 2 } else { 1 }, "hit {i}");
    }
    let (n, outcome) = counted.n_trips(&request()).await;
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}");
    assert_eq!(n, 2, "a new row, after a run of hits");
}

/// What a run of hits ends with is then likely to be a row that has just expired.
#[tokio::test]
async fn after_a_run_of_hits_an_expired_value_takes_three() {
    const TTL: Duration = Duration::from_secs(3);
    let scratch = Scratch::new("expired").await;
    let counted = Counted::new(&scratch).await;
    let row = ClaimRequest {
        is_cache: true,
        stale: Some(100 * TTL),
        ..request()
    };
    let held = claim(&counted.store, &row).await;
    let brief = Completion {
        ttl: Some(TTL),
        stale: row.stale,
        ..completion()
    };
    counted.store.complete(&held, &brief).await.unwrap();
    for i in 0..20 {
        let (_, outcome) = counted.n_trips(&another(&row)).await;
        assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{i}: {outcome:?}");
    }
    tokio::time::sleep(TTL).await;
    let (n, outcome) = counted.n_trips(&another(&row)).await;
    assert!(
        matches!(
            outcome,
            ClaimOutcome::Stale {
                claimed: Some(_),
                ..
            }
        ),
        "{outcome:?}"
    );
    assert_eq!(n, 3, "it is peeked at, looked at and taken over");
}

/// Rows that are claimed at the same time are one statement; where some of them are there, those of the others are.
#[tokio::test]
async fn many_new_rows_are_claimed_at_once() {
    const N_CALLERS: usize = 48;
    let scratch = Scratch::new("inserts").await;
    let counted = Counted::new(&scratch).await;
    for n_there in [0, 5] {
        let rows: Vec<_> = (0..N_CALLERS).map(|_| request()).collect();
        for row in &rows[..n_there] {
            claim(&counted.store, row).await;
        }
        let before = counted.n_sent().await;
        let mut callers = tokio::task::JoinSet::new();
        for row in &rows {
            let (store, row) = (counted.store.clone(), another(row));
            callers.spawn(async move { store.claim(&row).await.unwrap() });
        }
        let outcomes = callers.join_all().await;
        let n = counted.n_sent().await - before - 1;
        let n_claimed = outcomes
            .iter()
            .filter(|it| matches!(it, ClaimOutcome::Claimed(_)))
            .count();
        assert_eq!(n_claimed, N_CALLERS - n_there);
        let n_busy = outcomes
            .iter()
            .filter(|it| matches!(it, ClaimOutcome::Busy { .. }))
            .count();
        assert_eq!(n_busy, n_there);
        assert!(n <= 28, "{N_CALLERS} claims took {n} statements");
    }
}

/// That there is a row is an answer, after which the connection is as good as it was before.
#[tokio::test]
async fn an_insert_in_vain_costs_no_sign_of_life() {
    const N_ROWS: u32 = 20;
    let scratch = Scratch::new("vain").await;
    let (url, pings) = wire::start(&scratch.url()).await;
    let store = MySqlStore::connect(&url).await.unwrap();
    claim(&store, &request()).await;
    pings.take();
    for _ in 0..N_ROWS {
        // Each by an insert, since the last claims found as many rows as they did not.
        let row = request();
        claim(&store, &row).await;
        let outcome = store.claim(&another(&row)).await.unwrap();
        assert!(matches!(outcome, ClaimOutcome::Busy { .. }), "{outcome:?}");
    }
    let n_pings = pings.take();
    assert!(n_pings < N_ROWS / 2, "{n_pings} for {N_ROWS} rows");
}

#[tokio::test]
async fn a_cache_takes_one_where_there_is_a_result_and_two_where_rows_are_new() {
    let scratch = Scratch::new("cache").await;
    let counted = Counted::new(&scratch).await;
    let row = cache(request());
    let (n, outcome) = counted.n_trips(&row).await;
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)), "{outcome:?}");
    assert_eq!(n, 2, "a new row");
    counted.complete(&cache(request())).await;
    let row = cache(request());
    counted.complete(&row).await;
    let (n, outcome) = counted.n_trips(&another(&row)).await;
    assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
    assert_eq!(n, 1, "a result");
    let held = claim(&counted.store, &cache(request())).await;
    counted.store.fail(&held, &failure("failed")).await.unwrap();
}

/// Records don't take the connections of claims: with the only one in use, they are made all the same.
#[tokio::test]
async fn records_and_renewals_do_not_wait_for_the_application() {
    let scratch = Scratch::new("apart").await;
    let counted = Counted::new(&scratch).await;
    let row = request();
    let held = claim(&counted.store, &row).await;
    let taken = counted.claims.acquire().await.unwrap();
    let work = async {
        let renewed = counted.store.renew(&[held], Duration::from_secs(30)).await;
        assert_eq!(renewed.unwrap(), [held]);
        counted.store.complete(&held, &completion()).await.unwrap();
    };
    tokio::time::timeout(Duration::from_secs(5), work)
        .await
        .expect("they don't wait");
    drop(taken);
    super::expect_hit(&counted.store, &row).await;
}

/// A thousand leases are one statement, and so is its text for any number.
#[tokio::test]
async fn many_leases_are_renewed_at_once() {
    let scratch = Scratch::new("leases").await;
    let store = scratch.store().await;
    let pool = scratch.pool().await;
    let mut claims = Vec::new();
    for _ in 0..1000 {
        claims.push(claim(&store, &request()).await);
    }
    let before = n_updates(&pool).await;
    let renewed = store
        .renew(&claims, Duration::from_secs(600))
        .await
        .unwrap();
    assert_eq!(renewed.len(), 1000);
    let after = n_updates(&pool).await;
    assert!(after > before);
    store.complete(&claims[3], &completion()).await.unwrap();
    let renewed = store
        .renew(&claims, Duration::from_secs(600))
        .await
        .unwrap();
    assert_eq!(renewed.len(), 999);
    assert!(!renewed.contains(&claims[3]));
    let n: i64 = query(
        "SELECT COUNT(*) FROM step_cache WHERE lease_until > UTC_TIMESTAMP() + INTERVAL 590 SECOND",
    )
    .fetch_one(&pool)
    .await
    .unwrap()
    .get(0);
    assert_eq!(n, 999);
}

/// How many multi-table updates the server has run.
async fn n_updates(pool: &MySqlPool) -> i64 {
    let row = query("SHOW GLOBAL STATUS LIKE 'Com_update_multi'")
        .fetch_one(pool)
        .await
        .unwrap();
    row.get::<String, _>(1).parse().unwrap()
}
