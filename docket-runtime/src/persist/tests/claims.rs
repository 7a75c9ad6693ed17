use super::*;

#[tokio::test(start_paused = true)]
async fn a_miss_is_two_round_trips_and_a_hit_is_one() {
    for repeat in POLICIES {
        let world = World::new();
        assert_eq!(
            told(world.call(job(repeat), "a").await),
            ("a".into(), How::Ran)
        );
        assert_eq!(world.log.take(), ["claim won 1", "run a", "complete"]);
        assert_eq!(
            told(world.call(job(repeat), "b").await),
            ("a".into(), How::Hit)
        );
        assert_eq!(world.log.take(), ["claim hit"]);
        assert_eq!(world.keeper.inner.flights.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hit_in_memory_needs_no_task() {
    let world = World::new();
    let keeper = process(&world.store.clone().local());
    world
        .call_from(&keeper, job(Repeat::Free), "a")
        .await
        .unwrap();
    // Polled once, without a chance for any task to run.
    let mut call = std::pin::pin!(world.call_from(&keeper, job(Repeat::Free), "b"));
    let outcome = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx))).await;
    let std::task::Poll::Ready(outcome) = outcome else {
        panic!("it waited")
    };
    assert_eq!(told(outcome), ("a".into(), How::Hit));
}

