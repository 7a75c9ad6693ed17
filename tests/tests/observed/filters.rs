//! What a filter by target lets through: the targets are compared by how they begin.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use docket::MemoryStore;
use tracing::callsite::rebuild_interest_cache;
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::graph::{Ask, Observed};
use crate::tree;

/// The names of Docket's spans and events, in the order in which they came.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<&'static str>>>);

impl Names {
    fn note(&self, metadata: &'static Metadata<'static>) {
        if metadata.name().starts_with("docket.") {
            self.0.lock().unwrap().push(metadata.name());
        }
    }
}

impl<S: Subscriber> Layer<S> for Names {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.note(attributes.metadata());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.note(event.metadata());
    }
}

async fn run() {
    tree::export();
    let graph = Observed::builder().store(MemoryStore::new()).build();
    graph.flaky("filters", Ask { n: 2 }).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn spans_and_events_are_turned_off_together_or_one_by_one() {
    const SPANS: [&str; 2] = ["docket.execution", "docket.step"];
    const EVENTS: [&str; 1] = ["docket.step.retrying"];
    for (filter, expected) in [
        ("trace", [&SPANS[..], &EVENTS]),
        ("trace,docket=off", [&[], &[]]),
        ("trace,docket=off,docket_runtime=info", [&[], &EVENTS]),
        ("trace,docket_runtime=off", [&SPANS, &[]]),
    ] {
        let names = Names::default();
        let filter: Targets = filter.parse().unwrap();
        let layer = names.clone().with_filter(filter.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        let _guard = tracing::subscriber::set_default(subscriber);
        // Another test's thread that comes to a span or an event for the first time, while this subscriber is set, may find
        // nobody who listens, and `tracing` notes that for all threads. After this run, all of them have been come to.
        run().await;
        thread::sleep(Duration::from_millis(20));
        rebuild_interest_cache();
        names.0.lock().unwrap().clear();
        run().await;
        assert_eq!(*names.0.lock().unwrap(), expected.concat(), "{filter}");
    }
}
