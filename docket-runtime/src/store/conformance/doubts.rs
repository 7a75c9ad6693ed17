//! Holders that are lost, and what is found out about them.

use super::super::Write;
use super::*;

pub(super) async fn check(store: &impl Store) {
    a_claim_says_how_many_have_started_since_one_last_ended(store).await;
    a_step_that_kills_its_holders_is_stopped(store).await;
    a_claim_given_back_does_not_count_as_a_lost_holder(store).await;
    a_lapsed_lease_leaves_no_word(store).await;
    a_lost_holder_is_marked_once_its_lease_has_lapsed(store).await;
    a_holder_that_was_marked_lost_may_still_report(store).await;
    a_holder_that_was_marked_lost_says_nothing_new_by_its_doubt(store).await;
    a_holder_that_was_marked_lost_may_still_say_that_nothing_started(store).await;
    whoever_reconciles_gets_the_row_under_any_policy(store).await;
    a_lost_reconciler_leaves_the_row_in_doubt(store).await;
}

fn reconciling(request: &ClaimRequest) -> ClaimRequest {
    ClaimRequest {
        reconcile: true,
        ..another(request)
    }
}

async fn expect_unknown(store: &impl Store, request: &ClaimRequest, rule: &str) {
    match ask(store, request).await {
        ClaimOutcome::Unknown { .. } => {}
        other => panic!("{rule}: the row is unknown, and not {other:?}"),
    }
}

async fn a_claim_says_how_many_have_started_since_one_last_ended(store: &impl Store) {
    async fn expect_starts(
        store: &impl Store,
        request: &ClaimRequest,
        starts: u32,
        rule: &str,
    ) -> ClaimRef {
        let (claim, claimed) = win(store, request).await;
        assert_eq!(claimed.starts, starts, "{rule}");
        claim
    }
    let request = ClaimRequest {
        max_attempts: 10,
        ..with_lease(SHORT, request())
    };
    expect_starts(store, &request, 1, "the first").await;
    expect_starts(store, &request, 1, "the first, sent again").await;
    pass().await;
    let claim = expect_starts(store, &another(&request), 2, "after a lost holder").await;
    pass().await;
    let marked = store.mark_lost(&claim.key, claim.fence).await;
    marked.expect("answers");
    let claim = expect_starts(store, &reconciling(&request), 3, "whoever reconciles").await;
    let released = {
        store.fail(&claim, &doubt()).await.expect("fails");
        expect_starts(store, &another(&request), 1, "after a recorded doubt").await
    };
    store.release(&released).await.expect("is given back");
    let claim = expect_starts(store, &another(&request), 1, "after one given back").await;
    store.fail(&claim, &failure()).await.expect("fails");
    let claim = expect_starts(store, &another(&request), 1, "after a failure").await;
    let completed = store.complete(&claim, &success_for(Duration::ZERO)).await;
    assert_eq!(completed.expect("completes"), Write::Recorded);
    expect_starts(store, &another(&request), 1, "after a success has expired").await;
}

async fn a_step_that_kills_its_holders_is_stopped(store: &impl Store) {
    let mut request = with_lease(SHORT, request());
    for attempt in 1..=request.max_attempts {
        let (_, claimed) = win(store, &request).await;
        assert_eq!(claimed.attempt, attempt, "each lost holder is an attempt");
        pass().await;
        request = another(&request);
    }
    expect_unknown(store, &request, "after `max_attempts` lost holders").await;
    let generous = ClaimRequest {
        max_attempts: request.max_attempts + 1,
        ..with_lease(LONG, another(&request))
    };
    let (claim, _) = win(store, &generous).await;
    // An attempt that ends breaks the row of losses.
    store.fail(&claim, &failure()).await.expect("fails");
    let next = with_lease(SHORT, another(&request));
    win(store, &next).await;
    pass().await;
    win(store, &another(&request)).await;
}

