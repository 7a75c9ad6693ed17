//! [`Begun`]: a step from its start to the end of its first poll.

use std::mem::forget;
use std::time::Duration;

use super::{Watch, span};
use crate::observe::{Interest, Origin, StepOutcome, StepStarted};

/// A step that has started, until its first poll is over. Where that makes its value, nothing was kept of it anywhere;
/// otherwise its drop writes down how far it is, after a panic too.
pub(crate) struct Begun<'w> {
    watch: &'w Watch,
    node: usize,
    at: Duration,
    /// Whether its driver itself calls its code.
    is_called: bool,
}

impl Watch {
    /// Tells that the step at `node` starts.
    #[cold]
    pub(crate) fn step_started(&self, node: usize) -> Begun<'_> {
        let scene = self.scene();
        if let Some(mut its) = self.span(node) {
            *its = span::of_step(scene.span(), scene.step(node), self.item());
        }
        let at = scene.elapsed();
        scene.tell(Interest::STEP_STARTS, |observer, scene| {
            observer.step_started(&StepStarted {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
            });
        });
        Begun {
            watch: self,
            node,
            at,
            is_called: false,
        }
    }
}

impl Begun<'_> {
    /// Tells that its driver is about to call its code, for the first and last time.
    #[cold]
    pub(crate) fn call(&mut self) {
        self.is_called = true;
        self.watch.tell_attempt(self.node, 1);
    }

    /// Tells that it has made its value.
    #[cold]
    pub(crate) fn made(self, origin: Origin) {
        let (watch, node) = (self.watch, self.node);
        let outcome = StepOutcome::Made(origin);
        if watch.scene().is_traced() {
            drop(self);
            return watch.step_ended(node, outcome);
        }
        let attempts = if self.is_called {
            1
        } else {
            let cells = watch.0.cells.get();
            cells.map_or(0, |cells| cells.attempts(node))
        };
        let duration = watch.scene().elapsed().saturating_sub(self.at);
        if self.is_called {
            watch.tell_attempt_ended(node, 1, duration, None);
        }
        forget(self);
        watch.tell_end(node, outcome, attempts, duration);
    }
}

impl Drop for Begun<'_> {
    #[cold]
    fn drop(&mut self) {
        let cells = self.watch.cells();
        cells.start(self.node, self.at);
        if self.is_called {
            cells.note_call(self.node);
        }
    }
}
