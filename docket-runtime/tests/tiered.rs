//! Copies in memory of what a shared store has, by the paused clock of tokio.

mod counting;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket_runtime::key::InputHash;
use docket_runtime::store::{
    ClaimOutcome, ClaimRequest, Completion, Durability, Failure, FailureStatus, MemoryStore, Store,
    Stored, Tiered, Write, conformance,
};
use docket_runtime::testing::store_suite;
use tokio::time::{advance, sleep};

use crate::shop::{self, another, claim, claim_ref, expect_hit};
use counting::{Counting, Shared, process};

const MINUTE: Duration = Duration::from_secs(60);

store_suite!(suite, start_paused = true, async {
    Tiered::new(MemoryStore::new(), MemoryStore::new())
});

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crowds_get_one_holder() {
    let store = Tiered::new(MemoryStore::new(), MemoryStore::new());
    conformance::check_crowds(&Arc::new(store), 100).await;
}

#[tokio::test(start_paused = true)]
async fn a_hit_in_memory_is_no_round_trip() {
    let (process, shared) = process(&Shared::default());
    let request = request();
    record(&process, &request, None).await;
    assert_eq!(shared.take_trips(), 2, "a miss");
    for _ in 0..100 {
        assert_eq!(hit(&process, &request).await, b"1");
    }
    assert_eq!(shared.take_trips(), 0, "what was recorded here is near");
}

