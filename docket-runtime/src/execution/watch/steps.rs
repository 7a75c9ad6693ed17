//! What is told of steps.

use std::time::Duration;

use tracing::Span;

use super::{Watch, span};
use crate::observe::{Interest, StepEnded, StepOutcome, StepStarted};

impl Watch {
    /// Tells that the step at `node` starts.
    #[cold]
    pub(crate) fn step_started(&self, node: usize) {
        if let Some(mut its) = self.cells.span(node) {
            *its = span::of_step(self.scene.span(), self.scene.step(node), self.item);
        }
        self.cells.start(node, self.scene.elapsed());
        self.scene.tell(Interest::STEP_STARTS, |observer, scene| {
            observer.step_started(&StepStarted {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item,
            });
        });
    }

    /// Polls the step at `node` inside its span.
    #[inline]
    pub(crate) fn inside<T>(&self, node: usize, poll: impl FnOnce() -> T) -> T {
        match self.cells.span(node) {
            Some(its) => its.in_scope(poll),
            None => poll(),
        }
    }

    /// Tells how the step at `node` ended, once.
    #[cold]
    pub(crate) fn step_ended(&self, node: usize, outcome: StepOutcome<'_>) {
        let started = self.cells.end(node);
        let attempts = self.cells.attempts(node);
        if let Some(mut its) = self.cells.span(node) {
            span::step_ended(&its, &outcome, attempts);
            *its = Span::none();
        }
        let duration = match started {
            Some(started) => self.scene.elapsed().saturating_sub(started),
            None => Duration::ZERO,
        };
        self.scene.tell(Interest::STEP_ENDS, |observer, scene| {
            observer.step_ended(&StepEnded {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item,
                outcome,
                attempts,
                duration,
            });
        });
    }

    /// Tells of the steps that have started and not ended.
    pub(super) fn drop_steps(&self) {
        for node in 0..self.cells.len() {
            if self.cells.is_under_way(node) {
                self.step_ended(node, StepOutcome::Dropped);
            }
        }
    }
}
