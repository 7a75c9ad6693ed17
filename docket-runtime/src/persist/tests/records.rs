use super::*;

#[tokio::test(start_paused = true)]
async fn the_first_run_returns_what_a_later_hit_returns() {
    let world = World::new();
    assert_eq!(told(world.call(job(Repeat::Keyed), "a|lost").await).0, "a");
    assert_eq!(told(world.call(job(Repeat::Keyed), "b").await).0, "a");
}

#[tokio::test(start_paused = true)]
async fn annotations_and_the_attempt_are_in_the_metadata() {
    let world = World::new();
    let run = |grant: Grant| async move {
        grant.annotations.annotate("bureau", "north");
        grant.annotations.annotate("status", "mine");
        grant.annotations.annotate("attempt", 99);
        Ok::<_, Ended>(Text("a".into()))
    };
    obtain(&world.keeper, job(Repeat::Keyed), run)
        .await
        .unwrap();
    assert_eq!(
        &*world.store.row().unwrap().metadata,
        r#"{"attempt":1,"bureau":"north"}"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_reply_was_lost_is_written_again() {
    let world = World::new();
    world.store.fault(Op::Complete, Fault::LostReply, 1);
    assert_eq!(
        told(world.call(job(Repeat::Never), "a").await),
        ("a".into(), How::Ran)
    );
    assert_eq!(
        world.log.take(),
        ["claim won 1", "run a", "complete", "complete"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_is_tried_until_the_store_is_back() {
    for repeat in [Repeat::Keyed, Repeat::Never] {
        let world = World::new();
        world.store.fault(Op::Complete, Fault::Down, 100_000);
        world.store.fault(Op::Renew, Fault::Down, 100_000);
        let error = world
            .call(job_for(repeat, Duration::from_secs(3)), "a")
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `charge` could not use its store: the step ran, but its result is not recorded yet; that goes on in \
             the background, so ask again"
        );
        // Who asks meanwhile waits for the record, and does not run.
        let patient = world.spawn(&world.keeper, job(repeat), "b");
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(world.store.value(), None);
        world.store.heal();
        assert_eq!(told(patient.await.unwrap()), ("a".into(), How::Joined));
        assert_eq!(world.store.value().as_deref(), Some("a"));
        assert_eq!(
            world
                .log
                .take()
                .iter()
                .filter(|line| line.starts_with("run"))
                .count(),
            1
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_free_record_is_dropped_after_a_few_tries() {
    let world = World::new();
    world.store.fault(Op::Complete, Fault::Down, 100);
    assert_eq!(
        told(world.call(job(Repeat::Free), "a").await),
        ("a".into(), How::Unrecorded)
    );
    assert_eq!(
        world.log.take()[1..],
        ["run a", "Complete down", "Complete down", "Complete down"]
    );
    assert_eq!(world.keeper.counts().unrecorded, 1);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_refused_is_an_error_of_the_store() {
    let world = World::new();
    world.store.fault(Op::Complete, Fault::Refused, 1);
    let error = world.call(job(Repeat::Keyed), "a").await.unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "step `charge` could not use its store: the step ran, but its result could not be recorded: read only"
    );
}

#[tokio::test(start_paused = true)]
async fn a_value_that_can_not_be_stored_is_an_error_and_never_a_second_run() {
    for repeat in POLICIES {
        for value in ["unencodable", "encoder panics", "large", "undecodable"] {
            let world = World::new();
            assert_eq!(
                kind(world.call(job(repeat), value).await),
                ErrorKind::Encoding
            );
            assert_eq!(
                world.log.take(),
                ["claim won 1", &format!("run {value}"), "complete"]
            );
            assert_eq!(world.store.row().unwrap().value.unwrap().bytes, None);
            assert_eq!(
                kind(world.call(job(repeat), "b").await),
                ErrorKind::Encoding
            );
            assert_eq!(world.log.take(), ["claim hit"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_value_is_told_with_its_size_and_the_limit() {
    let error = World::new()
        .call(job(Repeat::Keyed), "large")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "step `charge` has a value that can't be stored or read back: the step ran, but its value takes 1048577 bytes \
         and at most 1048576 are stored, so the value is not kept; return a reference to what is large, persist a \
         smaller step, or raise `max_value_bytes`"
    );
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_value_is_made_anew_under_the_same_key_but_not_under_never() {
    for repeat in POLICIES {
        let world = World::new();
        let key = world.idempotency_key(job(repeat)).await;
        world
            .store
            .edit(|row| row.value.as_mut().unwrap().bytes = Some((*b"undecodable").into()));
        world.log.take();
        if repeat == Repeat::Never {
            assert_eq!(
                kind(world.call(job(repeat), "b").await),
                ErrorKind::Encoding
            );
            assert_eq!(world.log.take(), ["claim hit"]);
        } else {
            assert_eq!(world.idempotency_key(job(repeat)).await, key);
            assert_eq!(world.log.take(), ["claim hit", "claim won 2", "complete"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_of_another_codec_is_undecodable() {
    let world = World::new();
    world.call(job(Repeat::Never), "a").await.unwrap();
    world
        .store
        .edit(|row| row.value.as_mut().unwrap().codec = 8);
    let error = world.call(job(Repeat::Never), "b").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "step `charge` has a value that can't be stored or read back: its row was written with codec 8 and is read with \
         codec 7; raise the step's `version`"
    );
}
