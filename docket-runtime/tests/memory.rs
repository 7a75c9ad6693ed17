//! The store in memory.

use std::sync::Arc;
use std::time::Duration;

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Durability, MemoryStore,
    Scope, Store, StoreError, Stored, conformance,
};
use docket_runtime::testing::store_suite;

store_suite!(suite, start_paused = true, async { MemoryStore::new() });

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crowds_on_several_threads_get_one_holder() {
    conformance::check_crowds(&Arc::new(MemoryStore::new()), 300).await;
}

#[test]
fn it_is_for_this_process() {
    assert_eq!(MemoryStore::new().durability(), Durability::Process);
}

fn request(number: u32, repeat: bool) -> ClaimRequest {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&number.to_le_bytes());
    ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "".into(),
            scope: Scope::Global,
            execution_id: "".into(),
            step_name: "step",
            step_version: 0,
            input_hash: InputHash([0; 32]),
        },
        claim_id: ClaimId::random(),
        holder: "".into(),
        lease: Duration::from_secs(30),
        retry_failed: repeat,
        repeat_lost: repeat,
        replace: false,
        reconcile: false,
        max_attempts: 3,
        is_cache: false,
        stale: None,
    }
}

async fn claim(store: &MemoryStore, request: &ClaimRequest) -> Result<ClaimRef, StoreError> {
    match store.claim(request).await? {
        ClaimOutcome::Claimed(claimed) => Ok(ClaimRef {
            key: request.call.key,
            claim_id: request.claim_id,
            fence: claimed.fence,
        }),
        other => panic!("{other:?}"),
    }
}

async fn succeed(store: &MemoryStore, request: &ClaimRequest, ttl: Option<Duration>) {
    let claim = claim(store, request).await.unwrap();
    let completion = Completion {
        value: Stored {
            bytes: Some([1].as_slice().into()),
            codec: 1,
            shared: Some(Arc::new(1u8)),
            expires_in: None,
        },
        json: None,
        ttl,
        stale: None,
        metadata: "{}".into(),
    };
    store.complete(&claim, &completion).await.unwrap();
}

async fn is_hit(store: &MemoryStore, number: u32) -> bool {
    let outcome = store.claim(&request(number, true)).await;
    matches!(outcome, Ok(ClaimOutcome::Hit(_)))
}

#[tokio::test]
async fn a_hit_is_the_value_itself() {
    let store = MemoryStore::new();
    succeed(&store, &request(1, true), None).await;
    let ClaimOutcome::Hit(stored) = store.claim(&request(1, true)).await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(*stored.shared.unwrap().downcast::<u8>().unwrap(), 1);
}

#[tokio::test]
async fn a_full_store_forgets_the_oldest_result_that_may_be_made_again() {
    let store = MemoryStore::with_capacity(3);
    succeed(&store, &request(1, false), None).await;
    succeed(&store, &request(2, true), None).await;
    succeed(&store, &request(3, true), None).await;
    succeed(&store, &request(4, true), None).await;
    assert_eq!(store.len(), 3);
    assert!(is_hit(&store, 1).await, "a result of `never` is kept");
    assert!(is_hit(&store, 3).await && is_hit(&store, 4).await);
}

#[tokio::test(start_paused = true)]
async fn a_store_full_of_what_must_be_kept_refuses_a_claim_until_something_expires() {
    let store = MemoryStore::with_capacity(3);
    let ttl = Duration::from_secs(60);
    succeed(&store, &request(1, false), None).await;
    succeed(&store, &request(2, false), Some(ttl)).await;
    claim(&store, &request(3, true)).await.unwrap();
    let error = claim(&store, &request(4, true)).await.unwrap_err();
    assert!(
        error.to_string().contains("full of rows that must be kept"),
        "{error}"
    );
    assert!(!error.is_retryable());

    tokio::time::advance(ttl).await;
    claim(&store, &request(4, true)).await.unwrap();
    assert!(is_hit(&store, 1).await);
    assert_eq!(store.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_made_anew_again_and_again_take_no_more_memory() {
    let store = MemoryStore::with_capacity(10);
    for _ in 0..1000 {
        succeed(&store, &request(1, true), Some(Duration::from_secs(1))).await;
        tokio::time::advance(Duration::from_secs(2)).await;
    }
    for number in 2..100 {
        succeed(&store, &request(number, true), None).await;
    }
    assert_eq!(store.len(), 10);
}

#[tokio::test]
async fn a_clone_is_the_same_store() {
    let store = MemoryStore::new();
    succeed(&store.clone(), &request(1, true), None).await;
    assert!(is_hit(&store, 1).await);
    store.clear();
    assert!(store.is_empty());
}
