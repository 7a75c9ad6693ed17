//! Values that have expired, and may be used while another is made.

use super::super::Write;
use super::*;

/// How long ago, at most, a value has expired that [`stale_request`] uses.
const STALE: Duration = LONG;

pub(super) async fn check(store: &impl Store) {
    who_gets_the_row_gets_the_expired_value_too(store).await;
    while_it_is_made_anew_others_get_the_expired_value(store).await;
    a_failure_leaves_the_expired_value_as_it_was(store).await;
    a_failure_takes_the_place_of_a_value_whose_time_is_over(store).await;
    a_claim_given_back_leaves_the_expired_value(store).await;
    a_success_without_a_value_takes_its_place(store).await;
    it_is_not_for_those_who_do_not_ask_for_it(store).await;
    it_is_not_for_other_inputs(store).await;
    it_has_its_time(store).await;
    it_is_spared_by_the_purge(store).await;
}

fn stale_request() -> ClaimRequest {
    ClaimRequest {
        is_cache: true,
        stale: Some(STALE),
        ..request()
    }
}

fn brief(bytes: &[u8]) -> Completion {
    Completion {
        ttl: Some(SHORT),
        stale: Some(STALE),
        ..success(bytes)
    }
}

/// A request for a value that has expired.
async fn expired(store: &impl Store) -> ClaimRequest {
    let request = stale_request();
    let (claim, _) = win(store, &request).await;
    let written = store.complete(&claim, &brief(b"old")).await;
    assert_eq!(written.expect("completes"), Write::Recorded);
    pass().await;
    request
}

/// The bytes of a stale value, and the claim that came with it.
#[track_caller]
fn stale(outcome: ClaimOutcome, rule: &str) -> (Vec<u8>, Option<Claimed>) {
    match outcome {
        ClaimOutcome::Stale {
            value:
                Stored {
                    bytes: Some(bytes),
                    codec: 2,
                    ..
                },
            by,
            claimed,
        } => {
            assert!(by < STALE / 2, "{rule}: it expired {by:?} ago");
            (bytes.to_vec(), claimed)
        }
        other => panic!("{rule}: there should have been a stale value, and there is {other:?}"),
    }
}

/// Claims what is stale.
async fn refresh(store: &impl Store, request: &ClaimRequest, rule: &str) -> (ClaimRef, Claimed) {
    let (bytes, claimed) = stale(ask(store, request).await, rule);
    assert_eq!(bytes, b"old", "{rule}");
    let claimed = claimed.unwrap_or_else(|| panic!("{rule}: it should have been claimed"));
    (claim_ref(request, claimed), claimed)
}

#[track_caller]
fn expect_only_stale(outcome: ClaimOutcome, rule: &str) {
    let (bytes, claimed) = stale(outcome, rule);
    assert_eq!((&*bytes, claimed), (&b"old"[..], None), "{rule}");
}

async fn who_gets_the_row_gets_the_expired_value_too(store: &impl Store) {
    let request = another(&expired(store).await);
    let (claim, first) = refresh(store, &request, "the first after it has expired").await;
    assert_eq!((first.attempt, first.starts), (1, 1), "it starts over");
    let (_, again) = refresh(store, &request, "the same claim sent again").await;
    assert_eq!(first, again, "a claim that is sent again");
    store
        .complete(&claim, &success(b"new"))
        .await
        .expect("completes");
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "after the refresh"), b"new");
}

async fn while_it_is_made_anew_others_get_the_expired_value(store: &impl Store) {
    let request = another(&expired(store).await);
    let (claim, first) = refresh(store, &request, "the first after it has expired").await;
    for _ in 0..2 {
        expect_only_stale(
            ask(store, &another(&request)).await,
            "while it is made anew",
        );
    }
    // Its holder is lost: another has it, and the value is there all the same.
    store.renew(&[claim], Duration::ZERO).await.expect("renews");
    store
        .mark_lost(&claim.key, claim.fence)
        .await
        .expect("marks");
    let (second, claimed) = refresh(store, &another(&request), "after a lost refresh").await;
    assert_eq!((claimed.attempt, claimed.starts), (2, 2), "taken over");
    assert!(claimed.fence > first.fence, "the fence grows");
    let written = store.complete(&claim, &brief(b"late")).await;
    assert_eq!(written.expect("is answered"), Write::Fenced);
    store
        .complete(&second, &success(b"new"))
        .await
        .expect("completes");
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "after the second refresh"), b"new");
}

