//! Spans as `tracing-opentelemetry` exports them, as a tree of text.

use std::sync::{Arc, LazyLock, Mutex};

use opentelemetry::trace::{SpanId, Status, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::layer::SubscriberExt as _;

/// Keeps what is exported. (That of `opentelemetry_sdk` comes with all that its feature `testing` needs.)
#[derive(Clone, Debug, Default)]
struct InMemory(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for InMemory {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// What was exported so far. To ask for it sets the subscriber of the process.
static EXPORTED: LazyLock<InMemory> = LazyLock::new(|| {
    let exporter = InMemory::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_tracer(provider.tracer("test"));
    let registry = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(registry).expect("no test sets another");
    exporter
});

/// From here on, spans are exported. Each test begins so: one that has opened a span before would not know it afterwards.
pub(crate) fn export() {
    LazyLock::force(&EXPORTED);
}

/// The spans of the execution `id` that have ended, in the order of their texts, each below its parent.
pub(crate) fn tree(id: &str) -> String {
    let spans = spans();
    let mut text = String::new();
    for root in spans.iter().filter(|it| is_root(it, id)) {
        write(&spans, root, 0, &mut text);
    }
    text
}

/// All spans that have ended.
fn spans() -> Vec<SpanData> {
    EXPORTED.0.lock().unwrap().clone()
}

/// The name of the parent of the execution `id`.
pub(crate) fn parent(id: &str) -> Option<String> {
    let spans = spans();
    let root = spans.iter().find(|it| is_root(it, id))?;
    let parent = spans
        .iter()
        .find(|it| it.span_context.span_id() == root.parent_span_id)?;
    Some(parent.name.to_string())
}

fn is_root(span: &SpanData, id: &str) -> bool {
    span.name == "docket.execution" && attribute(span, "execution_id").as_deref() == Some(id)
}

fn write(spans: &[SpanData], span: &SpanData, depth: usize, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(&line(span));
    text.push('\n');
    let id: SpanId = span.span_context.span_id();
    let mut children: Vec<_> = spans.iter().filter(|it| it.parent_span_id == id).collect();
    children.sort_by_key(|it| line(it));
    for child in children {
        write(spans, child, depth + 1, text);
    }
}

/// The name of a span, its attributes, its status if that is no success, and its events.
fn line(span: &SpanData) -> String {
    let mut line = span.name.to_string();
    let mut attributes: Vec<_> = span
        .attributes
        .iter()
        .filter(|it| it.key.as_str() != "execution_id")
        .map(|it| format!(" {}={}", it.key, it.value))
        .collect();
    attributes.sort();
    line.extend(attributes);
    if let Status::Error { .. } = span.status {
        line.push_str(" ERROR");
    }
    for event in &span.events.events {
        line.push_str(&format!(" [{}]", event.name));
    }
    line
}

fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|it| it.key.as_str() == key)?;
    Some(found.value.to_string())
}
