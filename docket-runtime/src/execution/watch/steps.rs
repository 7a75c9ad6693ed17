//! What is told of steps.

use std::sync::MutexGuard;
use std::time::Duration;

use tracing::Span;

use super::{Nanos, Scene, Watch, span};
use crate::error::Error;
use crate::observe::{Interest, StepEnded, StepOutcome};

impl Watch {
    /// Polls the step at `node` inside its span.
    #[inline]
    pub(crate) fn inside<T>(&self, node: usize, poll: impl FnOnce() -> T) -> T {
        match self.span(node) {
            Some(its) => its.in_scope(poll),
            None => poll(),
        }
    }

    /// The place of the span of the step at `node`.
    #[inline]
    pub(super) fn span(&self, node: usize) -> Option<MutexGuard<'_, Span>> {
        if self.is_traced() {
            self.cells().span(node)
        } else {
            None
        }
    }

    /// Notes how the step at `node` ended in its span, which ends, too.
    #[inline(always)]
    pub(super) fn close_span(&self, node: usize, outcome: &StepOutcome<'_>, attempts: u32) {
        if let Some(mut its) = self.span(node) {
            span::step_ended(&its, outcome, attempts);
            *its = Span::none();
        }
    }

    /// Tells that the code of the step at `node` failed with `error`, if its driver itself called it.
    #[cold]
    pub(crate) fn call_failed(&self, node: usize, error: &Error) {
        self.call_ended(node, Some(error));
    }

    #[inline(always)]
    fn call_ended(&self, node: usize, error: Option<&Error>) {
        if self.scene().sees(Interest::ATTEMPTS)
            && let Some(cells) = self.0.cells.get()
            && cells.end_call(node)
        {
            // It has no other attempt, and was called when it started.
            let started = cells.started(node).unwrap_or_default();
            let took = self.scene().elapsed().saturating_sub(started);
            self.tell_attempt_ended(node, 1, took, error);
        }
    }

    /// Tells how the step at `node`, which did not come to its end at its first poll, ended, once.
    #[cold]
    pub(crate) fn step_ended(&self, node: usize, outcome: StepOutcome<'_>) {
        if let StepOutcome::Made(_) = outcome {
            self.call_ended(node, None);
        }
        let (started, attempts) = match self.0.cells.get() {
            Some(cells) => (cells.end(node), cells.attempts(node)),
            None => (None, 0),
        };
        self.close_span(node, &outcome, attempts);
        let scene = self.scene();
        let took = started.map_or(0, |started| scene.elapsed().saturating_sub(started));
        self.tell_end(scene, node, outcome, attempts, took);
    }

    #[inline]
    pub(super) fn tell_end(
        &self,
        scene: &Scene,
        node: usize,
        outcome: StepOutcome<'_>,
        attempts: u32,
        took: Nanos,
    ) {
        scene.tell(Interest::STEP_ENDS, |observer, scene| {
            observer.step_ended(&StepEnded {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
                outcome,
                attempts,
                duration: Duration::from_nanos(took),
                node,
                names: scene.names(),
            });
        });
    }

    /// Tells of the steps that have started and not ended.
    pub(super) fn drop_steps(&self) {
        let Some(cells) = self.0.cells.get() else {
            return;
        };
        for node in 0..cells.len() {
            if cells.started(node).is_some() {
                self.step_ended(node, StepOutcome::Dropped);
            }
        }
    }
}
