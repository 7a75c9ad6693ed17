//! The spans of `tracing`. Their names and fields are stable; values, inputs and the words of errors are never in them.

use tracing::level_filters::LevelFilter;
use tracing::{Level, Span, field};

use crate::error::Error;
use crate::observe::{ExecutionOutcome, StepOutcome};

/// Whether anybody may have a use for spans: the level that all subscribers together let through, which is one look at a
/// number.
#[inline]
pub(super) fn may_be_on() -> bool {
    Level::INFO <= LevelFilter::current()
}

pub(super) fn of_execution(execution_id: &str, entry: &'static str) -> Span {
    tracing::info_span!(
        target: "docket",
        "docket.execution",
        entry,
        execution_id,
        outcome = field::Empty,
        error = field::Empty,
        otel.status_code = field::Empty,
    )
}

pub(super) fn execution_ended(span: &Span, outcome: &ExecutionOutcome<'_>) {
    span.record("outcome", outcome.name());
    if let ExecutionOutcome::Failed(error) = outcome {
        failed(span, error);
    }
}

pub(super) fn of_step(execution: &Span, name: &'static str, item: Option<usize>) -> Span {
    tracing::info_span!(
        target: "docket",
        parent: execution,
        "docket.step",
        name,
        item = item.map(|item| item as u64),
        attempts = field::Empty,
        outcome = field::Empty,
        origin = field::Empty,
        error = field::Empty,
        otel.status_code = field::Empty,
    )
}

pub(super) fn step_ended(span: &Span, outcome: &StepOutcome<'_>, attempts: u32) {
    span.record("attempts", attempts);
    match outcome {
        StepOutcome::Made(origin) => {
            span.record("outcome", "made");
            span.record("origin", origin.name());
        }
        other => {
            span.record("outcome", other.name());
        }
    }
    if let Some(error) = outcome.error() {
        failed(span, error);
    }
}

/// The kind of an error is told, its words are not: they may hold what the step was given.
fn failed(span: &Span, error: &Error) {
    span.record("error", field::debug(error.kind()));
    span.record("otel.status_code", "ERROR");
}
