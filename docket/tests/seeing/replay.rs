//! Steps that are given what they come to, by hand or from a recorded run.

use docket::testing::{EventLog, FaultyStore, Recorder, Recording, Replay};
use docket::{ErrorKind, MemoryStore};

use crate::shop::{
    Closed, Found, Limit, Page, Profile, Ran, Score, Shop, UserId, compose, fetch_profile,
    find_limit, find_offers, score_credit, set_limit,
};

fn shop() -> (Shop, Ran, EventLog, FaultyStore<MemoryStore>) {
    let (ran, log) = (Ran::default(), EventLog::new());
    let store = FaultyStore::new(MemoryStore::new());
    let shop = Shop::builder()
        .ran(ran.clone())
        .store(store.clone())
        .observer(log.clone())
        .build();
    (shop, ran, log, store)
}

fn ada() -> Profile {
    Profile {
        name: "Ada".to_owned(),
    }
}

#[tokio::test]
async fn a_step_that_is_given_does_not_run_and_is_not_recorded() {
    let (shop, ran, log, store) = shop();
    let replay = Replay::new()
        .give::<fetch_profile>(ada())
        .give_with::<score_credit>(|| Score(4));
    let page = shop.page(replay.execution("x"), UserId(7)).await.unwrap();
    assert_eq!(page, Page("Ada, 40, 1 offers".to_owned()));
    let mut run = ran.take();
    run.sort_unstable();
    assert_eq!(run, ["compose", "find_offers", "set_limit"]);
    let mut given = replay.given();
    given.sort_unstable();
    assert_eq!(given, ["fetch_profile", "score_credit"]);
    assert_eq!(log.count("fetch_profile given"), 1);
    assert_eq!(log.count("score_credit given"), 1);
    assert_eq!(
        store.take_log(),
        ["claim set_limit: claimed", "complete: recorded"]
    );
    // The next execution is one like any other.
    assert_eq!(shop.score("x", UserId(7)).await.unwrap(), Score(7));
}

#[tokio::test]
async fn a_step_that_is_made_to_fail_is_softened_falls_back_or_ends_it_as_it_would() {
    let (shop, ran, log, _) = shop();
    let replay = Replay::new()
        .fail::<set_limit, _>(|| Closed)
        .fail::<find_offers, _>(|| Closed);
    let page = shop.page(replay.execution("x"), UserId(7)).await.unwrap();
    assert_eq!(page, Page("user 7, 0, 0 offers".to_owned()));
    assert_eq!(log.count("set_limit softened: Failed"), 1);
    assert_eq!(log.count("find_offers fallback"), 1);
    ran.take();

    let replay = Replay::new().fail::<compose, _>(|| "out of ink");
    let error = shop
        .page(replay.execution("x"), UserId(7))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("compose"))
    );
    assert_eq!(format!("{error:#}"), "step `compose` failed: out of ink");
}

#[tokio::test]
async fn a_recorded_run_is_the_seed_of_a_test() {
    let (shop, ran, ..) = shop();
    let recorder = Recorder::new()
        .step::<fetch_profile>()
        .step::<score_credit>()
        .step::<set_limit>();
    let page = shop.page(recorder.execution("x"), UserId(7)).await.unwrap();
    ran.take();
    let json = recorder.recording().to_json();
    assert_eq!(
        json,
        r#"{
  "docket_recording": 1,
  "steps": {
    "fetch_profile": {
      "codec": 2,
      "values": [
        {"name":"user 7"}
      ]
    },
    "score_credit": {
      "codec": 2,
      "values": [
        7
      ]
    },
    "set_limit": {
      "codec": 2,
      "values": [
        70
      ]
    }
  }
}
"#
    );

    let recording = Recording::from_json(&json).unwrap();
    assert_eq!(recording.get::<set_limit>().unwrap(), Limit(70));
    let replay = Replay::new()
        .recorded::<fetch_profile>(&recording)
        .unwrap()
        .recorded::<set_limit>(&recording)
        .unwrap();
    let (other, ran, ..) = self::shop();
    assert_eq!(
        other.page(replay.execution("y"), UserId(7)).await.unwrap(),
        page
    );
    // Its value is not needed for anything but the limit, but it is a step of the entry, and runs.
    let mut run = ran.take();
    run.sort_unstable();
    assert_eq!(run, ["compose", "find_offers", "score_credit"]);
}

