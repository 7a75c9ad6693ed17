use std::fmt::Write as _;
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::*;

/// Writes the name and the fields of each event of Docket to the log.
struct Listener(Log);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() != "message" {
            write!(self.0, " {field}={value:?}").unwrap();
        }
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.name().starts_with("docket.")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().name().into());
        event.record(&mut line);
        self.0.add(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Listens to what this thread tells.
fn listen(log: &Log) -> DefaultGuard {
    // Where there is but one who listens, it alone is asked who wants to know; and that is another thread's, or nobody.
    static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Listener(Log::default())));
    LazyLock::force(&ANOTHER);
    let guard = tracing::subscriber::set_default(Listener(log.clone()));
    // A thread that just then came to an event for the first time may have found nobody who listens, and noted that for all
    // threads. It has done so by now.
    std::thread::sleep(Duration::from_millis(20));
    tracing::callsite::rebuild_interest_cache();
    guard
}

#[tokio::test(start_paused = true)]
async fn events_name_the_step_and_the_row_and_no_value() {
    let told = Log::default();
    let _guard = listen(&told);

    let world = World::new();
    world.store.fault(Op::Claim, Fault::Down, 3);
    world.call(job(Repeat::Free), "secret").await.unwrap();
    let head = r#"step="charge" execution_id="e1" key=01010101…"#;
    assert_eq!(
        told.take(),
        [format!(
            r#"docket.persist.unrecorded {head} error="the store did not answer: connection reset""#
        )]
    );

    let world = World::new();
    world.store.fault(Op::Complete, Fault::Down, 1);
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Keyed), "secret");
    settle().await;
    world.store.delete();
    tokio::time::sleep(LEASE / 2).await;
    open.send(()).unwrap();
    call.await.unwrap().unwrap();
    assert_eq!(
        told.take(),
        [
            r#"docket.persist.claim_lost step="charge" key=01010101… fence=1"#.to_owned(),
            format!(
                r#"docket.persist.record_delayed {head} tries=1 error="the store did not answer: connection reset""#
            ),
            format!("docket.persist.duplicate_effect_possible {head} fence=1"),
        ]
    );
}

/// A run that finds its row in other hands tells why it is not recorded: that is in the row, and so may a secret be.
#[tokio::test(start_paused = true)]
async fn no_words_of_what_stands_in_a_row_are_told() {
    let told = Log::default();
    let _guard = listen(&told);
    let unrecorded = |kind: &str| {
        let head = r#"docket.persist.unrecorded step="charge" execution_id="e1" key=01010101…"#;
        format!("{head} error=\"{kind}\"")
    };

    // The other has written what this release can't decode, and the code that decodes it says what that is.
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Free), "a");
    settle().await;
    world.take_over(job(Repeat::Free)).await;
    world.store.edit(|row| {
        row.status = script::Status::Succeeded;
        row.value = Some(Stored {
            bytes: Some(b"leaks: canary".to_vec().into()),
            codec: Text::CODEC,
            shared: None,
            expires_in: None,
        });
    });
    open.send(()).unwrap();
    assert_eq!(self::told(call.await.unwrap()).1, How::Unrecorded);
    let lines = told.take();
    assert_eq!(lines.last(), Some(&unrecorded("Encoding")), "{lines:?}");
    assert!(!lines.concat().contains("canary"), "{lines:?}");

    // The other is waited for, and fails.
    let world = World::new();
    let (open, call) = world.spawn_gated(&world.keeper, job(Repeat::Free), "a");
    settle().await;
    world.take_over(job(Repeat::Free)).await;
    open.send(()).unwrap();
    settle().await;
    world.store.edit(|row| {
        row.status = script::Status::Failed;
        row.error = "the step says: canary".to_owned();
    });
    assert_eq!(self::told(call.await.unwrap()).1, How::Unrecorded);
    let lines = told.take();
    assert_eq!(lines.last(), Some(&unrecorded("Failed")), "{lines:?}");
    assert!(!lines.concat().contains("canary"), "{lines:?}");
}
