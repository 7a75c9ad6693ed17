use super::*;

#[tokio::test(start_paused = true)]
async fn a_failed_step_runs_again_in_the_next_call() {
    for repeat in [Repeat::Free, Repeat::Keyed] {
        let world = World::new();
        let error = world
            .call_failing(job(repeat), ErrorKind::Failed, None)
            .await;
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(
            &*world.store.row().unwrap().metadata,
            r#"{"attempt":1,"code":"failed","error":"card declined","kind":"transient"}"#
        );
        assert_eq!(
            told(world.call(job(repeat), "a").await),
            ("a".into(), How::Ran)
        );
        assert_eq!(
            world.log.take(),
            [
                "claim won 1",
                "run and fail",
                "fail Failed failed",
                "claim won 2",
                "run a",
                "complete"
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn under_never_a_failure_is_final() {
    for (ending, verdict) in [
        (ErrorKind::Failed, None),
        (ErrorKind::Failed, Some(Verdict::Rejected)),
    ] {
        let world = World::new();
        world
            .call_failing(job(Repeat::Never), ending, verdict)
            .await;
        world.log.take();
        let error = world.call(job(Repeat::Never), "a").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `charge` failed: card declined (recorded; a failure is final under `repeat = \"never\"`, until its row \
             expires or is deleted)"
        );
        assert_eq!(error.attempts(), 1);
        assert_eq!(world.log.take(), ["claim failed"]);
    }
}

#[tokio::test(start_paused = true)]
async fn under_never_an_end_that_says_nothing_is_unknown() {
    for (ending, verdict, line) in [
        (
            ErrorKind::InDoubt,
            Some(Verdict::InDoubt),
            "fail Unknown in_doubt",
        ),
        (ErrorKind::TimedOut, None, "fail Unknown timed_out"),
        (ErrorKind::Panicked, None, "fail Unknown panicked"),
    ] {
        let world = World::new();
        let error = world
            .call_failing(job(Repeat::Never), ending, verdict)
            .await;
        assert_eq!(error.kind(), ending);
        assert_eq!(world.log.take(), ["claim won 1", "run and fail", line]);
        let error = world.call(job(Repeat::Never), "a").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `charge` may or may not have taken effect: it was started and nobody knows how it ended (card \
             declined); find out whether it took effect, and say so by `docket resolve`, or give the step a `reconcile` \
             that asks"
        );
        assert_eq!(
            world.log.take(),
            ["claim unknown", "claim unknown", "mark lost"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_rejection_gives_a_new_idempotency_key() {
    let fresh = World::new().idempotency_key(job(Repeat::Keyed)).await;
    for (ending, verdict, keeps) in [
        (ErrorKind::Failed, None, true),
        (ErrorKind::Panicked, None, true),
        (ErrorKind::TimedOut, None, true),
        (ErrorKind::InDoubt, Some(Verdict::InDoubt), true),
        (ErrorKind::Failed, Some(Verdict::Rejected), false),
    ] {
        let world = World::new();
        world
            .call_failing(job(Repeat::Keyed), ending, verdict)
            .await;
        assert_eq!(
            world.idempotency_key(job(Repeat::Keyed)).await == fresh,
            keeps,
            "{ending:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_recorded_when_the_store_is_back_and_told_when_the_caller_must_go() {
    let world = World::new();
    world.store.fault(Op::Fail, Fault::Down, 100_000);
    let start = Instant::now();
    let late = job_for(Repeat::Never, Duration::from_secs(3));
    let error = world.call_failing(late, ErrorKind::Failed, None).await;
    assert_eq!(
        (error.kind(), start.elapsed().as_secs()),
        (ErrorKind::Failed, 3)
    );
    world.store.heal();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(
        world.log.take().last().map(String::as_str),
        Some("fail Failed failed")
    );
}
