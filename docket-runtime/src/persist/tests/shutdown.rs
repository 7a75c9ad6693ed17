//! Going away in good order.

use super::*;

const GRACE: Duration = Duration::from_secs(100);

#[tokio::test(start_paused = true)]
async fn what_runs_is_recorded_and_kept_alive_and_nothing_new_starts() {
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "a");
    settle().await;
    let (left, ()) = tokio::join!(world.keeper.shutdown(GRACE), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let other = Job {
            key: CacheKey([3; 32]),
            ..job(Repeat::Free)
        };
        let error = world.call(other, "b").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `charge` could not use its store: its graph was shut down, so nothing new is started, and the step was \
             not"
        );
        assert_eq!(error.kind(), ErrorKind::Store);
        tokio::time::sleep(LEASE * 2).await;
        open.send(()).unwrap();
    });
    assert_eq!(left, 0);
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
    let lines = world.log.take();
    let others: Vec<_> = lines.iter().filter(|line| *line != "renew 1").collect();
    assert_eq!(others, ["claim won 1", "start a", "end a", "complete"]);
    assert_eq!(lines.len() - others.len(), 6, "it was renewed: {lines:?}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_grace_tells_how_many_are_left_and_a_second_call_waits_again() {
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "a");
    settle().await;
    let start = Instant::now();
    assert_eq!(world.keeper.shutdown(Duration::from_secs(7)).await, 1);
    assert_eq!(start.elapsed(), Duration::from_secs(7));
    assert_eq!(world.keeper.shutdown(Duration::ZERO).await, 1);
    open.send(()).unwrap();
    assert_eq!(world.keeper.shutdown(GRACE).await, 0);
    assert_eq!(start.elapsed(), Duration::from_secs(7));
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_is_dropped_leaves_the_gate_closed() {
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "a");
    settle().await;
    let waited = tokio::time::timeout(Duration::from_secs(1), world.keeper.shutdown(GRACE)).await;
    assert!(waited.is_err());
    open.send(()).unwrap();
    call.await.unwrap().unwrap();
    let error = world.call(job(Repeat::Keyed), "b").await;
    assert_eq!(kind(error), ErrorKind::Store);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_another_process_is_told_at_once() {
    let world = World::new();
    let (_open, _call) = world.spawn_gated(&world.process(), job(Repeat::Never), "a");
    settle().await;
    let waiter = world.spawn(&world.keeper, job(Repeat::Never), "b");
    settle().await;
    let start = Instant::now();
    assert_eq!(world.keeper.shutdown(GRACE).await, 0);
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(kind(waiter.await.unwrap()), ErrorKind::Store);
}

#[tokio::test(start_paused = true)]
async fn a_claim_won_too_late_is_given_back_before_the_process_may_end() {
    let world = World::new();
    let second = Duration::from_secs(1);
    world.store.fault(Op::Claim, Fault::Slow(second), 1);
    world.store.fault(Op::Release, Fault::Slow(second), 1);
    let call = world.spawn(&world.keeper, job(Repeat::Never), "a");
    settle().await;
    let start = Instant::now();
    assert_eq!(world.keeper.shutdown(GRACE).await, 0);
    assert_eq!(start.elapsed(), 2 * second);
    assert_eq!(kind(call.await.unwrap()), ErrorKind::Store);
    assert_eq!(world.log.take(), ["claim won 1", "release"]);
    assert!(world.store.row().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_was_not_applied_does_not_run_any_more() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let answer = Answer::Later(Duration::from_secs(5), &Answer::NotApplied);
    let call = world.call_reconciling(job(Repeat::Never), answer);
    let (outcome, left) = tokio::join!(call, async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.keeper.shutdown(GRACE).await
    });
    assert_eq!((kind(outcome), left), (ErrorKind::Store, 0));
    assert_eq!(world.store.row().unwrap().status, script::Status::Unknown);
}
