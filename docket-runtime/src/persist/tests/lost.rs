//! Holders that are lost, and steps that take one after the other with them.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_lost_holder_is_marked_before_its_callers_are_told() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    let error = world.call(job(Repeat::Never), "b").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "step `charge` may or may not have taken effect: it was started and nobody knows how it ended (its process was \
         lost); find out whether it took effect, and say so by `docket resolve`, or give the step a `reconcile` that asks"
    );
    assert_eq!(
        world.log.take(),
        ["claim unknown", "claim unknown", "mark lost"]
    );
    assert_eq!(world.store.row().unwrap().status, script::Status::Unknown);
}

#[tokio::test(start_paused = true)]
async fn that_a_lost_holder_could_not_be_marked_changes_nothing() {
    let world = World::new();
    world.lose(job(Repeat::Never)).await;
    world.store.fault(Op::MarkLost, Fault::Slow(LEASE * 9), 1);
    let start = Instant::now();
    assert_eq!(
        kind(world.call(job(Repeat::Never), "b").await),
        ErrorKind::InDoubt
    );
    assert!(start.elapsed() < Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn after_max_attempts_lost_processes_the_step_is_in_doubt() {
    for repeat in [Repeat::Free, Repeat::Keyed] {
        let world = World::new();
        for _ in 0..3 {
            world.lose(job(repeat)).await;
        }
        let error = world.call(job(repeat), "b").await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InDoubt, 3));
        assert_eq!(
            error.to_string(),
            "step `charge` may or may not have taken effect after 3 attempts: 3 processes were lost while they ran it, \
             which is as many as `max_attempts` allows; find out whether it is what ends them, and whether it took \
             effect, and say so by `docket resolve`"
        );
        assert_eq!(
            world.log.take(),
            ["claim unknown", "claim unknown", "mark lost"]
        );
    }
}
