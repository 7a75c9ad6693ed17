use super::*;

fn job_of(key: u8) -> Job {
    Job {
        key: CacheKey([key; 32]),
        ..job(Repeat::Keyed)
    }
}

fn renewals(world: &World) -> Vec<String> {
    let mut log = world.log.take();
    log.retain(|line| line.starts_with("renew") || line.starts_with("Renew"));
    log
}

#[tokio::test(start_paused = true)]
async fn all_claims_are_renewed_together_every_third_of_a_lease_while_there_are_any() {
    let world = World::new();
    let (open_1, first) = world.spawn_gated(&world.keeper, job_of(1), "a");
    let (open_2, second) = world.spawn_gated(&world.keeper, job_of(2), "b");
    settle().await;
    tokio::time::sleep(LEASE + Duration::from_secs(1)).await;
    assert_eq!(renewals(&world), ["renew 2"; 3]);
    open_1.send(()).unwrap();
    first.await.unwrap().unwrap();
    tokio::time::sleep(LEASE / 3).await;
    assert_eq!(renewals(&world), ["renew 1"]);
    open_2.send(()).unwrap();
    second.await.unwrap().unwrap();
    tokio::time::sleep(LEASE * 10).await;
    assert_eq!(renewals(&world), [""; 0]);
    // And it starts again.
    let (_open, _third) = world.spawn_gated(&world.keeper, job_of(3), "c");
    tokio::time::sleep(LEASE / 2).await;
    assert_eq!(renewals(&world), ["renew 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_that_does_not_arrive_is_sent_again_before_the_lease_lapses() {
    let world = World::new();
    world.store.fault(Op::Renew, Fault::Down, 3);
    let (_open, _call) = world.spawn_gated(&world.keeper, job_of(1), "a");
    tokio::time::sleep(LEASE - Duration::from_secs(1)).await;
    assert_eq!(
        renewals(&world),
        ["Renew down", "Renew down", "Renew down", "renew 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_was_lost_is_not_renewed_any_more() {
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job_of(1), "a");
    settle().await;
    world.store.delete();
    tokio::time::sleep(LEASE * 3).await;
    assert_eq!(renewals(&world), ["renew 1"]);
    open.send(()).unwrap();
    assert_eq!(told(call.await.unwrap()), ("a".into(), How::Ran));
}

#[tokio::test(start_paused = true)]
async fn the_heartbeat_does_not_keep_the_store() {
    let World {
        log: _,
        store,
        keeper,
    } = World::new();
    let inner = std::sync::Arc::downgrade(&keeper.inner);
    let run = |_| async { Ok::<_, Ended>(Text("a".into())) };
    obtain(&keeper, job(Repeat::Keyed), run).await.unwrap();
    settle().await;
    drop((keeper, store));
    assert!(inner.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_run_outlives_the_last_clone_of_its_keeper() {
    let World { log, store, keeper } = World::new();
    let world = World {
        log,
        store,
        keeper: keeper.clone(),
    };
    let (open, call) = world.spawn_gated(&keeper, job(Repeat::Keyed), "a");
    settle().await;
    call.abort();
    drop(keeper);
    let World { log, store, keeper } = world;
    drop(keeper);
    tokio::time::sleep(LEASE * 2).await;
    open.send(()).unwrap();
    settle().await;
    assert_eq!(store.value().as_deref(), Some("a"));
    assert!(log.take().iter().any(|line| line == "renew 1"));
}
