//! Runs that find their row in other hands.

use super::*;

#[tokio::test(start_paused = true)]
async fn who_was_overtaken_gets_the_value_of_the_other_and_overwrites_nothing() {
    let world = World::new();
    let (open, slow) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "slow");
    settle().await;
    world.store.edit(|row| row.lease_until = Instant::now());
    world
        .call_from(&world.process(), job(Repeat::Keyed), "fast")
        .await
        .unwrap();
    open.send(()).unwrap();
    assert_eq!(told(slow.await.unwrap()), ("fast".into(), How::Joined));
    assert_eq!(world.store.value().as_deref(), Some("fast"));
    assert_eq!(world.keeper.counts().fenced, 1);
    assert_eq!(
        world.log.take(),
        [
            "claim won 1",
            "start slow",
            "claim won 2",
            "run fast",
            "complete",
            "end slow",
            "complete fenced",
            "claim hit",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn who_was_overtaken_waits_for_the_other() {
    let world = World::new();
    let (open_slow, slow) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "slow");
    settle().await;
    world.store.edit(|row| row.lease_until = Instant::now());
    let (open_fast, fast) = world.spawn_gated(&world.process(), job(Repeat::Keyed), "fast");
    settle().await;
    open_slow.send(()).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    open_fast.send(()).unwrap();
    assert_eq!(told(slow.await.unwrap()), ("fast".into(), How::Joined));
    assert_eq!(told(fast.await.unwrap()), ("fast".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_was_deleted_meanwhile_is_written_anew() {
    for repeat in POLICIES {
        let world = World::new();
        let (open, call) = world.spawn_gated(&world.keeper, job(repeat), "a");
        settle().await;
        world.store.delete();
        open.send(()).unwrap();
        assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
        assert_eq!(world.store.value().as_deref(), Some("a"));
        assert_eq!(
            world.log.take(),
            [
                "claim won 1",
                "start a",
                "end a",
                "complete fenced",
                "claim won 1",
                "complete"
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_completion_heals_a_row_nobody_took_over() {
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Never), "a");
    settle().await;
    world.store.edit(|row| row.lease_until = Instant::now());
    let other = world
        .call_from(&world.process(), job(Repeat::Never), "b")
        .await;
    assert_eq!(kind(other), ErrorKind::InDoubt);
    open.send(()).unwrap();
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
    assert_eq!(
        told(world.call(job(Repeat::Never), "c").await),
        ("a".into(), How::Hit)
    );
}

#[tokio::test(start_paused = true)]
async fn who_failed_after_being_overtaken_gets_its_own_error_and_overwrites_nothing() {
    let world = World::new();
    let (open, gate) = oneshot::channel::<()>();
    let run = move |_| async move {
        let _ = gate.await;
        Err::<Text, _>(Ended {
            error: Error::new(ErrorKind::Failed),
            verdict: None,
        })
    };
    let keeper = world.keeper.clone();
    let slow = tokio::spawn(async move { obtain(&keeper, job(Repeat::Keyed), run).await });
    settle().await;
    world.store.edit(|row| row.lease_until = Instant::now());
    world
        .call_from(&world.process(), job(Repeat::Keyed), "fast")
        .await
        .unwrap();
    open.send(()).unwrap();
    assert_eq!(kind(slow.await.unwrap()), ErrorKind::Failed);
    assert_eq!(world.store.value().as_deref(), Some("fast"));
    assert_eq!(world.keeper.counts().fenced, 1);
}