#[tokio::test(start_paused = true)]
async fn a_claim_won_in_memory_by_a_caller_that_leaves_at_once_is_given_back() {
    let world = World::new();
    let keeper = process(&world.store.clone().local());
    {
        let mut call = std::pin::pin!(world.call_from(&keeper, job(Repeat::Never), "a"));
        std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx).is_pending()))
            .await;
        assert_eq!(world.log.take(), ["claim won 1"]);
    }
    settle().await;
    assert_eq!(world.log.take(), ["release"]);
    assert!(world.store.row().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_did_not_arrive_is_sent_again_before_anything_runs() {
    for repeat in POLICIES {
        let world = World::new();
        world.store.fault(Op::Claim, Fault::Down, 2);
        assert_eq!(
            told(world.call(job(repeat), "a").await),
            ("a".into(), How::Ran)
        );
        assert_eq!(
            world.log.take(),
            [
                "Claim down",
                "Claim down",
                "claim won 1",
                "run a",
                "complete"
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_reply_was_lost_is_known_again() {
    for repeat in POLICIES {
        let world = World::new();
        world.store.fault(Op::Claim, Fault::LostReply, 1);
        assert_eq!(
            told(world.call(job(repeat), "a").await),
            ("a".into(), How::Ran)
        );
        assert_eq!(
            world.log.take(),
            ["claim won 1", "claim won 1", "run a", "complete"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_hangs_is_sent_again() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::Slow(LEASE * 100), 1);
    assert_eq!(
        told(world.call(job(Repeat::Keyed), "a").await),
        ("a".into(), How::Ran)
    );
    assert_eq!(
        world.log.take(),
        ["claim won 1", "claim won 1", "run a", "complete"]
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_store_keyed_and_never_do_not_run() {
    for repeat in [Repeat::Keyed, Repeat::Never] {
        let world = World::new();
        world.store.fault(Op::Claim, Fault::Down, 1000);
        let error = world.call(job(repeat), "a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert_eq!(
            format!("{error:#}"),
            "step `charge` could not use its store: the step was not started: the store did not answer: connection reset"
        );
        assert_eq!(
            (error.step(), error.execution_id(), error.attempts()),
            (Some("charge"), "e1", 0)
        );
        assert_eq!(world.log.take(), ["Claim down"; 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_store_free_runs_unrecorded_and_is_counted() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::Down, 1000);
    let start = Instant::now();
    assert_eq!(
        told(world.call(job(Repeat::Free), "a").await),
        ("a".into(), How::Unrecorded)
    );
    assert_eq!(
        world.log.take(),
        ["Claim down", "Claim down", "Claim down", "run a"]
    );
    assert_eq!(world.keeper.counts().unrecorded, 1);
    assert!(start.elapsed() < Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_to_anybody_free_runs_after_half_a_second_for_each_try() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::Slow(LEASE * 100), 3);
    let start = Instant::now();
    assert_eq!(
        told(world.call(job(Repeat::Free), "a").await),
        ("a".into(), How::Unrecorded)
    );
    let tries = Duration::from_millis(1500);
    assert!(start.elapsed() >= tries && start.elapsed() < tries + Duration::from_millis(200));
}

/// The process has answers to other claims every 300 ms until `call` has ended: after `delay`, or at once.
async fn others_are_answered(world: &World, call: &Call, delay: Option<Duration>) {
    for i in 2.. {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if call.is_finished() {
            return;
        }
        if let Some(delay) = delay {
            world.store.fault(Op::Claim, Fault::Slow(delay), 1);
        }
        let other = Job {
            key: CacheKey([i; 32]),
            ..job(Repeat::Free)
        };
        world.call(other, "b").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn free_waits_its_turn_while_others_are_answered() {
    let world = World::new();
    let slow = Fault::Slow(Duration::from_secs(3));
    world.store.fault(Op::Claim, slow, 1);
    let call = world.spawn(&world.keeper, job(Repeat::Free), "a");
    settle().await;
    others_are_answered(&world, &call, Some(Duration::from_millis(1))).await;
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
    let mut log = world.log.take();
    log.retain(|line| line.starts_with("claim"));
    let n_claims = log.len() as u64;
    assert_eq!(world.keeper.counts().claimed, n_claims, "each is sent once");
}

#[tokio::test(start_paused = true)]
async fn free_waits_five_seconds_at_most_while_others_are_answered() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::Slow(LEASE * 100), 1);
    let call = world.spawn(&world.keeper, job(Repeat::Free), "a");
    settle().await;
    let start = Instant::now();
    others_are_answered(&world, &call, Some(Duration::from_millis(1))).await;
    let five = Duration::from_secs(5);
    assert!(start.elapsed() >= five && start.elapsed() < five + Duration::from_millis(400));
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
}

/// As of copies near at hand, while the store that has the rows is silent.
#[tokio::test(start_paused = true)]
async fn what_is_there_at_once_says_nothing_of_a_silent_store() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::Slow(LEASE * 100), 1);
    let call = world.spawn(&world.keeper, job(Repeat::Free), "a");
    settle().await;
    let start = Instant::now();
    others_are_answered(&world, &call, None).await;
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "it was sent again"
    );
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_sent_again() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::Refused, 1);
    assert_eq!(
        kind(world.call(job(Repeat::Keyed), "a").await),
        ErrorKind::Store
    );
    assert_eq!(world.log.take(), ["Claim refused"]);
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_was_given_up_but_won_is_given_back_when_the_store_is_there_again() {
    let world = World::new();
    world.store.fault(Op::Claim, Fault::LostReply, 4);
    assert_eq!(
        kind(world.call(job(Repeat::Never), "a").await),
        ErrorKind::Store
    );
    assert_eq!(world.log.take(), ["claim won 1"; 3]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.log.take(), ["claim won 1", "claim won 1", "release"]);
    assert_eq!(
        told(world.call(job(Repeat::Never), "b").await),
        ("b".into(), How::Ran)
    );
}

#[tokio::test(start_paused = true)]
async fn other_inputs_under_a_recorded_key_are_drift() {
    let world = World::new();
    world.call(job(Repeat::Keyed), "a").await.unwrap();
    world.log.take();
    let other = Job {
        input_hash: InputHash([3; 32]),
        ..job(Repeat::Keyed)
    };
    assert_eq!(kind(world.call(other, "b").await), ErrorKind::InputDrift);
    assert_eq!(world.log.take(), ["claim drift"]);
}
