use super::*;

/// Another process runs the step; the log is empty.
async fn run_elsewhere(world: &World, repeat: Repeat) -> (oneshot::Sender<()>, Call) {
    let (open, call) = world.spawn_gated(&world.process(), job(repeat), "theirs");
    settle().await;
    assert_eq!(world.log.take(), ["claim won 1", "start theirs"]);
    (open, call)
}

/// The log without the looks of waiters and the heartbeat.
fn quiet(world: &World) -> Vec<String> {
    let mut log = world.log.take();
    log.retain(|line| line != "claim busy" && !line.starts_with("renew"));
    log
}

#[tokio::test(start_paused = true)]
async fn a_waiter_gets_the_value_of_another_process() {
    for repeat in POLICIES {
        let world = World::new();
        let (open, theirs) = run_elsewhere(&world, repeat).await;
        let ours = world.spawn(&world.keeper, job(repeat), "ours");
        tokio::time::sleep(Duration::from_secs(100)).await;
        let looks = world.log.take();
        assert!((200..500).contains(&looks.len()), "{}", looks.len());
        open.send(()).unwrap();
        assert_eq!(told(ours.await.unwrap()), ("theirs".into(), How::Joined));
        assert_eq!(told(theirs.await.unwrap()), ("theirs".into(), How::Ran));
        assert_eq!(quiet(&world), ["end theirs", "complete", "claim hit"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_bears_a_silence_rather_than_run_the_step_beside_its_holder() {
    let world = World::new();
    let (open, theirs) = run_elsewhere(&world, Repeat::Free).await;
    let slow = Fault::Slow(Duration::from_secs(3));
    world.store.fault_later(Op::Claim, 1, slow, 3);
    let ours = world.spawn(&world.keeper, job(Repeat::Free), "ours");
    tokio::time::sleep(Duration::from_secs(1)).await;
    open.send(()).unwrap();
    assert_eq!(told(ours.await.unwrap()), ("theirs".into(), How::Joined));
    assert_eq!(told(theirs.await.unwrap()), ("theirs".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_gets_the_failure_it_waited_for_and_does_not_run() {
    for repeat in POLICIES {
        let world = World::new();
        let (_open, theirs) = run_elsewhere(&world, repeat).await;
        let ours = world.spawn(&world.keeper, job(repeat), "ours");
        settle().await;
        world.store.edit(|row| {
            row.status = script::Status::Failed;
            row.error = "card declined".into();
        });
        let error = ours.await.unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `charge` failed: card declined (recorded; the attempt of another caller that was waited for)"
        );
        assert_eq!(error.attempts(), 1);
        assert_eq!(quiet(&world), ["claim failed"]);
        theirs.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_whose_time_is_over_is_told_who_has_it() {
    let world = World::new();
    let _theirs = run_elsewhere(&world, Repeat::Keyed).await;
    let error = world
        .call(job_for(Repeat::Keyed, Duration::from_secs(3)), "ours")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert_eq!(
        error.to_string(),
        "step `charge` is being run by another caller for the same key: process `host/1/0` runs it and was not done in \
         time; ask again, or give it more time"
    );
    assert_eq!(quiet(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_flight_that_only_waits_ends_with_its_last_caller() {
    let world = World::new();
    let _theirs = run_elsewhere(&world, Repeat::Keyed).await;
    let first = world.spawn(&world.keeper, job(Repeat::Keyed), "a");
    let second = world.spawn(&world.keeper, job(Repeat::Keyed), "b");
    tokio::time::sleep(Duration::from_secs(5)).await;
    first.abort();
    settle().await;
    assert_eq!(world.keeper.inner.flights.len(), 1);
    second.abort();
    settle().await;
    assert_eq!(world.keeper.inner.flights.len(), 0);
    world.log.take();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(quiet(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_holder_is_replaced_under_the_same_idempotency_key() {
    for repeat in [Repeat::Free, Repeat::Keyed] {
        let world = World::new();
        let fresh = World::new().idempotency_key(job(repeat)).await;
        lose_holder(&world, repeat).await;
        assert_eq!(world.idempotency_key(job(repeat)).await, fresh);
        assert_eq!(world.log.take(), ["claim won 2", "complete"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_takes_over_when_the_holder_is_lost() {
    let world = World::new();
    lose_holder(&world, Repeat::Keyed).await;
    world
        .store
        .edit(|row| row.lease_until = Instant::now() + LEASE);
    let start = Instant::now();
    assert_eq!(
        told(world.call(job(Repeat::Keyed), "a").await),
        ("a".into(), How::Ran)
    );
    assert!(start.elapsed() >= LEASE && start.elapsed() < LEASE + Duration::from_secs(1));
    assert_eq!(quiet(&world), ["claim won 2", "run a", "complete"]);
}

#[tokio::test(start_paused = true)]
async fn under_never_a_lost_holder_is_in_doubt_after_a_second_look() {
    let world = World::new();
    lose_holder(&world, Repeat::Never).await;
    let error = world.call(job(Repeat::Never), "a").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InDoubt, 1));
    assert_eq!(
        world.log.take(),
        ["claim unknown", "claim unknown", "mark lost"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_renewed_meanwhile_is_waited_for() {
    let world = World::new();
    lose_holder(&world, Repeat::Never).await;
    let call = world.spawn(&world.keeper, job(Repeat::Never), "a");
    settle().await;
    world
        .store
        .edit(|row| row.lease_until = Instant::now() + LEASE);
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.store.edit(|row| {
        row.status = script::Status::Failed;
        row.error = "late".into();
    });
    assert_eq!(kind(call.await.unwrap()), ErrorKind::Failed);
    assert_eq!(quiet(&world), ["claim unknown", "claim failed"]);
}

#[tokio::test(start_paused = true)]
async fn the_strictest_policy_of_a_row_wins() {
    let world = World::new();
    lose_holder(&world, Repeat::Never).await;
    assert_eq!(
        kind(world.call(job(Repeat::Keyed), "a").await),
        ErrorKind::InDoubt
    );
    assert_eq!(
        world.log.take(),
        ["claim unknown", "claim unknown", "mark lost"]
    );
}

/// Another process claimed the row, and was lost at once.
async fn lose_holder(world: &World, repeat: Repeat) {
    let keeper = world.process();
    let request = keeper.request(&job(repeat));
    keeper.store().claim(&request).await.unwrap();
    world.store.edit(|row| row.lease_until = Instant::now());
    world.log.take();
}
