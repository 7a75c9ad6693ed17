//! What is told to `tracing` of steps that fail. The words of their errors are not: they may hold what the step was given.

use std::time::Duration;

use tracing::{info, warn};

use super::StepContext;
use crate::error::Error;

/// An attempt failed, and after `delay` there will be another.
#[cold]
pub(super) fn retrying(context: &StepContext, delay: Duration, error: &Error) {
    info!(
        name: "docket.step.retrying",
        step = context.step(), execution_id = context.execution_id(), attempt = context.attempt(),
        delay_ms = delay.as_millis() as u64, error = ?error.kind(),
        "an attempt failed, and there will be another"
    );
}

/// A step failed for good, and its execution goes on.
#[cold]
pub(crate) fn softened(execution_id: &str, step: &'static str, error: &Error) {
    warn!(
        name: "docket.step.softened",
        step, execution_id, attempts = error.attempts(), error = ?error.kind(),
        "a step failed, and the execution goes on without it"
    );
}
