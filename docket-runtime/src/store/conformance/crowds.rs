//! What holds among many callers at once.

use std::sync::Arc;

use super::super::Write;
use super::*;

const N_CALLERS: usize = 16;

pub(super) async fn check<S: Store>(store: &Arc<S>, n_rounds: u32) {
    for _ in 0..n_rounds {
        one_of_many_claims_a_new_row(store).await;
        one_of_many_takes_over_a_failed_row(store).await;
    }
    for _ in 0..n_rounds.div_ceil(10) {
        one_of_many_takes_over_what_has_expired(store).await;
    }
    each_caller_gets_the_one_result(store).await;
}

/// The outcomes of `N_CALLERS` callers of one row.
async fn ask_at_once<S: Store>(store: &Arc<S>, request: &ClaimRequest) -> Vec<ClaimOutcome> {
    let callers: Vec<_> = (0..N_CALLERS)
        .map(|_| {
            let (store, request) = (store.clone(), another(request));
            tokio::spawn(async move { ask_patiently(&*store, &request).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("no caller panics"));
    }
    outcomes
}

/// A crowd may keep a store from answering one of them for a while.
async fn ask_patiently(store: &impl Store, request: &ClaimRequest) -> ClaimOutcome {
    loop {
        match store.claim(request).await {
            Ok(outcome) => return outcome,
            Err(error) if error.is_retryable() => sleep(Duration::from_millis(5)).await,
            Err(error) => panic!("the store refused a claim: {error:?}"),
        }
    }
}

fn n_claimed(outcomes: &[ClaimOutcome]) -> usize {
    let is_claimed = |it: &&ClaimOutcome| matches!(it, ClaimOutcome::Claimed(_));
    let is_busy = |it: &&ClaimOutcome| matches!(it, ClaimOutcome::Busy { .. });
    let n_claimed = outcomes.iter().filter(is_claimed).count();
    let n_busy = outcomes.iter().filter(is_busy).count();
    assert_eq!(
        n_claimed + n_busy,
        N_CALLERS,
        "the others wait: {outcomes:?}"
    );
    n_claimed
}

async fn one_of_many_claims_a_new_row<S: Store>(store: &Arc<S>) {
    let outcomes = ask_at_once(store, &request()).await;
    assert_eq!(n_claimed(&outcomes), 1, "one of many claims a new row");
}

async fn one_of_many_takes_over_a_failed_row<S: Store>(store: &Arc<S>) {
    let request = request();
    let (claim, _) = win(&**store, &request).await;
    store.fail(&claim, &failure()).await.expect("fails");
    let outcomes = ask_at_once(store, &request).await;
    assert_eq!(n_claimed(&outcomes), 1, "one of many retries a failed row");
}

async fn one_of_many_takes_over_what_has_expired<S: Store>(store: &Arc<S>) {
    let expired = request();
    let (claim, _) = win(&**store, &expired).await;
    store
        .complete(&claim, &success_for(SHORT))
        .await
        .expect("completes");
    let lost = with_lease(SHORT, request());
    win(&**store, &lost).await;
    pass().await;
    for request in [expired, with_lease(LONG, lost)] {
        let outcomes = ask_at_once(store, &request).await;
        assert_eq!(n_claimed(&outcomes), 1, "one of many takes over");
    }
}

/// All of them poll until the result is there. It was made once, and they all get it.
async fn each_caller_gets_the_one_result<S: Store>(store: &Arc<S>) {
    let request = request();
    let callers: Vec<_> = (0..N_CALLERS)
        .map(|i| {
            let (store, request) = (store.clone(), another(&request));
            tokio::spawn(async move { obtain(&*store, &request, i as u8).await })
        })
        .collect();
    let mut values = Vec::new();
    for caller in callers {
        values.push(caller.await.expect("no caller panics"));
    }
    values.dedup();
    assert_eq!(values.len(), 1, "all callers get one result: {values:?}");
}

async fn obtain(store: &impl Store, request: &ClaimRequest, mine: u8) -> Vec<u8> {
    loop {
        match ask_patiently(store, request).await {
            ClaimOutcome::Claimed(claimed) => {
                sleep(Duration::from_millis(20)).await;
                let claim = claim_ref(request, claimed);
                let written = store.complete(&claim, &success(&[mine])).await;
                assert_eq!(written.expect("completes"), Write::Recorded);
            }
            ClaimOutcome::Busy { .. } => sleep(Duration::from_millis(5)).await,
            outcome => return hit(outcome, "the result of one of them"),
        }
    }
}