#[tokio::test(start_paused = true)]
async fn what_another_process_has_recorded_is_asked_for_once() {
    let shared = Shared::default();
    let ((one, _), (other, trips)) = (process(&shared), process(&shared));
    let request = request();
    record(&one, &request, None).await;
    trips.take_trips();
    for _ in 0..100 {
        assert_eq!(hit(&other, &request).await, b"1");
    }
    assert_eq!(trips.take_trips(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_kept_for_a_minute_give_or_take_a_tenth() {
    let (process, shared) = process(&Shared::default());
    let mut requests = Vec::new();
    for _ in 0..200 {
        let request = request();
        record(&process, &request, None).await;
        requests.push(request);
    }
    shared.take_trips();
    let n_asked = async |after: Duration| {
        advance(after).await;
        for request in &requests {
            hit(&process, request).await;
        }
        shared.take_trips()
    };
    assert_eq!(n_asked(MINUTE / 10 * 9).await, 0, "after 54 seconds");
    let n_at_60 = n_asked(MINUTE / 10).await;
    assert!((50..150).contains(&n_at_60), "{n_at_60} of 200 are gone");
    let n_at_66 = n_asked(MINUTE / 10 + Duration::from_millis(1)).await;
    assert_eq!(
        n_at_60 + n_at_66,
        200,
        "after 66 seconds all were asked for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_does_not_outlive_its_row() {
    let shared = Shared::default();
    let ((one, _), (other, _)) = (process(&shared), process(&shared));
    let request = request();
    record(&one, &request, Some(Duration::from_secs(20))).await;
    advance(Duration::from_secs(15)).await;
    assert_eq!(hit(&one, &request).await, b"1");
    assert_eq!(
        hit(&other, &request).await,
        b"1",
        "copied with 5 seconds left"
    );
    advance(Duration::from_secs(5)).await;
    for process in [&one, &other] {
        let claimed = process.claim(&another(&request)).await.unwrap();
        let ClaimOutcome::Claimed(claimed) = claimed else {
            panic!("the row has expired, and there is {claimed:?}");
        };
        assert_eq!(claimed.attempt, 1);
        shared.0.clear();
    }
}

/// The next answer may be a fresh value, which another process has made.
#[tokio::test(start_paused = true)]
async fn a_stale_value_is_asked_for_each_time_and_one_process_makes_it_anew() {
    let shared = Shared::default();
    let ((one, trips), (other, trips_of_other)) = (process(&shared), process(&shared));
    let request = ClaimRequest {
        stale: Some(10 * MINUTE),
        ..request()
    };
    record(&one, &request, Some(MINUTE)).await;
    advance(2 * MINUTE).await;
    trips.take_trips();

    let refreshing = another(&request);
    let ClaimOutcome::Stale {
        claimed: Some(claimed),
        ..
    } = one.claim(&refreshing).await.unwrap()
    else {
        panic!("it has expired, and can be claimed");
    };
    for store in [&one, &other, &one] {
        let outcome = store.claim(&another(&request)).await.unwrap();
        let ClaimOutcome::Stale { claimed: None, .. } = outcome else {
            panic!("it is being made anew, and not {outcome:?}");
        };
    }
    assert_eq!((trips.take_trips(), trips_of_other.take_trips()), (3, 1));

    let held = claim_ref(&refreshing, claimed.fence);
    let fresh = completion_of(b"2", Some(MINUTE));
    assert_eq!(one.complete(&held, &fresh).await.unwrap(), Write::Recorded);
    trips.take_trips();
    for store in [&one, &other, &one, &other] {
        assert_eq!(hit(store, &request).await, b"2");
    }
    assert_eq!((trips.take_trips(), trips_of_other.take_trips()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn copies_may_be_kept_longer_or_not_at_all() {
    let request = request();
    for (near_ttl, n_trips) in [(MINUTE * 60, 0), (Duration::ZERO, 1), (Duration::MAX, 0)] {
        let (process, shared) = process(&Shared::default());
        let process = process.near_ttl(near_ttl);
        record(&process, &request, None).await;
        shared.take_trips();
        advance(MINUTE * 50).await;
        hit(&process, &request).await;
        assert_eq!(shared.take_trips(), n_trips, "{near_ttl:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_caches_have_copies() {
    let memory = MemoryStore::new();
    let shared = Counting::new(&Shared::default());
    let process = Tiered::new(memory.clone(), shared.clone());
    let request = ClaimRequest {
        is_cache: false,
        stale: None,
        ..request()
    };
    record(&process, &request, None).await;
    hit(&process, &request).await;
    hit(&process, &request).await;
    assert_eq!(shared.take_trips(), 4);
    assert!(memory.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_has_no_value_has_no_copy() {
    let memory = MemoryStore::new();
    let process = Tiered::new(memory.clone(), MemoryStore::new());
    let held = claim(&process, &request()).await;
    process.fail(&held, &failure()).await.unwrap();
    assert!(memory.is_empty(), "a failure");
    let held = claim(&process, &request()).await;
    process.release(&held).await.unwrap();
    let written = process.complete(&held, &completion(None)).await.unwrap();
    assert_eq!(written, Write::Fenced);
    assert!(memory.is_empty(), "what is not recorded");
    let request = request();
    let held = claim(&process, &request).await;
    let mut omitted = completion(None);
    omitted.value.bytes = None;
    process.complete(&held, &omitted).await.unwrap();
    process.claim(&another(&request)).await.unwrap();
    assert!(memory.is_empty(), "a result without its value");
}

#[tokio::test(start_paused = true)]
async fn other_inputs_are_drift_in_spite_of_a_copy() {
    let (process, _) = process(&Shared::default());
    let request = request();
    record(&process, &request, None).await;
    let mut other = another(&request);
    other.call.input_hash = InputHash([8; 32]);
    let outcome = process.claim(&other).await.unwrap();
    assert!(matches!(outcome, ClaimOutcome::Drift { .. }), "{outcome:?}");
}

/// A reader who can't decode a result asks the shared store for the row.
#[tokio::test(start_paused = true)]
async fn a_copy_does_not_stand_in_the_way_of_a_replacement() {
    let shared = Shared::default();
    let (process, trips) = process(&shared);
    let request = request();
    record(&process, &request, None).await;
    let replacing = ClaimRequest {
        replace: true,
        ..another(&request)
    };
    let held = claim(&process, &replacing).await;
    match process.claim(&another(&request)).await.unwrap() {
        ClaimOutcome::Busy { .. } => {}
        other => panic!("the old copy is gone, and there is {other:?}"),
    }
    process
        .complete(&held, &completion_of(b"2", None))
        .await
        .unwrap();
    trips.take_trips();
    assert_eq!(hit(&process, &request).await, b"2");
    assert_eq!(trips.take_trips(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_value_is_shared_with_its_copy() {
    let (process, _) = process(&Shared::default());
    let request = request();
    let held = claim(&process, &request).await;
    let mut shared = completion(None);
    shared.value.shared = Some(Arc::new(7u8));
    process.complete(&held, &shared).await.unwrap();
    let ClaimOutcome::Hit(stored) = process.claim(&another(&request)).await.unwrap() else {
        panic!("it was recorded");
    };
    let value = stored.shared.unwrap().downcast::<u8>().unwrap();
    assert_eq!(*value, 7);
}

#[tokio::test(start_paused = true)]
async fn the_memory_is_bounded() {
    let memory = MemoryStore::with_capacity(10);
    let process = Tiered::new(memory.clone(), MemoryStore::new());
    let requests: Vec<_> = (0..50).map(|_| request()).collect();
    for request in &requests {
        record(&process, request, None).await;
        hit(&process, request).await;
    }
    assert_eq!(memory.len(), 10);
    for request in &requests {
        assert_eq!(hit(&process, request).await, b"1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_purge_frees_copies_and_counts_rows() {
    let memory = MemoryStore::new();
    let process = Tiered::new(memory.clone(), MemoryStore::new());
    record(&process, &request(), Some(Duration::from_secs(1))).await;
    record(&process, &request(), None).await;
    advance(MINUTE * 2).await;
    assert_eq!(process.purge(10).await.unwrap(), 1);
    assert!(memory.is_empty());
}

#[test]
fn it_promises_what_the_shared_store_promises() {
    let (process, _) = process(&Shared::default());
    assert_eq!(process.durability(), Durability::Durable);
}

/// Callers of two processes, one after another by chance: each process asks until the result is near, and one of all runs.
#[tokio::test(start_paused = true)]
async fn one_of_all_processes_runs() {
    let shared = Shared::default();
    let processes = [process(&shared).0, process(&shared).0];
    let request = request();
    let n_runs = Arc::new(AtomicU32::new(0));
    let mut callers = tokio::task::JoinSet::new();
    for i in 0..40 {
        let (process, request) = (processes[i % 2].clone(), another(&request));
        let n_runs = n_runs.clone();
        callers.spawn(async move {
            loop {
                match process.claim(&request).await.unwrap() {
                    ClaimOutcome::Claimed(claimed) => {
                        n_runs.fetch_add(1, Ordering::SeqCst);
                        sleep(Duration::from_millis(50)).await;
                        let held = claim_ref(&request, claimed.fence);
                        process.complete(&held, &completion(None)).await.unwrap();
                    }
                    ClaimOutcome::Hit(stored) => return stored.bytes.unwrap().to_vec(),
                    ClaimOutcome::Busy { .. } => sleep(Duration::from_millis(10)).await,
                    other => panic!("{other:?}"),
                }
            }
        });
    }
    let mut values = HashSet::new();
    while let Some(value) = callers.join_next().await {
        values.insert(value.unwrap());
    }
    assert_eq!((values.len(), n_runs.load(Ordering::SeqCst)), (1, 1));
}

/// Of a cache: a copy in memory will do.
fn request() -> ClaimRequest {
    ClaimRequest {
        is_cache: true,
        ..shop::request()
    }
}

async fn record(store: &impl Store, request: &ClaimRequest, ttl: Option<Duration>) {
    let held = claim(store, request).await;
    let written = store.complete(&held, &completion(ttl)).await.unwrap();
    assert_eq!(written, Write::Recorded);
}

async fn hit(store: &impl Store, request: &ClaimRequest) -> Vec<u8> {
    expect_hit(store, request).await.bytes.unwrap().to_vec()
}

fn completion(ttl: Option<Duration>) -> Completion {
    completion_of(b"1", ttl)
}

fn completion_of(bytes: &[u8], ttl: Option<Duration>) -> Completion {
    Completion {
        value: Stored {
            bytes: Some(bytes.into()),
            codec: 2,
            shared: None,
            expires_in: None,
        },
        json: None,
        ttl,
        stale: None,
        metadata: "{}".into(),
    }
}

fn failure() -> Failure {
    Failure {
        status: FailureStatus::Failed,
        code: "failed",
        error: "connection refused".to_owned(),
        retry_in: Duration::ZERO,
        ttl: None,
        metadata: "{}".into(),
    }
}
