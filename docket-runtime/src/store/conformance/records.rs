//! What a holder may write.

use super::super::Write;
use super::*;

pub(super) async fn check(store: &impl Store) {
    a_record_may_be_sent_again(store).await;
    only_the_holder_writes(store).await;
    a_success_is_never_written_over(store).await;
    a_failure_stands(store).await;
    the_first_record_stands(store).await;
    a_late_end_heals_an_unknown_outcome(store).await;
    a_released_row_is_free(store).await;
    a_row_that_is_gone_is_fenced(store).await;
    a_long_error_is_cut(store).await;
}

async fn record(store: &impl Store, claim: &ClaimRef, completion: &Completion) -> Write {
    store
        .complete(claim, completion)
        .await
        .expect("the store takes a success")
}

async fn record_failure(store: &impl Store, claim: &ClaimRef, failure: &Failure) -> Write {
    store
        .fail(claim, failure)
        .await
        .expect("the store takes a failure")
}

async fn a_record_may_be_sent_again(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    for _ in 0..3 {
        assert_eq!(record(store, &claim, &success(b"1")).await, Write::Recorded);
    }
    for end in [failure(), rejection(), doubt()] {
        let request = super::request();
        let (claim, _) = win(store, &request).await;
        for _ in 0..3 {
            let written = record_failure(store, &claim, &end).await;
            assert_eq!(written, Write::Recorded, "`{}` sent again", end.code);
        }
    }
}

/// Whoever says it again says the same. If he does not, it is what he said first.
async fn the_first_record_stands(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    record(store, &claim, &success(b"first")).await;
    let written = record(store, &claim, &success(b"second")).await;
    assert_eq!(written, Write::Recorded, "a success with another value");
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "the first value"), b"first");

    for first in [failure(), doubt()] {
        let request = ClaimRequest {
            retry_failed: false,
            repeat_lost: false,
            ..super::request()
        };
        let (claim, _) = win(store, &request).await;
        record_failure(store, &claim, &first).await;
        let second = Failure {
            error: "something else".to_owned(),
            code: "rejected",
            ..first.clone()
        };
        let written = record_failure(store, &claim, &second).await;
        assert_eq!(written, Write::Recorded, "a failure in other words");
        match ask(store, &another(&request)).await {
            ClaimOutcome::Failed { error, .. } | ClaimOutcome::Unknown { error, .. } => {
                assert_eq!(error, first.error, "the first error");
            }
            other => panic!("a failure was recorded, and there is {other:?}"),
        }
    }
    // Also as to whether it was rejected.
    let request = super::request();
    let (claim, _) = win(store, &request).await;
    record_failure(store, &claim, &failure()).await;
    record_failure(store, &claim, &rejection()).await;
    let (_, next) = win(store, &another(&request)).await;
    assert_eq!(next.generation, 0, "the first failure was no rejection");
}

async fn only_the_holder_writes(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    let strangers = [
        ClaimRef {
            claim_id: ClaimId::random(),
            ..claim
        },
        ClaimRef {
            fence: claim.fence - 1,
            ..claim
        },
    ];
    for stranger in strangers {
        assert_eq!(
            record(store, &stranger, &success(b"0")).await,
            Write::Fenced
        );
        assert_eq!(
            record_failure(store, &stranger, &failure()).await,
            Write::Fenced
        );
        store.release(&stranger).await.expect("answers");
    }
    match ask(store, &another(&request)).await {
        ClaimOutcome::Busy { fence, .. } => assert_eq!(fence, claim.fence),
        other => panic!("nobody but the holder moves a row, and it is {other:?}"),
    }
}

async fn a_success_is_never_written_over(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    record(store, &claim, &success(b"1")).await;
    for end in [failure(), doubt()] {
        assert_eq!(record_failure(store, &claim, &end).await, Write::Fenced);
    }
    store.release(&claim).await.expect("answers");
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "a success stands"), b"1");
}

