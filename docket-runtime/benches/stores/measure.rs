//! The measurements, for any store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Scope, Store, Stored,
};
use tokio::task::JoinSet;

/// The least that a program would send by hand: no claim, no lease, no check.
pub(crate) trait Bare: Send + Sync + 'static {
    /// Reads the value of a row by its key.
    fn hit(&self, key: [u8; 32]) -> impl Future<Output = ()> + Send;
    /// Writes that it has begun, and then its value.
    fn miss(&self, key: [u8; 32], value: &[u8]) -> impl Future<Output = ()> + Send;
}

/// Where there is nothing to compare with.
pub(crate) struct Nothing;

impl Bare for Nothing {
    async fn hit(&self, _: [u8; 32]) {}
    async fn miss(&self, _: [u8; 32], _: &[u8]) {}
}

const N_ROUNDS: usize = 60;
const N_PER_ROUND: usize = 25;
/// How many callers at once.
const N_CALLERS: usize = 64;
/// How many operations each of them sends, one after the other, in a round.
const N_PER_CALLER: usize = 20;
const N_CROWDS: usize = 8;

/// One caller at a time: a hit, and a claim with its record.
pub(crate) async fn alone(store: &impl Store, bare: Option<&impl Bare>) {
    let hit = request();
    record(store, &hit).await;
    if let Some(bare) = bare {
        bare.miss(hit.call.key.0, VALUE).await;
    }
    let (mut hits, mut bare_hits) = (Vec::new(), Vec::new());
    let (mut misses, mut bare_misses) = (Vec::new(), Vec::new());
    for _ in 0..N_ROUNDS {
        for _ in 0..N_PER_ROUND {
            let again = another(&hit);
            hits.push(timed(expect_hit(store, &again)).await);
        }
        if let Some(bare) = bare {
            for _ in 0..N_PER_ROUND {
                bare_hits.push(timed(bare.hit(hit.call.key.0)).await);
            }
        }
        for _ in 0..N_PER_ROUND {
            misses.push(timed(record(store, &request())).await);
        }
        if let Some(bare) = bare {
            for _ in 0..N_PER_ROUND {
                bare_misses.push(timed(bare.miss(request().call.key.0, VALUE)).await);
            }
        }
    }
    report("hit, alone", hits, bare_hits);
    report("claim and record, alone", misses, bare_misses);
}

/// Many callers at once.
pub(crate) async fn crowd(store: impl Store + Clone, bare: Option<Arc<impl Bare>>) {
    let rows: Vec<_> = (0..N_CALLERS).map(|_| request()).collect();
    for row in &rows {
        record(&store, row).await;
        if let Some(bare) = &bare {
            bare.miss(row.call.key.0, VALUE).await;
        }
    }
    let (mut hits, mut bare_hits) = (Duration::ZERO, Duration::ZERO);
    let (mut misses, mut bare_misses) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..N_CROWDS {
        hits += crowd_of(|i| {
            let (store, row) = (store.clone(), another(&rows[i]));
            async move { expect_hit(&store, &row).await }
        })
        .await;
        if let Some(bare) = &bare {
            bare_hits += crowd_of(|i| {
                let (bare, key) = (bare.clone(), rows[i].call.key.0);
                async move { bare.hit(key).await }
            })
            .await;
        }
        misses += crowd_of(|_| {
            let store = store.clone();
            async move { record(&store, &request()).await }
        })
        .await;
        if let Some(bare) = &bare {
            bare_misses += crowd_of(|_| {
                let bare = bare.clone();
                async move { bare.miss(request().call.key.0, VALUE).await }
            })
            .await;
        }
    }
    throughput("hits", hits, bare_hits);
    throughput("claims and records", misses, bare_misses);
}

async fn crowd_of<F: Future<Output = ()> + Send + 'static>(send: impl Fn(usize) -> F) -> Duration {
    let sends: Vec<Vec<F>> = (0..N_CALLERS)
        .map(|caller| (0..N_PER_CALLER).map(|_| send(caller)).collect())
        .collect();
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for sends in sends {
        callers.spawn(async move {
            for send in sends {
                send.await;
            }
        });
    }
    callers.join_all().await;
    start.elapsed()
}

async fn timed(done: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    done.await;
    start.elapsed()
}

fn report(what: &str, mut times: Vec<Duration>, mut bare: Vec<Duration>) {
    let at = |share: f64, times: &mut Vec<Duration>| {
        times.sort_unstable();
        let at = (times.len() as f64 * share) as usize;
        times.get(at).map_or(f64::NAN, |it| it.as_secs_f64() * 1e6)
    };
    let (median, p99) = (at(0.5, &mut times), at(0.99, &mut times));
    print!("  {what}: median {median:.1} µs, p99 {p99:.1} µs");
    if !bare.is_empty() {
        let (bare_median, bare_p99) = (at(0.5, &mut bare), at(0.99, &mut bare));
        let ratio = median / bare_median;
        print!("; by hand {bare_median:.1} and {bare_p99:.1} µs; ratio of the medians {ratio:.2}");
    }
    println!();
}

fn throughput(what: &str, time: Duration, bare: Duration) {
    let n = (N_CROWDS * N_CALLERS * N_PER_CALLER) as f64;
    let (rate, bare_rate) = (n / time.as_secs_f64(), n / bare.as_secs_f64());
    print!("  {N_CALLERS} callers, {what}: {rate:.0}/s");
    if !bare.is_zero() {
        let times = rate / bare_rate;
        print!("; by hand, a statement each: {bare_rate:.0}/s; {times:.2} times");
    }
    println!();
}

const VALUE: &[u8] = &[7; 200];

fn request() -> ClaimRequest {
    let mut key = [0; 32];
    key[..16].copy_from_slice(ClaimId::random().as_bytes());
    ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "bench".into(),
            scope: Scope::Global,
            execution_id: "request-1".into(),
            step_name: "ChargeCard",
            step_version: 1,
            input_hash: InputHash([7; 32]),
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

fn another(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        claim_id: ClaimId::random(),
        ..request.clone()
    }
}

async fn record(store: &impl Store, request: &ClaimRequest) {
    let outcome = store.claim(request).await.expect("the store answers");
    let ClaimOutcome::Claimed(claimed) = outcome else {
        panic!("a new row is claimed, and not {outcome:?}");
    };
    let claim = ClaimRef {
        key: request.call.key,
        claim_id: request.claim_id,
        fence: claimed.fence,
    };
    let completion = Completion {
        value: Stored {
            bytes: Some(VALUE.into()),
            codec: 1,
            shared: None,
            expires_in: None,
        },
        json: None,
        ttl: Some(Duration::from_secs(600)),
        stale: None,
        metadata: r#"{"provider":"stripe"}"#.into(),
    };
    store
        .complete(&claim, &completion)
        .await
        .expect("the store answers");
}

async fn expect_hit(store: &impl Store, request: &ClaimRequest) {
    let outcome = store.claim(request).await.expect("the store answers");
    assert!(matches!(outcome, ClaimOutcome::Hit(_)), "{outcome:?}");
}
