//! What every [`Store`] must do, as a test: run it against one of your own.
//!
//! ```
//! # use docket_runtime::store::{MemoryStore, conformance};
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! conformance::check(MemoryStore::new()).await;
//! # }
//! ```
//!
//! The suite uses fresh keys, so it may run on a table that is in use, though what has expired there is purged. It lets
//! short leases lapse by [`tokio::time::sleep`]: a store with a clock of its own takes some seconds, and one on tokio's
//! clock none, where the clock is paused.

mod claims;
mod crowds;
mod doubts;
mod histories;
mod leases;
mod records;
mod runs;
mod stale;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{
    Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Claimed, Completion, Failure,
    FailureStatus, Scope, Store, Stored,
};
use crate::key::{CacheKey, InputHash};

/// Never lapses within a test.
const LONG: Duration = Duration::from_secs(600);
/// Lapses within [`pass`]. Whatever a test does before it must take less than this.
const SHORT: Duration = Duration::from_millis(300);

/// Checks all there is, one after the other. As tests with names of their own, run at the same time:
/// [`store_suite!`](crate::testing::store_suite).
///
/// # Panics
///
/// If the store breaks a rule, in words that name it.
pub async fn check<S: Store>(store: S) {
    let store = Arc::new(store);
    check_claims(&*store).await;
    check_records(&*store).await;
    check_leases(&*store).await;
    check_doubts(&*store).await;
    check_stale(&*store).await;
    check_crowds(&store, 20).await;
    check_histories(&*store, 0..50).await;
}

/// Checks who gets a row.
///
/// # Panics
///
/// As [`check`]; so do all the others.
pub async fn check_claims(store: &impl Store) {
    claims::check(store).await;
    runs::check(store).await;
}

/// Checks what a holder may write.
pub async fn check_records(store: &impl Store) {
    records::check(store).await;
}

/// Checks what time does to a row.
pub async fn check_leases(store: &impl Store) {
    leases::check(store).await;
}

/// Checks what becomes of rows whose holders were lost.
pub async fn check_doubts(store: &impl Store) {
    doubts::check(store).await;
}

/// Checks what becomes of values that have expired, where they may be used while another is made.
pub async fn check_stale(store: &impl Store) {
    stale::check(store).await;
}

/// Checks what holds among many callers at once, in `n_rounds` of 16 callers each. Worth running for long, and on several
/// threads.
pub async fn check_crowds<S: Store>(store: &Arc<S>, n_rounds: u32) {
    crowds::check(store, n_rounds).await;
}

/// Checks that random histories of one row come out as in a [`MemoryStore`](super::MemoryStore): one of 30 moves for each of
/// `seeds`. Worth running with many.
///
/// # Panics
///
/// Where they don't, with the seed, and with the moves that it takes to show it: those without which it doesn't are left out.
pub async fn check_histories(store: &impl Store, seeds: Range<u64>) {
    histories::check(store, seeds).await;
}

/// Long enough for [`SHORT`] times to be over, by clocks of milliseconds too.
async fn pass() {
    sleep(SHORT + Duration::from_millis(20)).await;
}

/// A request for a key that nobody else has, of a step that may be repeated.
pub(super) fn request() -> ClaimRequest {
    let mut key = [0; 32];
    key[..16].copy_from_slice(ClaimId::random().as_bytes());
    key[16..].copy_from_slice(ClaimId::random().as_bytes());
    ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "conformance".into(),
            scope: Scope::Workflow,
            execution_id: "execution-1".into(),
            step_name: "CheckConformance",
            step_version: 3,
            input_hash: InputHash([7; 32]),
        },
        claim_id: ClaimId::random(),
        holder: "host/1/00000000".into(),
        lease: LONG,
        retry_failed: true,
        repeat_lost: true,
        replace: false,
        reconcile: false,
        max_attempts: 3,
        is_cache: false,
        stale: None,
    }
}

/// The same of a step that must not be repeated.
fn request_never() -> ClaimRequest {
    ClaimRequest {
        retry_failed: false,
        repeat_lost: false,
        ..request()
    }
}

/// The same call, by another caller.
fn another(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        claim_id: ClaimId::random(),
        holder: "host/2/00000000".into(),
        ..request.clone()
    }
}

fn with_lease(lease: Duration, request: ClaimRequest) -> ClaimRequest {
    ClaimRequest { lease, ..request }
}

async fn ask(store: &impl Store, request: &ClaimRequest) -> ClaimOutcome {
    store
        .claim(request)
        .await
        .expect("the store answers a claim")
}

/// Claims what must be there to be claimed.
#[track_caller]
fn claimed(outcome: ClaimOutcome, rule: &str) -> Claimed {
    match outcome {
        ClaimOutcome::Claimed(claimed) => claimed,
        other => panic!("{rule}: the row should have been claimed, and is {other:?}"),
    }
}

async fn win(store: &impl Store, request: &ClaimRequest) -> (ClaimRef, Claimed) {
    let claimed = claimed(ask(store, request).await, "a row that may be claimed");
    (claim_ref(request, claimed), claimed)
}

fn claim_ref(request: &ClaimRequest, claimed: Claimed) -> ClaimRef {
    ClaimRef {
        key: request.call.key,
        claim_id: request.claim_id,
        fence: claimed.fence,
    }
}

fn success(bytes: &[u8]) -> Completion {
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
        metadata: r#"{"attempt":1,"provider":"stripe"}"#.into(),
    }
}

fn success_for(ttl: Duration) -> Completion {
    Completion {
        ttl: Some(ttl),
        ..success(b"brief")
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

fn rejection() -> Failure {
    Failure {
        code: "rejected",
        error: "card declined".to_owned(),
        ..failure()
    }
}

fn doubt() -> Failure {
    Failure {
        status: FailureStatus::Unknown,
        code: "in_doubt",
        error: "connection reset".to_owned(),
        ..failure()
    }
}

/// The bytes of a hit.
#[track_caller]
fn hit(outcome: ClaimOutcome, rule: &str) -> Vec<u8> {
    match outcome {
        ClaimOutcome::Hit(Stored {
            bytes: Some(bytes),
            codec: 2,
            ..
        }) => bytes.to_vec(),
        other => panic!("{rule}: there should have been a value, and there is {other:?}"),
    }
}
