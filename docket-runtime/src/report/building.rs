//! A run under way, put together from what is told of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::trace::{AttemptTrace, Outcome, RunTrace, StepTrace, StoreTrace, WaitTrace};
use crate::chart::Plan;
use crate::error::{Error, words};
use crate::observe::{
    AttemptEnded, AttemptStarted, ExecutionEnded, ExecutionOutcome, ExecutionStarted, StepEnded,
    StepOutcome, StepStarted, StoreAnswered, Waiting, WaitingFor,
};

/// More steps of one run are not kept: nobody reads them, and a batch may have millions.
const MAX_STEPS: usize = 10_000;

pub(super) struct Building {
    started: Instant,
    trace: RunTrace,
    /// Where the step of an item stands in the trace.
    places: HashMap<(&'static str, Option<usize>), usize>,
}

impl Building {
    pub(super) fn new(event: &ExecutionStarted<'_>, started: Instant, plan: &Arc<Plan>) -> Self {
        Self {
            started,
            trace: RunTrace {
                run: event.run,
                execution_id: event.execution_id.to_owned(),
                entry: event.entry.to_owned(),
                outcome: None,
                took: Duration::ZERO,
                steps: Vec::new(),
                left_out: 0,
                plan: Arc::clone(plan),
            },
            places: HashMap::new(),
        }
    }

    /// As it is now.
    pub(super) fn trace(&self) -> RunTrace {
        RunTrace {
            took: self.now(),
            ..self.trace.clone()
        }
    }

    pub(super) fn end(mut self, event: &ExecutionEnded<'_>) -> RunTrace {
        self.trace.took = self.now();
        let error = match event.outcome {
            ExecutionOutcome::Failed(error) => Some(error.to_string()),
            _ => None,
        };
        self.trace.outcome = Some(Outcome {
            name: event.outcome.name(),
            error,
        });
        self.trace
    }

    pub(super) fn step_started(&mut self, event: &StepStarted<'_>) {
        self.enter(event.step, event.item);
    }

    pub(super) fn attempt_started(&mut self, event: &AttemptStarted<'_>) {
        let start = self.now();
        if let Some(step) = self.step(event.step, event.item) {
            step.attempts.push(AttemptTrace {
                attempt: event.attempt,
                start,
                end: None,
                error: None,
            });
        }
    }

    pub(super) fn attempt_ended(&mut self, event: &AttemptEnded<'_>) {
        let end = self.now();
        let step = self.step(event.step, event.item);
        if let Some(attempt) = step.and_then(|step| step.attempts.last_mut()) {
            attempt.end = Some(end);
            attempt.error = event.error.map(Error::kind);
        }
    }

    pub(super) fn waiting(&mut self, event: &Waiting<'_>) {
        let start = self.now();
        let on = match event.on {
            WaitingFor::Process { holder } => format!("process {holder}"),
            WaitingFor::Caller => "another caller".to_owned(),
            WaitingFor::Limit => "its turn".to_owned(),
        };
        if let Some(step) = self.step(event.step, event.item) {
            step.waits.push(WaitTrace { start, on });
        }
    }

    pub(super) fn store_answered(&mut self, event: &StoreAnswered<'_>) {
        let end = self.now();
        if let Some(step) = self.step(event.step, event.item) {
            step.store.push(StoreTrace {
                operation: event.operation.name(),
                answer: event.answer.name(),
                start: end.saturating_sub(event.duration).max(step.start),
                end,
            });
        }
    }

    pub(super) fn step_ended(&mut self, event: &StepEnded<'_>) {
        let end = self.now();
        if let StepOutcome::Skipped(_) = event.outcome {
            // It has not started.
            self.enter(event.step, event.item);
        }
        if let Some(step) = self.step(event.step, event.item) {
            step.end = Some(end);
            step.outcome = Some(Outcome {
                name: event.outcome.name(),
                error: event.outcome.error().map(reason),
            });
        }
    }

    fn enter(&mut self, step: &'static str, item: Option<usize>) {
        if self.trace.steps.len() >= MAX_STEPS {
            self.trace.left_out += 1;
            return;
        }
        let start = self.now();
        self.places.insert((step, item), self.trace.steps.len());
        self.trace.steps.push(StepTrace {
            step,
            item,
            start,
            end: None,
            outcome: None,
            attempts: Vec::new(),
            waits: Vec::new(),
            store: Vec::new(),
        });
    }

    fn step(&mut self, step: &'static str, item: Option<usize>) -> Option<&mut StepTrace> {
        let place = *self.places.get(&(step, item))?;
        self.trace.steps.get_mut(place)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The step's own error, where it has one: whoever reads it sees the name of the step beside it.
fn reason(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => words(source).collect::<Vec<_>>().join(": "),
        None => error.to_string(),
    }
}