/// What the store has comes to the recording, too.
#[tokio::test]
async fn a_value_from_the_store_is_recorded_as_any_other() {
    let (shop, ..) = shop();
    shop.score("x", UserId(7)).await.unwrap();
    let recorder = Recorder::new().step::<score_credit>();
    shop.score(recorder.execution("y"), UserId(7))
        .await
        .unwrap();
    assert_eq!(
        recorder.recording().get::<score_credit>().unwrap(),
        Score(7)
    );
}

#[tokio::test]
async fn what_a_recording_can_not_give_is_said_at_once() {
    let (shop, ..) = shop();
    let recorder = Recorder::new().step::<score_credit>();
    shop.total(recorder.execution("x"), [UserId(1), UserId(2)])
        .await
        .unwrap();
    let recording = recorder.recording();
    let error =
        |result: Result<Replay, docket::testing::RecordingError>| result.unwrap_err().to_string();
    assert_eq!(
        error(Replay::new().recorded::<score_credit>(&recording)),
        "it has 2 values of the step `score_credit`: those of a batch are not given back"
    );
    assert_eq!(
        error(Replay::new().recorded::<set_limit>(&recording)),
        "it has no value of the step `set_limit`, but of `score_credit`"
    );
    let of = |value: &str, codec: i16| {
        format!(
            r#"{{"docket_recording":1,"steps":{{"score_credit":{{"codec":{codec},"values":[{value}]}}}}}}"#
        )
    };
    let recorded =
        |json: &str| Replay::new().recorded::<score_credit>(&Recording::from_json(json).unwrap());
    assert_eq!(
        error(recorded(&of("\"seven\"", 2))),
        "the value of the step `score_credit` can't be decoded"
    );
    assert_eq!(
        error(recorded(&of("7", 1))),
        "the value of the step `score_credit` was written with codec 1 and is read with codec 2"
    );
    let newer = r#"{"docket_recording":2,"steps":{}}"#;
    assert_eq!(
        Recording::from_json(newer).unwrap_err().to_string(),
        "it is a recording of form 2, and this version of Docket reads 1 at most"
    );
    assert_eq!(
        Recording::from_json("[]").unwrap_err().to_string(),
        "it is no recording"
    );
}

#[tokio::test]
async fn in_a_batch_each_item_is_given_the_value() {
    let (shop, ran, ..) = shop();
    let replay = Replay::new().give::<score_credit>(Score(5));
    let ids = (0..10).map(UserId);
    assert_eq!(shop.total(replay.execution("x"), ids).await.unwrap().0, 50);
    assert_eq!(ran.take(), ["add_up"]);
    assert_eq!(replay.given().len(), 10);
}

#[tokio::test]
async fn what_is_replayed_can_be_recorded_and_replays_add_up() {
    let (shop, ran, ..) = shop();
    let first = Replay::new()
        .give::<fetch_profile>(ada())
        .give::<score_credit>(Score(1));
    let second = Replay::new().give::<score_credit>(Score(4));
    let recorder = Recorder::new()
        .step::<fetch_profile>()
        .step::<score_credit>()
        .step::<set_limit>();
    let execution = recorder.execution(second.execution(first.execution("x")));
    let page = shop.page(execution, UserId(7)).await.unwrap();
    assert_eq!(page, Page("Ada, 40, 1 offers".to_owned()));
    let mut run = ran.take();
    run.sort_unstable();
    assert_eq!(run, ["compose", "find_offers", "set_limit"]);
    assert_eq!(first.given(), ["fetch_profile"]);
    assert_eq!(second.given(), ["score_credit"]);
    let recording = recorder.recording();
    assert_eq!(recording.get::<fetch_profile>().unwrap(), ada());
    assert_eq!(recording.get::<score_credit>().unwrap(), Score(4));
    assert_eq!(recording.get::<set_limit>().unwrap(), Limit(40));
    // In the other order it is the same.
    let replay = Replay::new().give::<score_credit>(Score(3));
    let recorder = Recorder::new().step::<score_credit>();
    let execution = replay.execution(recorder.execution("y"));
    shop.score(execution, UserId(7)).await.unwrap();
    let recording = recorder.recording();
    assert_eq!(recording.get::<score_credit>().unwrap(), Score(3));
}

#[tokio::test]
async fn a_fallback_is_not_recorded_as_what_the_step_came_to() {
    let (shop, _, log, _) = shop();
    let recorder = Recorder::new().step::<find_limit>().step::<score_credit>();
    let replay = Replay::new().fail::<find_limit, _>(|| Closed);
    let execution = recorder.execution(replay.execution("x"));
    assert_eq!(shop.found(execution, UserId(7)).await.unwrap(), Found(0));
    assert_eq!(log.count("find_limit fallback"), 1);
    assert!(recorder.recording().get::<find_limit>().is_err());
}
