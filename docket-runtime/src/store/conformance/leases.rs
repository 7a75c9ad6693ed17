//! What time does to a row.

use super::super::Write;
use super::*;

pub(super) async fn check(store: &impl Store) {
    a_lapsed_lease_is_taken_over_only_where_that_is_allowed(store).await;
    a_late_success_counts_while_nobody_has_taken_over(store).await;
    the_strictest_policy_wins_over_a_lapsed_lease(store).await;
    a_claim_sent_again_renews_its_lease(store).await;
    leases_are_renewed_together(store).await;
    a_hit_says_how_long_it_counts(store).await;
    a_result_and_a_failure_expire(store).await;
    what_is_put_off_is_due_later(store).await;
    purge_deletes_what_has_expired_and_nothing_else(store).await;
}

async fn complete(store: &impl Store, claim: &ClaimRef, completion: &Completion) -> Write {
    store.complete(claim, completion).await.expect("completes")
}

async fn a_lapsed_lease_is_taken_over_only_where_that_is_allowed(store: &impl Store) {
    let keyed = with_lease(SHORT, request());
    let never = with_lease(SHORT, request_never());
    let (lost, first) = win(store, &keyed).await;
    let (_, halted) = win(store, &never).await;
    pass().await;

    let (claim, second) = win(store, &another(&keyed)).await;
    assert_eq!((second.attempt, second.generation), (2, 0), "taken over");
    assert!(second.fence > first.fence, "the fence grows");
    let written = complete(store, &lost, &success(b"zombie")).await;
    assert_eq!(written, Write::Fenced, "the lost holder is fenced off");
    let written = store.fail(&lost, &failure()).await.expect("answers");
    assert_eq!(written, Write::Fenced, "and its failure too");
    let held = store.renew(&[lost], LONG).await.expect("renews");
    assert_eq!(held, [], "and its renewal");
    complete(store, &claim, &success(b"2")).await;
    let outcome = ask(store, &another(&keyed)).await;
    assert_eq!(hit(outcome, "the second holder's value"), b"2");

    match ask(store, &another(&never)).await {
        ClaimOutcome::Unknown { fence, attempt, .. } => {
            assert_eq!((fence, attempt), (halted.fence, 1));
        }
        other => panic!("a lost holder of `never` leaves an unknown outcome, and not {other:?}"),
    }
}

async fn a_late_success_counts_while_nobody_has_taken_over(store: &impl Store) {
    let request = with_lease(SHORT, request_never());
    let (claim, _) = win(store, &request).await;
    pass().await;
    let outcome = ask(store, &another(&request)).await;
    assert!(
        matches!(outcome, ClaimOutcome::Unknown { .. }),
        "{outcome:?}"
    );
    assert_eq!(
        complete(store, &claim, &success(b"late")).await,
        Write::Recorded
    );
    let outcome = ask(store, &another(&request)).await;
    assert_eq!(hit(outcome, "a late success"), b"late");
}

async fn the_strictest_policy_wins_over_a_lapsed_lease(store: &impl Store) {
    let strict = with_lease(SHORT, request_never());
    win(store, &strict).await;
    pass().await;
    let lax = ClaimRequest {
        retry_failed: true,
        repeat_lost: true,
        ..another(&strict)
    };
    let outcome = ask(store, &lax).await;
    assert!(
        matches!(outcome, ClaimOutcome::Unknown { .. }),
        "a row of `never` is not repeated by anybody: {outcome:?}"
    );
}

async fn a_claim_sent_again_renews_its_lease(store: &impl Store) {
    let request = with_lease(SHORT, request_never());
    let (_, first) = win(store, &request).await;
    pass().await;
    let again = with_lease(LONG, request.clone());
    let (_, second) = win(store, &again).await;
    assert_eq!(first, second, "a claim that is sent again after its lease");
    let outcome = ask(store, &another(&request)).await;
    assert!(matches!(outcome, ClaimOutcome::Busy { .. }), "{outcome:?}");
}

async fn leases_are_renewed_together(store: &impl Store) {
    let requests: Vec<_> = (0..3).map(|_| with_lease(SHORT, request_never())).collect();
    let mut claims = Vec::new();
    for request in &requests {
        claims.push(win(store, request).await.0);
    }
    complete(store, &claims[1], &success(b"done")).await;
    let gone = ClaimRef {
        key: request().call.key,
        ..claims[0]
    };
    claims.push(gone);
    let held = store.renew(&claims, LONG).await.expect("renews");
    let is_held = |claim| held.contains(claim);
    assert!(is_held(&claims[0]) && is_held(&claims[2]), "{held:?}");
    assert_eq!(held.len(), 2, "what is over or gone is not held: {held:?}");
    assert_eq!(store.renew(&[], LONG).await.expect("renews"), []);
    pass().await;
    let outcome = ask(store, &another(&requests[0])).await;
    assert!(
        matches!(outcome, ClaimOutcome::Busy { .. }),
        "a renewed lease has not lapsed: {outcome:?}"
    );

    // A lease that lapsed while nobody took over is renewed like any other.
    let request = with_lease(SHORT, request_never());
    let (claim, _) = win(store, &request).await;
    pass().await;
    let held = store.renew(&[claim], LONG).await.expect("renews");
    assert_eq!(held, [claim], "a late renewal");
}