async fn a_claim_given_back_does_not_count_as_a_lost_holder(store: &impl Store) {
    let first = with_lease(SHORT, request());
    win(store, &first).await;
    pass().await;
    let mut request = with_lease(LONG, first);
    for _ in 0..4 {
        request = another(&request);
        let (claim, _) = win(store, &request).await;
        // Twice, as when the first answer did not come.
        store.release(&claim).await.expect("is given back");
        store.release(&claim).await.expect("is given back");
    }
    let (_, last) = win(store, &another(&request)).await;
    assert_eq!(last.attempt, 6, "each claim is an attempt all the same");
}

/// Who waits tells by it a row whose holder may still turn up from one whose holder has said that nobody knows.
async fn a_lapsed_lease_leaves_no_word(store: &impl Store) {
    // The words of an attempt before don't count either.
    let first = request();
    let (claim, _) = win(store, &first).await;
    store.fail(&claim, &doubt()).await.expect("fails");
    let lapsing = with_lease(SHORT, another(&first));
    let (_, second) = win(store, &lapsing).await;
    pass().await;
    let careful = ClaimRequest {
        repeat_lost: false,
        ..another(&first)
    };
    match ask(store, &careful).await {
        ClaimOutcome::Unknown {
            fence,
            attempt,
            error,
        } => {
            assert_eq!((fence, attempt), (second.fence, 2), "of the lost attempt");
            assert_eq!(error, "", "nobody has said anything of it");
        }
        other => panic!("a lapsed lease leaves an unknown outcome, and not {other:?}"),
    }
}

async fn a_lost_holder_is_marked_once_its_lease_has_lapsed(store: &impl Store) {
    let alive = request_never();
    let (claim, _) = win(store, &alive).await;
    let mark_lost = |claim: ClaimRef| async move {
        let marked = store.mark_lost(&claim.key, claim.fence).await;
        marked.expect("answers");
    };
    mark_lost(claim).await;
    let outcome = ask(store, &another(&alive)).await;
    assert!(
        matches!(outcome, ClaimOutcome::Busy { .. }),
        "who holds its lease is not lost: {outcome:?}"
    );

    let lost = with_lease(SHORT, request_never());
    let (claim, claimed) = win(store, &lost).await;
    pass().await;
    let of_another_attempt = ClaimRef {
        fence: claim.fence + 1,
        ..claim
    };
    mark_lost(of_another_attempt).await;
    let held = store.renew(&[claim], SHORT).await.expect("renews");
    assert_eq!(held, [claim], "the mark is for one attempt only");
    pass().await;
    mark_lost(claim).await;
    mark_lost(claim).await;
    let held = store.renew(&[claim], LONG).await.expect("renews");
    assert_eq!(held, [], "who was marked lost has no lease to renew");
    match ask(store, &another(&lost)).await {
        ClaimOutcome::Unknown {
            fence,
            attempt,
            error,
        } => {
            assert_eq!((fence, attempt), (claimed.fence, 1), "of the lost attempt");
            assert!(!error.is_empty(), "the row says what is known");
        }
        other => panic!("a lost holder leaves an unknown outcome, and not {other:?}"),
    }

    // Where it may be repeated, the mark is no obstacle.
    let keyed = with_lease(SHORT, request());
    let (claim, _) = win(store, &keyed).await;
    pass().await;
    mark_lost(claim).await;
    let (_, second) = win(store, &another(&keyed)).await;
    assert_eq!(second.attempt, 2);
}

async fn a_holder_that_was_marked_lost_may_still_report(store: &impl Store) {
    for completes in [true, false] {
        let request = with_lease(SHORT, request_never());
        let (claim, _) = win(store, &request).await;
        pass().await;
        let marked = store.mark_lost(&claim.key, claim.fence).await;
        marked.expect("answers");
        let written = if completes {
            store.complete(&claim, &success(b"late")).await
        } else {
            store.fail(&claim, &failure()).await
        };
        assert_eq!(written.expect("answers"), Write::Recorded, "it heals");
        match ask(store, &another(&request)).await {
            ClaimOutcome::Hit(_) if completes => {}
            ClaimOutcome::Failed { .. } if !completes => {}
            other => panic!("what a late holder reports counts, and not {other:?}"),
        }
    }
}

