//! What is too large for a row, and what is counted.

use serde_json::{Value as Json, json};

use super::*;

async fn metadata_of(
    annotate: impl FnOnce(&crate::persist::Annotations) + Send + Sync + 'static,
) -> Json {
    let world = World::new();
    let run = move |grant: Grant| {
        annotate(&grant.annotations);
        std::future::ready(Ok::<_, Ended>(Text("a".into())))
    };
    obtain(&world.keeper, job(Repeat::Keyed), run)
        .await
        .unwrap();
    serde_json::from_str(&world.store.row().unwrap().metadata).unwrap()
}

#[tokio::test(start_paused = true)]
async fn of_annotations_that_are_too_large_the_largest_are_left_out_and_the_row_says_so() {
    let metadata = metadata_of(|it| {
        it.annotate("small", 1);
        it.annotate("large", "x".repeat(5000));
        it.annotate("medium", "y".repeat(3000));
    })
    .await;
    let expected = json!({
        "small": 1, "medium": "y".repeat(3000), "attempt": 1, "annotations_dropped": 1
    });
    assert_eq!(metadata, expected);
    let metadata = metadata_of(|it| it.annotate("fits", "x".repeat(4000))).await;
    assert_eq!(metadata, json!({ "fits": "x".repeat(4000), "attempt": 1 }));
}

#[tokio::test(start_paused = true)]
async fn the_words_of_an_error_are_cut_to_1_kib() {
    let world = World::new();
    let run = |_| async {
        let error = Error::new(ErrorKind::Failed).with_source(BoxError::from("ü".repeat(1000)));
        Err::<Text, _>(Ended {
            error,
            verdict: None,
        })
    };
    let error = obtain(&world.keeper, job(Repeat::Keyed), run)
        .await
        .unwrap_err();
    assert_eq!(world.store.row().unwrap().error, "ü".repeat(512));
    assert!(
        format!("{error:#}").len() > 2000,
        "its caller gets all of it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_larger_value_can_be_allowed() {
    for (max_value_bytes, expected) in [(1 << 20, Some(ErrorKind::Encoding)), (1 << 21, None)] {
        let world = World::new();
        let settings = Settings {
            max_value_bytes,
            ..Settings::default()
        };
        let keeper = Keeper::new(AnyStore::new(world.store.clone()), "".into(), settings);
        for value in ["large", "not run"] {
            let outcome = world.call_from(&keeper, job(Repeat::Never), value).await;
            assert_eq!(outcome.err().map(|it| it.kind()), expected);
        }
        assert_eq!(
            world.log.take(),
            ["claim won 1", "run large", "complete", "claim hit"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_thing_that_happens_is_counted() {
    let world = World::new();
    let counts = || world.keeper.counts();
    world
        .call_failing(job(Repeat::Keyed), ErrorKind::Failed, None)
        .await;
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "a");
    settle().await;
    let other = world.process();
    let waiter = world.spawn(&other, job(Repeat::Keyed), "b");
    settle().await;
    // The store is away for longer than the lease, and nobody takes the row over.
    world.store.fault(Op::Renew, Fault::Down, 100);
    world.store.fault(Op::Complete, Fault::Down, 2);
    waiter.abort();
    tokio::time::sleep(LEASE * 2).await;
    open.send(()).unwrap();
    call.await.unwrap().unwrap();
    world.call(job(Repeat::Keyed), "c").await.unwrap();
    let got = counts();
    assert_eq!((got.claimed, got.reclaimed, got.hit), (2, 1, 1));
    assert_eq!((got.healed, got.record_retries), (1, 2));
    assert!(got.heartbeats_missed >= 6, "{got:?}");
    assert_eq!(other.counts().busy, 1);

    world.store.edit(|row| {
        let value = row.value.as_mut().unwrap();
        value.bytes = Some(Arc::from(*b"undecodable"));
    });
    let error = world.call(job(Repeat::Never), "d").await;
    assert_eq!(kind(error), ErrorKind::Encoding);
    assert_eq!(counts().undecodable, 1);

    world.store.edit(|row| row.input_hash = InputHash([9; 32]));
    let error = world.call(job(Repeat::Keyed), "d").await;
    assert_eq!(kind(error), ErrorKind::InputDrift);
    assert_eq!(counts().drift, 1);

    world.store.delete();
    world
        .call_failing(job(Repeat::Never), ErrorKind::Failed, None)
        .await;
    world.call(job(Repeat::Never), "d").await.unwrap_err();
    assert_eq!(counts().failed, 1);

    world.store.delete();
    world.lose(job(Repeat::Never)).await;
    world.call(job(Repeat::Never), "d").await.unwrap_err();
    assert_eq!(counts().unknown, 2);
}
