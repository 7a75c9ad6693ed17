//! Rows of which nobody knows how their run ended, and steps that can find out.

use std::error::Error as _;

use crate::store::{ClaimOutcome, ClaimRef, ClaimRequest, Failure, FailureStatus};

use super::*;

const DOUBT: [&str; 4] = [
    "claim unknown",
    "claim unknown",
    "claim won 1 in doubt",
    "reconcile",
];

fn then(lines: &[&str]) -> Vec<String> {
    let all = DOUBT.iter().chain(lines);
    all.map(|line| (*line).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_applied_is_recorded_and_not_run() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let found = world
        .call_reconciling(job(Repeat::Never), Answer::Applied("found"))
        .await;
    assert_eq!(told(found), ("found".into(), How::Reconciled));
    assert_eq!(world.log.take(), then(&["complete"]));
    let key = crate::key::idempotency_key(&job(Repeat::Never).key, 0);
    assert_eq!(
        &*world.store.row().unwrap().metadata,
        format!(r#"{{"asked":"{key}","attempt":1,"reconciled":true}}"#),
        "it is asked under the key of the lost attempt"
    );
    assert_eq!(
        told(world.call(job(Repeat::Never), "c").await),
        ("found".into(), How::Hit)
    );
    let counts = world.keeper.counts();
    assert_eq!((counts.reconciles, counts.reconciled), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_applied_runs_under_the_same_claim_and_key() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let ran = world
        .call_reconciling(job(Repeat::Never), Answer::NotApplied)
        .await;
    assert_eq!(told(ran), ("b".into(), How::Ran));
    assert_eq!(world.log.take(), then(&["run b", "complete"]));
    let key = crate::key::idempotency_key(&job(Repeat::Never).key, 0);
    assert_eq!(
        &*world.store.row().unwrap().metadata,
        format!(r#"{{"asked":"{key}","attempt":1,"key":"{key}"}}"#)
    );
}

#[tokio::test(start_paused = true)]
async fn what_stays_unknown_is_in_doubt_again_with_the_reason() {
    for (answer, row, source) in [
        (
            Answer::StillUnknown,
            "`reconcile` could not find out either",
            None,
        ),
        (
            Answer::Fails,
            "the bank is closed",
            Some("the bank is closed"),
        ),
        (
            Answer::Panics,
            "`reconcile` panicked: in reconcile",
            Some("`reconcile` panicked: in reconcile"),
        ),
    ] {
        for repeat in [Repeat::Keyed, Repeat::Never] {
            let world = World::new();
            world.lose(job(Repeat::Never)).await;
            let error = world
                .call_reconciling(job(repeat), answer)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InDoubt);
            assert_eq!(error.source().map(ToString::to_string).as_deref(), source);
            assert_eq!(
                error.to_string(),
                "step `charge` may or may not have taken effect: it was started and nobody knows how it ended, and \
                 `reconcile` could not find out; the next call asks again"
            );
            assert_eq!(world.log.take(), then(&["fail Unknown in_doubt"]));
            assert_eq!(world.store.row().unwrap().error, row);
            // The next call asks again.
            let found = world
                .call_reconciling(job(repeat), Answer::Applied("found"))
                .await;
            assert_eq!(told(found), ("found".into(), How::Reconciled));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_callers_of_a_process_get_what_one_found_out() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let answer = Answer::Later(LEASE * 2, &Answer::Applied("found"));
    let (first, second) = tokio::join!(
        world.call_reconciling(job(Repeat::Never), answer),
        world.call_reconciling(job(Repeat::Never), answer),
    );
    assert_eq!(told(first), ("found".into(), How::Reconciled));
    assert_eq!(told(second), ("found".into(), How::Joined));
    // The row is kept while it is asked.
    let asked = world.log.take();
    let asked = asked.into_iter().filter(|line| line != "renew 1");
    assert_eq!(asked.collect::<Vec<_>>(), then(&["answer", "complete"]));
}

#[tokio::test(start_paused = true)]
async fn other_processes_wait_for_the_answer_and_do_not_ask_again() {
    for (answer, expected) in [
        (&Answer::Applied("found"), Ok("found".to_owned())),
        (&Answer::StillUnknown, Err(ErrorKind::InDoubt)),
    ] {
        let world = World::new();
        world.lose(job(Repeat::Never)).await;
        let later = Answer::Later(Duration::from_secs(5), answer);
        let other = world.process();
        let (first, second) = tokio::join!(
            world.call_reconciling(job(Repeat::Never), later),
            obtain(&other, job(Repeat::Never), world.reconciling(later)),
        );
        for outcome in [first, second] {
            let outcome = outcome.map(|it| it.value.0.clone());
            assert_eq!(outcome.map_err(|error| error.kind()), expected);
        }
        let asked = world.log.take();
        let asked = asked.iter().filter(|line| *line == "reconcile");
        assert_eq!(asked.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_and_recorded_when_the_caller_has_gone() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let answer = Answer::Later(Duration::from_secs(5), &Answer::Applied("found"));
    let late = job_for(Repeat::Never, Duration::from_secs(1));
    let error = world.call_reconciling(late, answer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.log.take(), then(&["answer", "complete"]));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_applied_does_not_run_for_nobody() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let answer = Answer::Later(Duration::from_secs(5), &Answer::NotApplied);
    let late = job_for(Repeat::Never, Duration::from_secs(1));
    world.call_reconciling(late, answer).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(
        world.log.take(),
        then(&["answer", "fail Unknown in_doubt"]),
        "the row is not given back, or it would look as if there had been no run"
    );
    let ran = world
        .call_reconciling(job(Repeat::Never), Answer::NotApplied)
        .await;
    assert_eq!(told(ran), ("b".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_has_gone_meanwhile_is_asked_about_first_too() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    // Between the second look and the claim.
    world.store.fault_later(Op::Claim, 2, Fault::Deleted, 1);
    let ran = world
        .call_reconciling(job(Repeat::Never), Answer::NotApplied)
        .await;
    assert_eq!(told(ran), ("b".into(), How::Ran));
    assert_eq!(world.log.take(), then(&["run b", "complete"]));
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_row_was_deleted_meanwhile_is_recorded_and_no_second_effect() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    world.store.fault(Op::Complete, Fault::Deleted, 1);
    let found = world
        .call_reconciling(job(Repeat::Never), Answer::Applied("found"))
        .await;
    assert_eq!(told(found), ("found".into(), How::Reconciled));
    assert_eq!(
        world.log.take(),
        then(&["complete fenced", "claim won 1", "complete"])
    );
    assert_eq!(world.keeper.counts().fenced, 0, "nothing ran");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_after_any_number_of_polls_leaves_nothing_but_the_answer() {
    for polls in 0..12 {
        let world = World::new();
        world.lose(job(Repeat::Never)).await;
        {
            let mut call = std::pin::pin!(
                world.call_reconciling(job(Repeat::Never), Answer::Applied("found"))
            );
            for _ in 0..polls {
                let mut poll = |cx: &mut std::task::Context<'_>| {
                    std::task::Poll::Ready(call.as_mut().poll(cx).is_ready())
                };
                if std::future::poll_fn(&mut poll).await {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        let again = world
            .call_reconciling(job(Repeat::Never), Answer::Applied("found"))
            .await;
        assert_eq!(told(again).0, "found", "after {polls} polls");
        let lines = world.log.take();
        let asked = lines.iter().filter(|line| *line == "reconcile");
        assert_eq!(asked.count(), 1, "after {polls} polls: {lines:?}");
        assert_eq!(world.keeper.inner.flights.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_to_reconcile_whose_reply_was_lost_is_left_to_its_lease() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    world.store.fault_later(Op::Claim, 2, Fault::LostReply, 3);
    let outcome = world
        .call_reconciling(job(Repeat::Never), Answer::NotApplied)
        .await;
    assert_eq!(kind(outcome), ErrorKind::Store);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        world.log.take(),
        [
            "claim unknown",
            "claim unknown",
            "claim won 1 in doubt",
            "claim won 1 in doubt",
            "claim won 1 in doubt",
        ],
        "nothing is given back"
    );
    tokio::time::sleep(LEASE).await;
    let found = world
        .call_reconciling(job(Repeat::Never), Answer::Applied("found"))
        .await;
    assert_eq!(told(found), ("found".into(), How::Reconciled));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_turns_up_late_has_the_last_word_if_it_is_still_unknown() {
    let world = World::new();
    let (open, run) = world.gated("a");
    let slow = tokio::spawn({
        let keeper = world.process();
        async move { obtain(&keeper, job(Repeat::Never), SlowRun(run)).await }
    });
    settle().await;
    world.store.edit(|row| row.lease_until = Instant::now());
    let error = world
        .call_reconciling(job(Repeat::Never), Answer::StillUnknown)
        .await;
    assert_eq!(kind(error), ErrorKind::InDoubt);
    open.send(()).unwrap();
    assert_eq!(told(slow.await.unwrap()), ("a".into(), How::Ran));
    assert_eq!(world.store.value().as_deref(), Some("a"));
}

/// Code with a `reconcile` that nobody asks.
struct SlowRun<F>(F);

impl<F> Code<Text> for SlowRun<F>
where
    F: FnOnce(Grant) -> BoxedRun + Send + Sync + 'static,
{
    const RECONCILES: bool = true;

    async fn run(self, grant: Grant) -> Result<Text, Ended> {
        self.0(grant).await
    }
}

#[tokio::test(start_paused = true)]
async fn after_max_attempts_a_keyed_step_is_reconciled() {
    let world = World::new();
    for _ in 0..3 {
        world.lose(job(Repeat::Keyed)).await;
    }
    let found = world
        .call_reconciling(job(Repeat::Keyed), Answer::Applied("found"))
        .await;
    assert_eq!(told(found), ("found".into(), How::Reconciled));
}

/// A step that ends its process each time it runs, after it was found that it had no effect.
#[tokio::test(start_paused = true)]
async fn after_max_attempts_lost_processes_what_was_not_applied_does_not_run() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    for _ in 0..2 {
        let reconciling = ClaimRequest {
            reconcile: true,
            ..world.process().request(&job(Repeat::Never))
        };
        world.store.claim(&reconciling).await.unwrap();
        world.store.edit(|row| row.lease_until = Instant::now());
    }
    world.log.take();
    for _ in 0..2 {
        let error = world
            .call_reconciling(job(Repeat::Never), Answer::NotApplied)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InDoubt);
        assert_eq!(
            error.to_string(),
            "step `charge` may or may not have taken effect: `reconcile` found that it was not applied, but 3 processes \
             or more were lost with it, which is as many as `max_attempts` allows; find out whether it is what ends \
             them, then have it run again by `docket resolve --not-applied`"
        );
        assert_eq!(world.log.take(), then(&["renew 1", "mark lost"]));
        let row = world.store.row().unwrap();
        assert_eq!(row.status, script::Status::Unknown, "for all to see");
    }
    let found = world
        .call_reconciling(job(Repeat::Never), Answer::Applied("found"))
        .await;
    assert_eq!(told(found), ("found".into(), How::Reconciled));
}

/// A provider that can't say for a while is no step that ends processes.
#[tokio::test(start_paused = true)]
async fn what_was_long_unknown_runs_once_it_is_known_that_it_was_not_applied() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    for _ in 0..5 {
        let error = world
            .call_reconciling(job(Repeat::Never), Answer::StillUnknown)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InDoubt);
    }
    let ran = world
        .call_reconciling(job(Repeat::Never), Answer::NotApplied)
        .await;
    assert_eq!(told(ran), ("b".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn takeovers_from_lost_processes_are_told_from_retries() {
    let world = World::new();
    world.lose(job(Repeat::Keyed)).await;
    told(world.call(job(Repeat::Keyed), "b").await);
    let counts = world.keeper.counts();
    assert_eq!(
        (counts.claimed, counts.reclaimed, counts.taken_over),
        (1, 1, 1)
    );

    let world = World::new();
    let request = world.process().request(&job(Repeat::Keyed));
    let ClaimOutcome::Claimed(claimed) = world.store.claim(&request).await.unwrap() else {
        panic!("the row is not there yet");
    };
    let claim = ClaimRef {
        key: request.call.key,
        claim_id: request.claim_id,
        fence: claimed.fence,
    };
    let failure = Failure {
        status: FailureStatus::Failed,
        code: "failed",
        error: "refused".to_owned(),
        retry_in: Duration::ZERO,
        ttl: None,
        metadata: "{}".into(),
    };
    world.store.fail(&claim, &failure).await.unwrap();
    told(world.call(job(Repeat::Keyed), "b").await);
    let counts = world.keeper.counts();
    assert_eq!(
        (counts.claimed, counts.reclaimed, counts.taken_over),
        (1, 1, 0)
    );
}
