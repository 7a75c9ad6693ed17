//! Who gets a row.

use super::super::Write;
use super::*;

pub(super) async fn check(store: &impl Store) {
    the_first_claim_wins_and_the_second_is_told_who_has_it(store).await;
    a_claim_sent_again_is_the_same_claim(store).await;
    a_result_is_found_by_all(store).await;
    a_failed_row_is_claimed_anew_only_where_that_is_allowed(store).await;
    a_failure_may_put_off_the_next_attempt(store).await;
    only_a_rejection_gives_a_new_generation(store).await;
    an_unknown_outcome_is_repeated_only_where_that_is_allowed(store).await;
    other_inputs_under_one_key_are_drift(store).await;
    a_result_is_replaced_only_on_request(store).await;
    the_strictest_policy_wins(store).await;
}

async fn the_first_claim_wins_and_the_second_is_told_who_has_it(store: &impl Store) {
    let request = request();
    let (_, first) = win(store, &request).await;
    assert_eq!((first.attempt, first.generation), (1, 0), "a first claim");

    match ask(store, &another(&request)).await {
        ClaimOutcome::Busy {
            fence,
            holder,
            remaining,
        } => {
            assert_eq!(fence, first.fence, "`Busy` has the fence of the attempt");
            assert_eq!(holder, "host/1/00000000", "`Busy` names the holder");
            assert!(
                remaining > LONG / 2 && remaining <= LONG,
                "`Busy` has what is left of the lease, and not {remaining:?}"
            );
        }
        other => panic!("a row that is held is busy, and not {other:?}"),
    }
}

async fn a_claim_sent_again_is_the_same_claim(store: &impl Store) {
    let request = request();
    let (_, first) = win(store, &request).await;
    let (claim, again) = win(store, &request).await;
    assert_eq!(first, again, "a claim that is sent again");
    store
        .complete(&claim, &success(b"1"))
        .await
        .expect("completes");
    let outcome = ask(store, &request).await;
    assert_eq!(
        hit(outcome, "a claim that is sent again after its success"),
        b"1"
    );
}

