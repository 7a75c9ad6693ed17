//! What is told of attempts, and of what they wait for.

use std::time::Duration;

use super::{Nanos, Watch};
use crate::error::Error;
use crate::observe::{AttemptEnded, AttemptStarted, Interest, Retrying, Waiting, WaitingFor};

/// When an attempt started.
pub(crate) struct AttemptAt(Nanos);

impl Watch {
    /// Notes that the code of the step at `node` is called for the `attempt`th time.
    #[inline]
    pub(crate) fn note_attempt(&self, node: usize, attempt: u32) {
        self.cells().note_attempt(node, attempt);
    }

    /// Notes and tells that an attempt of the step at `node` starts.
    pub(crate) fn attempt_started(&self, node: usize, attempt: u32) -> AttemptAt {
        self.note_attempt(node, attempt);
        self.tell_attempt(node, attempt);
        AttemptAt(if self.scene().sees(Interest::ATTEMPTS) {
            self.scene().elapsed()
        } else {
            0
        })
    }

    /// Tells how an attempt of the step at `node` ended.
    pub(crate) fn attempt_ended(
        &self,
        node: usize,
        attempt: u32,
        started: AttemptAt,
        error: Option<&Error>,
    ) {
        if self.scene().sees(Interest::ATTEMPTS) {
            let took = self.scene().elapsed().saturating_sub(started.0);
            self.tell_attempt_ended(node, attempt, took, error);
        }
    }

    #[cold]
    pub(super) fn tell_attempt(&self, node: usize, attempt: u32) {
        self.scene().tell(Interest::ATTEMPTS, |observer, scene| {
            observer.attempt_started(&AttemptStarted {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
                attempt,
            });
        });
    }

    #[cold]
    pub(super) fn tell_attempt_ended(
        &self,
        node: usize,
        attempt: u32,
        took: Nanos,
        error: Option<&Error>,
    ) {
        let error = error.map(|it| self.of_attempt(node, attempt, it));
        self.scene().tell(Interest::ATTEMPTS, |observer, scene| {
            observer.attempt_ended(&AttemptEnded {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
                attempt,
                error: error.as_ref(),
                duration: Duration::from_nanos(took),
            });
        });
    }

    /// Tells that after `delay` there will be another attempt of the step at `node`.
    pub(crate) fn retrying(&self, node: usize, attempt: u32, delay: Duration, error: &Error) {
        if !self.scene().sees(Interest::STEP_WAITS) {
            return;
        }
        let error = self.of_attempt(node, attempt, error);
        self.scene().tell(Interest::STEP_WAITS, |observer, scene| {
            observer.retrying(&Retrying {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
                attempt,
                delay,
                error: &error,
            });
        });
    }

    /// The error of an attempt of the step at `node`. Its code did not say whose it is, and the step has not ended with it.
    fn of_attempt(&self, node: usize, attempt: u32, error: &Error) -> Error {
        let scene = self.scene();
        let error = error
            .clone()
            .with_step(scene.step(node))
            .with_execution(scene.execution_id())
            .with_attempts(attempt);
        match self.item() {
            Some(item) => error.with_item(item),
            None => error,
        }
    }

    /// Tells that the step at `node` has to wait.
    pub(crate) fn waiting(&self, node: usize, on: WaitingFor<'_>) {
        self.scene().tell(Interest::STEP_WAITS, |observer, scene| {
            observer.waiting(&Waiting {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
                on,
            });
        });
    }
}
