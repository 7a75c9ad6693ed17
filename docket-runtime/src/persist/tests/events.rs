use std::fmt::Write as _;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

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

#[tokio::test(start_paused = true)]
async fn events_name_the_step_and_the_row_and_no_value() {
    let told = Log::default();
    let _guard = tracing::subscriber::set_default(Listener(told.clone()));

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