/// A run ends once: what its caller was told is what the row says.
async fn a_failure_stands(store: &impl Store) {
    let request = request_never();
    let (claim, _) = win(store, &request).await;
    record_failure(store, &claim, &failure()).await;
    assert_eq!(record(store, &claim, &success(b"0")).await, Write::Fenced);
    assert_eq!(record_failure(store, &claim, &doubt()).await, Write::Fenced);
    let held = store.renew(&[claim], LONG).await.expect("renews");
    assert_eq!(held, [], "what has failed is not held");
    let outcome = ask(store, &another(&request)).await;
    assert!(
        matches!(outcome, ClaimOutcome::Failed { .. }),
        "{outcome:?}"
    );
}

async fn a_late_end_heals_an_unknown_outcome(store: &impl Store) {
    let request = request_never();
    let (claim, _) = win(store, &request).await;
    record_failure(store, &claim, &doubt()).await;
    let written = record(store, &claim, &success(b"late")).await;
    assert_eq!(written, Write::Recorded, "a late success of the same claim");
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "it is known now"), b"late");

    let request = request_never();
    let (claim, _) = win(store, &request).await;
    record_failure(store, &claim, &doubt()).await;
    let written = record_failure(store, &claim, &rejection()).await;
    assert_eq!(written, Write::Recorded, "a late failure of the same claim");
    match ask(store, &another(&request)).await {
        ClaimOutcome::Failed { error, .. } => assert_eq!(error, "card declined"),
        other => panic!("it is known to have failed now, and is {other:?}"),
    }

    // But not once somebody else has it.
    let request = super::request();
    let (claim, _) = win(store, &request).await;
    record_failure(store, &claim, &doubt()).await;
    let (second, _) = win(store, &another(&request)).await;
    assert_eq!(record(store, &claim, &success(b"old")).await, Write::Fenced);
    assert_eq!(
        record(store, &second, &success(b"new")).await,
        Write::Recorded
    );
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "the holder's value"), b"new");
}

async fn a_released_row_is_free(store: &impl Store) {
    let request = request_never();
    let (claim, first) = win(store, &request).await;
    store.release(&claim).await.expect("releases");
    store.release(&claim).await.expect("releases again");
    let (_, second) = win(store, &another(&request)).await;
    assert_eq!(
        second.attempt, 1,
        "a claim that was released does not count"
    );
    assert!(second.fence > first.fence, "the fence grows across rows");
    assert_eq!(record(store, &claim, &success(b"0")).await, Write::Fenced);

    // A later attempt leaves the row to the next.
    let request = super::request();
    let (claim, _) = win(store, &request).await;
    record_failure(store, &claim, &rejection()).await;
    let (claim, _) = win(store, &another(&request)).await;
    store.release(&claim).await.expect("releases");
    let (_, third) = win(store, &another(&request)).await;
    assert_eq!(third.generation, 1, "a release keeps the generation");
}

async fn a_row_that_is_gone_is_fenced(store: &impl Store) {
    let claim = ClaimRef {
        key: request().call.key,
        claim_id: ClaimId::random(),
        fence: 1,
    };
    assert_eq!(record(store, &claim, &success(b"0")).await, Write::Fenced);
    assert_eq!(
        record_failure(store, &claim, &failure()).await,
        Write::Fenced
    );
    store.release(&claim).await.expect("answers");
}

async fn a_long_error_is_cut(store: &impl Store) {
    let request = request_never();
    let (claim, _) = win(store, &request).await;
    // 1,024 is in the middle of a character of three bytes.
    let long = Failure {
        error: "语".repeat(1000),
        ..failure()
    };
    record_failure(store, &claim, &long).await;
    match ask(store, &another(&request)).await {
        ClaimOutcome::Failed { error, .. } => {
            assert_eq!(
                error,
                "语".repeat(341),
                "an error is cut to 1 KiB, between characters"
            );
        }
        other => panic!("it has failed, and is not {other:?}"),
    }
}