async fn a_hit_says_how_long_it_counts(store: &impl Store) {
    for ttl in [None, Some(LONG)] {
        let request = request();
        let (claim, _) = win(store, &request).await;
        let completion = Completion {
            ttl,
            ..success(b"1")
        };
        complete(store, &claim, &completion).await;
        match ask(store, &another(&request)).await {
            ClaimOutcome::Hit(Stored { expires_in, .. }) => {
                let is_right = match expires_in {
                    None => ttl.is_none(),
                    Some(left) => ttl.is_some() && left > LONG / 2 && left <= LONG,
                };
                assert!(is_right, "with a ttl of {ttl:?} it counts {expires_in:?}");
            }
            other => panic!("a recorded result is a hit, and not {other:?}"),
        }
    }
}

async fn a_result_and_a_failure_expire(store: &impl Store) {
    let brief = request_never();
    let (claim, first) = win(store, &brief).await;
    complete(store, &claim, &success_for(SHORT)).await;
    let lasting = request_never();
    let (claim, _) = win(store, &lasting).await;
    complete(store, &claim, &success_for(LONG)).await;
    let failed = request_never();
    let (claim, _) = win(store, &failed).await;
    let brief_failure = Failure {
        ttl: Some(SHORT),
        ..rejection()
    };
    store.fail(&claim, &brief_failure).await.expect("fails");
    let unknown = request_never();
    let (claim, _) = win(store, &unknown).await;
    let brief_doubt = Failure {
        ttl: Some(SHORT),
        ..doubt()
    };
    store.fail(&claim, &brief_doubt).await.expect("fails");
    pass().await;

    let mut other_inputs = another(&brief);
    other_inputs.call.input_hash = InputHash([8; 32]);
    let (_, second) = win(store, &other_inputs).await;
    assert_eq!(
        second.attempt, 1,
        "an expired row is as good as none, for other inputs too"
    );
    assert!(second.fence > first.fence, "but its fence grows");
    let outcome = ask(store, &another(&lasting)).await;
    assert_eq!(hit(outcome, "a result that has not expired"), b"brief");
    let (_, again) = win(store, &another(&failed)).await;
    assert_eq!(
        (again.attempt, again.generation),
        (1, 1),
        "a failure expires, and a rejection counts on"
    );
    let outcome = ask(store, &another(&unknown)).await;
    assert!(
        matches!(outcome, ClaimOutcome::Unknown { .. }),
        "an unknown outcome never expires: {outcome:?}"
    );
}

async fn what_is_put_off_is_due_later(store: &impl Store) {
    let request = request();
    let (claim, _) = win(store, &request).await;
    let later = Failure {
        retry_in: SHORT,
        ..failure()
    };
    store.fail(&claim, &later).await.expect("fails");
    pass().await;
    win(store, &another(&request)).await;
}

async fn purge_deletes_what_has_expired_and_nothing_else(store: &impl Store) {
    let mut expiring = Vec::new();
    for _ in 0..3 {
        let request = request();
        let (claim, _) = win(store, &request).await;
        complete(store, &claim, &success_for(SHORT)).await;
        expiring.push(request);
    }
    let running = with_lease(SHORT, request_never());
    win(store, &running).await;
    let unknown = request_never();
    let (claim, _) = win(store, &unknown).await;
    store.fail(&claim, &doubt()).await.expect("fails");
    let lasting = request();
    let (claim, _) = win(store, &lasting).await;
    complete(store, &claim, &success(b"kept")).await;
    pass().await;

    assert_eq!(store.purge(0).await.expect("purges"), 0, "at most none");
    assert_eq!(store.purge(2).await.expect("purges"), 2, "at most two");
    while store.purge(100).await.expect("purges") > 0 {}
    for request in expiring {
        let (_, claimed) = win(store, &request).await;
        assert_eq!((claimed.attempt, claimed.generation), (1, 0), "purged");
    }
    let outcome = ask(store, &another(&lasting)).await;
    assert_eq!(hit(outcome, "what does not expire"), b"kept");
    for request in [running, unknown] {
        let outcome = ask(store, &another(&request)).await;
        assert!(
            matches!(outcome, ClaimOutcome::Unknown { .. }),
            "what is running or unknown is not purged: {outcome:?}"
        );
    }
}
