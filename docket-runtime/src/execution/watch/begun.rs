//! [`Begun`]: a step from its start to the end of its first poll.

use super::{Nanos, Watch, span};
use crate::error::Error;
use crate::observe::{Interest, Origin, StepOutcome, StepStarted};

/// A step that has started, until its first poll is over. Where that makes its value, nothing was kept of it anywhere;
/// otherwise its drop writes down how far it is, after a panic too.
pub(crate) struct Begun<'w> {
    watch: &'w Watch,
    /// Or `NONE`.
    node: usize,
    at: Nanos,
    /// Whether its driver itself calls its code.
    is_called: bool,
}

/// Where there is no step, or it has ended.
const NONE: usize = usize::MAX;

impl Watch {
    /// Tells that the step at `node` starts.
    #[cold]
    pub(crate) fn step_started(&self, node: usize) -> Begun<'_> {
        let scene = self.scene();
        if let Some(mut its) = self.span(node) {
            *its = span::of_step(scene.span(), scene.step(node), self.item());
        }
        self.step_begun(node)
    }

    /// The same of a step that has no span.
    #[inline]
    pub(crate) fn step_begun(&self, node: usize) -> Begun<'_> {
        let mut begun = Begun::none(self);
        begun.at = self.scene().elapsed();
        begun.start(node);
        begun
    }

    #[cold]
    fn tell_start(&self, node: usize) {
        self.scene().tell(Interest::STEP_STARTS, |observer, scene| {
            observer.step_started(&StepStarted {
                run: scene.run(),
                execution_id: scene.execution_id(),
                step: scene.step(node),
                item: self.item(),
            });
        });
    }
}

impl<'w> Begun<'w> {
    /// None, at the start of the execution.
    #[inline]
    pub(super) fn none(watch: &'w Watch) -> Self {
        Self {
            watch,
            node: NONE,
            at: 0,
            is_called: false,
        }
    }

    /// Tells that the step at `node`, which has no span, starts where the last one ended.
    #[inline]
    pub(super) fn start(&mut self, node: usize) {
        self.node = node;
        self.is_called = false;
        if self.watch.scene().sees(Interest::STEP_STARTS) {
            self.watch.tell_start(node);
        }
    }

    /// Tells that its driver is about to call its code, for the first and last time.
    #[inline]
    pub(crate) fn call(&mut self) {
        self.is_called = true;
        if self.watch.scene().sees(Interest::ATTEMPTS) {
            self.watch.tell_attempt(self.node, 1);
        }
    }

    /// Tells that it has made its value.
    #[cold]
    pub(crate) fn made(&mut self, origin: Origin) {
        let (watch, node) = (self.watch, self.node);
        let outcome = StepOutcome::Made(origin);
        let scene = watch.scene();
        let attempts = if self.is_called {
            1
        } else {
            let cells = watch.0.cells.get();
            cells.map_or(0, |cells| cells.attempts(node))
        };
        watch.close_span(node, &outcome, attempts);
        let now = scene.elapsed();
        let took = now.saturating_sub(self.at);
        if self.is_called && scene.sees(Interest::ATTEMPTS) {
            watch.tell_attempt_ended(node, 1, took, None);
        }
        self.node = NONE;
        self.at = now;
        watch.tell_end(scene, node, outcome, attempts, took);
    }

    /// Notes that it has failed, and tells that its code has, if its driver called that.
    #[cold]
    pub(crate) fn failed(&mut self, error: &Error) {
        let node = self.node;
        self.write_down();
        self.watch.call_failed(node, error);
    }

    #[cold]
    fn write_down(&mut self) {
        let cells = self.watch.cells();
        cells.start(self.node, self.at);
        if self.is_called {
            cells.note_call(self.node);
        }
        self.node = NONE;
    }
}

impl Drop for Begun<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.node != NONE {
            self.write_down();
        }
    }
}