async fn a_holder_that_was_marked_lost_says_nothing_new_by_its_doubt(store: &impl Store) {
    let request = with_lease(SHORT, request());
    let (claim, _) = win(store, &request).await;
    pass().await;
    let marked = store.mark_lost(&claim.key, claim.fence).await;
    marked.expect("answers");
    let written = store.fail(&claim, &doubt()).await;
    assert_eq!(written.expect("is answered"), Write::Recorded);
    let (_, next) = win(store, &another(&request)).await;
    assert_eq!((next.attempt, next.starts), (2, 2), "its holder was lost");
}

async fn a_holder_that_was_marked_lost_may_still_say_that_nothing_started(store: &impl Store) {
    for is_later in [false, true] {
        let mut request = with_lease(SHORT, request());
        if is_later {
            win(store, &request).await;
            pass().await;
            request = another(&request);
        }
        let (claim, claimed) = win(store, &request).await;
        pass().await;
        let marked = store.mark_lost(&claim.key, claim.fence).await;
        marked.expect("answers");
        for _ in 0..2 {
            store.release(&claim).await.expect("is given back");
        }
        let (_, next) = win(store, &another(&request)).await;
        let expected = if is_later { (3, 2) } else { (1, 1) };
        assert_eq!(
            (next.attempt, next.starts),
            expected,
            "as if {claimed:?} had not started"
        );
    }

    // What was recorded as unknown is not taken back.
    let request = request_never();
    let (claim, _) = win(store, &request).await;
    store.fail(&claim, &doubt()).await.expect("fails");
    store.release(&claim).await.expect("answers");
    expect_unknown(
        store,
        &another(&request),
        "after an outcome that is recorded",
    )
    .await;
}

async fn whoever_reconciles_gets_the_row_under_any_policy(store: &impl Store) {
    let never = with_lease(SHORT, request_never());
    let (claim, first) = win(store, &never).await;
    let outcome = ask(store, &reconciling(&never)).await;
    assert!(
        matches!(outcome, ClaimOutcome::Busy { .. }),
        "there is nothing to reconcile while the holder is alive: {outcome:?}"
    );
    pass().await;
    let reconciler = with_lease(LONG, reconciling(&never));
    let (held, second) = win(store, &reconciler).await;
    let kept = (second.attempt, second.generation);
    assert_eq!(kept, (first.attempt, 0), "it is the same attempt");
    assert!(second.fence > first.fence, "the fence grows");
    let written = store.complete(&claim, &success(b"zombie")).await;
    assert_eq!(
        written.expect("answers"),
        Write::Fenced,
        "the old holder is fenced"
    );
    let outcome = ask(store, &another(&never)).await;
    assert!(
        matches!(outcome, ClaimOutcome::Busy { .. }),
        "who reconciles holds the row: {outcome:?}"
    );
    store.fail(&held, &doubt()).await.expect("fails");
    expect_unknown(store, &another(&never), "after it found out nothing").await;
    let (held, _) = win(store, &reconciling(&never)).await;
    let written = store.complete(&held, &success(b"found")).await;
    assert_eq!(written.expect("completes"), Write::Recorded);
    let outcome = ask(store, &reconciling(&never)).await;
    assert_eq!(hit(outcome, "what was found out"), b"found");

    let failed = request_never();
    let (claim, _) = win(store, &failed).await;
    store.fail(&claim, &failure()).await.expect("fails");
    match ask(store, &reconciling(&failed)).await {
        ClaimOutcome::Failed { .. } => {}
        other => panic!("a failure is no doubt, and nothing to reconcile: {other:?}"),
    }
}

async fn a_lost_reconciler_leaves_the_row_in_doubt(store: &impl Store) {
    let never = with_lease(SHORT, request_never());
    win(store, &never).await;
    // However many: there is no end to the asking.
    for starts in 2..=5 {
        pass().await;
        expect_unknown(store, &another(&never), "while nobody has found out").await;
        let (_, claimed) = win(store, &reconciling(&never)).await;
        assert_eq!(claimed.starts, starts, "each lost one counts");
    }
}