async fn a_failure_leaves_the_expired_value_as_it_was(store: &impl Store) {
    let request = another(&expired(store).await);
    let (claim, _) = refresh(store, &request, "the first after it has expired").await;
    let lasting = Failure {
        ttl: Some(LONG),
        retry_in: LONG,
        ..failure()
    };
    let written = store.fail(&claim, &lasting).await;
    assert_eq!(written.expect("fails"), Write::Recorded);
    let (_, next) = refresh(store, &another(&request), "after a failed refresh").await;
    assert_eq!(next.attempt, 1, "the row is as good as absent");
}

/// Who waits for an attempt at another hears of its failure, as he would if there had been no value.
async fn a_failure_takes_the_place_of_a_value_whose_time_is_over(store: &impl Store) {
    let request = stale_request();
    let (claim, _) = win(store, &request).await;
    let kept = Completion {
        stale: Some(2 * SHORT),
        ..brief(b"old")
    };
    store.complete(&claim, &kept).await.expect("completes");
    pass().await;
    let request = another(&request);
    let (claim, _) = refresh(store, &request, "the first after it has expired").await;
    pass().await;
    pass().await;
    let lasting = Failure {
        ttl: Some(LONG),
        ..failure()
    };
    for _ in 0..2 {
        let written = store.fail(&claim, &lasting).await;
        assert_eq!(written.expect("fails"), Write::Recorded);
    }
    let waiter = ClaimRequest {
        retry_failed: false,
        ..another(&request)
    };
    match ask(store, &waiter).await {
        ClaimOutcome::Failed { attempt: 1, .. } => {}
        other => panic!("a failure that was waited for is heard of, and not {other:?}"),
    }
    let next = claimed(ask(store, &another(&request)).await, "after that failure");
    assert_eq!(next.attempt, 2, "it is an attempt of its own");
}

async fn a_claim_given_back_leaves_the_expired_value(store: &impl Store) {
    let request = another(&expired(store).await);
    let (claim, _) = refresh(store, &request, "the first after it has expired").await;
    for _ in 0..2 {
        store.release(&claim).await.expect("releases");
    }
    let (_, next) = refresh(store, &another(&request), "after a release").await;
    assert_eq!((next.attempt, next.starts), (1, 1), "it was not begun");
}

async fn a_success_without_a_value_takes_its_place(store: &impl Store) {
    let request = another(&expired(store).await);
    let (claim, _) = refresh(store, &request, "the first after it has expired").await;
    let mut without_value = success(b"");
    without_value.value.bytes = None;
    without_value.json = None;
    store
        .complete(&claim, &without_value)
        .await
        .expect("completes");
    match ask(store, &another(&request)).await {
        ClaimOutcome::Hit(Stored { bytes: None, .. }) => {}
        other => panic!("a result without its value is a hit, and not {other:?}"),
    }
}

async fn it_is_not_for_those_who_do_not_ask_for_it(store: &impl Store) {
    let request = expired(store).await;
    let strict = ClaimRequest {
        stale: None,
        ..another(&request)
    };
    claimed(ask(store, &strict).await, "an expired row");
    match ask(store, &another(&request)).await {
        ClaimOutcome::Busy { .. } => {}
        other => panic!("who would not have used the value has taken it away, and not {other:?}"),
    }
}

async fn it_is_not_for_other_inputs(store: &impl Store) {
    let request = expired(store).await;
    let mut other = another(&request);
    other.call.input_hash = InputHash([8; 32]);
    claimed(ask(store, &other).await, "an expired row of other inputs");
}

async fn it_has_its_time(store: &impl Store) {
    let request = ClaimRequest {
        stale: Some(Duration::from_millis(1)),
        ..another(&expired(store).await)
    };
    pass().await;
    claimed(
        ask(store, &request).await,
        "a row that expired too long ago",
    );
}

async fn it_is_spared_by_the_purge(store: &impl Store) {
    let kept = expired(store).await;
    let gone = stale_request();
    let (claim, _) = win(store, &gone).await;
    let success = Completion {
        stale: None,
        ..brief(b"old")
    };
    store.complete(&claim, &success).await.expect("completes");
    pass().await;
    while store.purge(1000).await.expect("purges") > 0 {}
    claimed(ask(store, &another(&gone)).await, "a row that was purged");
    refresh(store, &another(&kept), "a row that the purge has left").await;
}
