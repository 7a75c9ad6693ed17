use super::*;

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_cause_one_conversation_and_one_run() {
    let world = World::new();
    let calls: Vec<_> = (0..1000)
        .map(|_| world.spawn(&world.keeper, job(Repeat::Never), "a"))
        .collect();
    let mut ran = 0;
    for call in calls {
        let (value, how) = told(call.await.unwrap());
        assert_eq!(value, "a");
        assert!(matches!(how, How::Ran | How::Joined | How::Hit));
        ran += usize::from(how == How::Ran);
    }
    assert_eq!(ran, 1);
    assert_eq!(world.log.take()[..3], ["claim won 1", "run a", "complete"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_and_is_recorded_when_every_caller_has_left() {
    for repeat in POLICIES {
        let world = World::new();
        let (open, call) = world.spawn_gated(&world.keeper, job(repeat), "a");
        settle().await;
        call.abort();
        settle().await;
        assert_eq!(world.log.take(), ["claim won 1", "start a"]);
        open.send(()).unwrap();
        settle().await;
        assert_eq!(world.log.take(), ["end a", "complete"]);
        assert_eq!(
            told(world.call(job(repeat), "b").await),
            ("a".into(), How::Hit)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_takes_nothing_from_the_others() {
    let world = World::new();
    let (open, first) = world.spawn_gated(&world.keeper, job(Repeat::Never), "a");
    settle().await;
    let second = world.spawn(&world.keeper, job(Repeat::Never), "b");
    let third = world.spawn(&world.keeper, job(Repeat::Never), "c");
    settle().await;
    first.abort();
    third.abort();
    settle().await;
    open.send(()).unwrap();
    assert_eq!(told(second.await.unwrap()), ("a".into(), How::Joined));
    assert_eq!(
        world.log.take(),
        ["claim won 1", "start a", "end a", "complete"]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_when_every_caller_left_before_the_claim_was_won() {
    let world = World::new();
    world
        .store
        .fault(Op::Claim, Fault::Slow(Duration::from_secs(1)), 1);
    world.store.fault(Op::Release, Fault::Down, 2);
    let call = world.spawn(&world.keeper, job(Repeat::Never), "a");
    settle().await;
    call.abort();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        world.log.take(),
        ["claim won 1", "Release down", "Release down", "release"]
    );
    assert_eq!(
        told(world.call(job(Repeat::Never), "b").await),
        ("b".into(), How::Ran)
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_joined_keeps_a_flight_whose_first_caller_left() {
    let world = World::new();
    world
        .store
        .fault(Op::Claim, Fault::Slow(Duration::from_secs(1)), 1);
    let first = world.spawn(&world.keeper, job(Repeat::Never), "a");
    settle().await;
    let second = world.spawn(&world.keeper, job(Repeat::Never), "b");
    settle().await;
    first.abort();
    assert_eq!(told(second.await.unwrap()), ("a".into(), How::Joined));
    assert_eq!(world.log.take(), ["claim won 1", "run a", "complete"]);
}

#[tokio::test(start_paused = true)]
async fn other_inputs_under_the_key_of_a_flight_are_drift() {
    let world = World::new();
    let (open, first) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "a");
    settle().await;
    let other = Job {
        input_hash: InputHash([3; 32]),
        ..job(Repeat::Keyed)
    };
    assert_eq!(kind(world.call(other, "b").await), ErrorKind::InputDrift);
    open.send(()).unwrap();
    first.await.unwrap().unwrap();
    assert_eq!(
        world.log.take(),
        ["claim won 1", "start a", "end a", "complete"]
    );
}

#[tokio::test(start_paused = true)]
async fn each_caller_waits_for_its_own_time() {
    let world = World::new();
    let second_ms = Duration::from_secs(1);
    let (open, own) = world.spawn_gated(&world.keeper, job_for(Repeat::Keyed, second_ms), "a");
    settle().await;
    let joined = world.spawn(&world.keeper, job_for(Repeat::Keyed, second_ms / 2), "b");
    let patient = world.spawn(&world.keeper, job_for(Repeat::Keyed, second_ms * 9), "c");
    assert_eq!(kind(joined.await.unwrap()), ErrorKind::Busy);
    let error = own.await.unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "step `charge` was not done at the deadline of its execution: it runs on and will be recorded, so ask again, or \
         give it more time"
    );
    open.send(()).unwrap();
    assert_eq!(told(patient.await.unwrap()), ("a".into(), How::Joined));
}

#[tokio::test(start_paused = true)]
async fn every_caller_gets_the_error_of_the_run_under_its_own_execution() {
    let world = World::new();
    let (open, gate) = oneshot::channel::<()>();
    let run = move |_| async move {
        let _ = gate.await;
        let error = Error::new(ErrorKind::Failed).with_source(std::io::Error::other("boom"));
        Err::<Text, _>(Ended {
            error,
            verdict: None,
        })
    };
    let keeper = world.keeper.clone();
    let first = tokio::spawn(async move { obtain(&keeper, job(Repeat::Keyed), run).await });
    settle().await;
    let other = Job {
        execution_id: "e2".into(),
        ..job(Repeat::Keyed)
    };
    let second = world.spawn(&world.keeper, other, "b");
    settle().await;
    open.send(()).unwrap();
    for (call, id) in [(first, "e1"), (second, "e2")] {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(
            (error.execution_id(), error.kind()),
            (id, ErrorKind::Failed)
        );
        assert!(error.downcast_ref::<std::io::Error>().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_step_is_an_error_of_every_caller() {
    let world = World::new();
    let run = |_: Grant| -> BoxedRun { panic!("no card") };
    let keeper = world.keeper.clone();
    let first = tokio::spawn(async move { obtain(&keeper, job(Repeat::Keyed), run).await });
    let second = world.spawn(&world.keeper, job(Repeat::Keyed), "b");
    let error = first.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "step `charge` panicked: no card");
    assert_eq!(kind(second.await.unwrap()), ErrorKind::Panicked);
    assert_eq!(world.log.take(), ["claim won 1", "fail Failed panicked"]);
}

#[test]
fn a_runtime_that_shuts_down_leaves_nobody_waiting() {
    let world = World::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _open = runtime.block_on(async {
        let (open, _call) = world.spawn_gated(&world.keeper, job(Repeat::Never), "a");
        settle().await;
        open
    });
    let mut joined = std::pin::pin!(world.call(job(Repeat::Never), "b"));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(joined.as_mut().poll(&mut cx).is_pending());
    drop(runtime);
    let std::task::Poll::Ready(outcome) = joined.as_mut().poll(&mut cx) else {
        panic!("it hangs")
    };
    assert_eq!(kind(outcome), ErrorKind::InDoubt);
    assert_eq!(world.keeper.inner.flights.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_value_nobody_shares_is_taken_without_decoding() {
    let world = World::new();
    let obtained = world.call(job(Repeat::Keyed), "a").await.unwrap();
    settle().await;
    assert_eq!(obtained.into_value().unwrap(), Text("a".into()));
    let obtained = world.call(job(Repeat::Keyed), "b").await.unwrap();
    let _shared = obtained.value.clone();
    assert_eq!(obtained.into_value().unwrap(), Text("a".into()));
}