async fn a_result_is_found_by_all(store: &impl Store) {
    for request in [request(), request_never()] {
        let (claim, _) = win(store, &request).await;
        let written = store.complete(&claim, &success(b"value")).await;
        assert_eq!(written.expect("completes"), Write::Recorded);
        for _ in 0..2 {
            let outcome = ask(store, &another(&request)).await;
            assert_eq!(hit(outcome, "a recorded result"), b"value");
        }
    }
    // Too large, or not encodable: that it ran is recorded all the same.
    let request = request();
    let (claim, _) = win(store, &request).await;
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

async fn a_failed_row_is_claimed_anew_only_where_that_is_allowed(store: &impl Store) {
    let request = request();
    let (claim, first) = win(store, &request).await;
    store.fail(&claim, &failure()).await.expect("fails");

    let patient = ClaimRequest {
        retry_failed: false,
        ..another(&request)
    };
    match ask(store, &patient).await {
        ClaimOutcome::Failed {
            fence,
            attempt,
            error,
            retry_in,
        } => {
            assert_eq!((fence, attempt), (first.fence, 1), "of the failed attempt");
            assert_eq!(error, "connection refused", "the error is kept");
            assert_eq!(retry_in, Duration::ZERO, "another attempt is due");
        }
        other => panic!("a failed row is shown to who may not retry it, and not {other:?}"),
    }
    let (_, second) = win(store, &another(&request)).await;
    assert_eq!(second.attempt, 2, "the attempts count on");
    assert!(second.fence > first.fence, "the fence grows");
}

async fn a_failure_may_put_off_the_next_attempt(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    let later = Failure {
        retry_in: LONG,
        ..failure()
    };
    store.fail(&claim, &later).await.expect("fails");
    match ask(store, &another(&request)).await {
        ClaimOutcome::Failed { retry_in, .. } => {
            assert!(
                retry_in > LONG / 2 && retry_in <= LONG,
                "a failure says when another attempt is due, and not {retry_in:?}"
            );
        }
        other => panic!("a failure that was put off is not retried early: {other:?}"),
    }
}

async fn only_a_rejection_gives_a_new_generation(store: &impl Store) {
    let mut request = request();
    let ends = [
        (failure(), 0),
        (rejection(), 1),
        (failure(), 1),
        (doubt(), 1),
        (rejection(), 2),
    ];
    for (end, generation) in ends {
        let (claim, _) = win(store, &request).await;
        store.fail(&claim, &end).await.expect("fails");
        request = another(&request);
        let (next, claimed) = win(store, &request).await;
        assert_eq!(
            claimed.generation, generation,
            "the generation after `{}`",
            end.code
        );
        store.fail(&next, &failure()).await.expect("fails");
        request = another(&request);
    }
}

async fn an_unknown_outcome_is_repeated_only_where_that_is_allowed(store: &impl Store) {
    let request = request();
    let (claim, first) = win(store, &request).await;
    store.fail(&claim, &doubt()).await.expect("fails");
    let careful = ClaimRequest {
        repeat_lost: false,
        ..another(&request)
    };
    match ask(store, &careful).await {
        ClaimOutcome::Unknown {
            fence,
            attempt,
            error,
        } => {
            assert_eq!((fence, attempt), (first.fence, 1), "of the lost attempt");
            assert_eq!(error, "connection reset", "what is known of it");
        }
        other => panic!("an unknown outcome stays unknown, and is not {other:?}"),
    }
    let (_, second) = win(store, &another(&request)).await;
    assert_eq!((second.attempt, second.generation), (2, 0), "repeated");
}

async fn other_inputs_under_one_key_are_drift(store: &impl Store) {
    async fn expect_drift(store: &impl Store, request: &ClaimRequest, of: &str) {
        let mut other = another(request);
        other.call.input_hash = InputHash([8; 32]);
        match ask(store, &other).await {
            ClaimOutcome::Drift { stored } => {
                assert_eq!(stored, request.call.input_hash, "the inputs of the row");
            }
            other => panic!("other inputs on a row that is {of} are drift, and not {other:?}"),
        }
    }
    let running = request();
    let (claim, _) = win(store, &running).await;
    expect_drift(store, &running, "running").await;
    store
        .complete(&claim, &success(b"1"))
        .await
        .expect("completes");
    expect_drift(store, &running, "succeeded").await;

    for (end, of) in [(failure(), "failed"), (doubt(), "unknown")] {
        let request = request();
        let (claim, _) = win(store, &request).await;
        store.fail(&claim, &end).await.expect("fails");
        expect_drift(store, &request, of).await;
    }
}

async fn a_result_is_replaced_only_on_request(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    store
        .complete(&claim, &success(b"old"))
        .await
        .expect("completes");
    let replacing = ClaimRequest {
        replace: true,
        ..another(&request)
    };
    let (claim, second) = win(store, &replacing).await;
    assert_eq!((second.attempt, second.generation), (2, 0), "replaced");
    store
        .complete(&claim, &success(b"new"))
        .await
        .expect("completes");
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "the new value"), b"new");

    let request = request_never();
    let (claim, _) = win(store, &request).await;
    store
        .complete(&claim, &success(b"kept"))
        .await
        .expect("completes");
    let replacing = ClaimRequest {
        replace: true,
        repeat_lost: true,
        ..another(&request)
    };
    let outcome = ask(store, &replacing).await;
    assert_eq!(hit(outcome, "a value of `never` is not replaced"), b"kept");
}

async fn the_strictest_policy_wins(store: &impl Store) {
    for (end, of) in [(failure(), "failed"), (doubt(), "unknown")] {
        let strict = request_never();
        let (claim, _) = win(store, &strict).await;
        store.fail(&claim, &end).await.expect("fails");
        let lax = ClaimRequest {
            retry_failed: true,
            repeat_lost: true,
            ..another(&strict)
        };
        match ask(store, &lax).await {
            ClaimOutcome::Failed { .. } if of == "failed" => {}
            ClaimOutcome::Unknown { .. } if of == "unknown" => {}
            other => panic!("a row of `never` that is {of} stays so for all, and is not {other:?}"),
        }
    }
}
