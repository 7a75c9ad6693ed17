//! What a claim gets after a run of hits, by which a store may have come to expect another.

use super::*;
use crate::key::InputHash;

/// More than any store waits for.
const RUN: usize = 24;

pub(super) async fn check(store: &impl Store) {
    let known = of_step(request());
    let (claim, _) = win(store, &known).await;
    record(store, &claim, &success(b"known")).await;
    hits_are_hits(store, &known).await;
    a_result_without_a_value_is_a_hit(store, &known).await;
    other_inputs_are_a_drift(store, &known).await;
    what_is_replaced_is_claimed(store, &known).await;
    a_new_row_is_claimed(store, &known).await;
    an_expired_row_is_claimed(store, &known).await;
    what_is_no_result_is_told(store, &known).await;
}

/// Hits and claims of one step, so that a store that counts them counts them together.
fn of_step(mut request: ClaimRequest) -> ClaimRequest {
    request.call.step_name = "CheckRuns";
    request
}

async fn run(store: &impl Store, known: &ClaimRequest) {
    for _ in 0..RUN {
        let outcome = ask(store, &another(known)).await;
        assert_eq!(hit(outcome, "a hit after others"), b"known");
    }
}

async fn record(store: &impl Store, claim: &ClaimRef, completion: &Completion) {
    let written = store.complete(claim, completion).await;
    written.expect("the store takes a success");
}

async fn hits_are_hits(store: &impl Store, known: &ClaimRequest) {
    let (brief, ttl) = (of_step(request()), Duration::from_secs(60));
    let (claim, _) = win(store, &brief).await;
    record(store, &claim, &success_for(ttl)).await;
    run(store, known).await;
    match ask(store, &another(&brief)).await {
        ClaimOutcome::Hit(Stored {
            bytes,
            codec,
            expires_in,
            ..
        }) => {
            assert_eq!((bytes.as_deref(), codec), (Some(&b"brief"[..]), 2));
            let left = expires_in.expect("a hit says how long it counts");
            assert!(left <= ttl && left > ttl / 2, "{left:?} are left");
        }
        other => panic!("a hit after others, and it is {other:?}"),
    }
}

async fn a_result_without_a_value_is_a_hit(store: &impl Store, known: &ClaimRequest) {
    let request = of_step(request());
    let (claim, _) = win(store, &request).await;
    let mut omitted = success(b"");
    omitted.value.bytes = None;
    record(store, &claim, &omitted).await;
    run(store, known).await;
    let outcome = ask(store, &another(&request)).await;
    let is_hit = matches!(&outcome, ClaimOutcome::Hit(stored) if stored.bytes.is_none());
    assert!(is_hit, "a result without a value, and it is {outcome:?}");
}

async fn other_inputs_are_a_drift(store: &impl Store, known: &ClaimRequest) {
    run(store, known).await;
    let mut drifted = another(known);
    drifted.call.input_hash = InputHash([8; 32]);
    let outcome = ask(store, &drifted).await;
    let is_drift = matches!(outcome, ClaimOutcome::Drift { stored } if stored.0 == [7; 32]);
    assert!(is_drift, "other inputs, and it is {outcome:?}");
}

async fn what_is_replaced_is_claimed(store: &impl Store, known: &ClaimRequest) {
    let request = of_step(request());
    let (claim, _) = win(store, &request).await;
    record(store, &claim, &success(b"undecodable")).await;
    run(store, known).await;
    let replacing = ClaimRequest {
        replace: true,
        ..another(&request)
    };
    let outcome = ask(store, &replacing).await;
    assert_eq!(claimed(outcome, "a result to be replaced").attempt, 2);
}

async fn a_new_row_is_claimed(store: &impl Store, known: &ClaimRequest) {
    run(store, known).await;
    let request = of_step(request());
    let (claim, first) = win(store, &request).await;
    assert_eq!(first.attempt, 1);
    record(store, &claim, &success(b"new")).await;
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "the new row"), b"new");
}

async fn an_expired_row_is_claimed(store: &impl Store, known: &ClaimRequest) {
    run(store, known).await;
    let request = of_step(request());
    let (claim, _) = win(store, &request).await;
    record(store, &claim, &success_for(SHORT)).await;
    run(store, known).await;
    pass().await;
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(claimed(outcome, "a row that has expired").attempt, 1);
}

async fn what_is_no_result_is_told(store: &impl Store, known: &ClaimRequest) {
    let request = of_step(request());
    let (claim, won) = win(store, &request).await;
    run(store, known).await;
    let outcome = ask(store, &another(&request)).await;
    let is_busy = matches!(outcome, ClaimOutcome::Busy { fence, .. } if fence == won.fence);
    assert!(is_busy, "a row that is held, and it is {outcome:?}");
    let written = store.fail(&claim, &failure()).await;
    written.expect("the store takes a failure");
    let asking = ClaimRequest {
        retry_failed: false,
        ..another(&request)
    };
    let outcome = ask(store, &asking).await;
    let is_failed = matches!(outcome, ClaimOutcome::Failed { fence, .. } if fence == won.fence);
    assert!(is_failed, "a failure, and it is {outcome:?}");
    run(store, known).await;
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(claimed(outcome, "the next attempt").attempt, 2);
}
