//! [`Scene`]: what all frames of one execution that is watched have in common.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;

use super::span;
use crate::error::Error;
use crate::observe::{
    ExecutionEnded, ExecutionOutcome, ExecutionStarted, Interest, Observer, Observers, RunId,
};
use crate::runtime::Core;
use crate::step::ExecutionId;

/// One execution that is watched.
pub(crate) struct Scene {
    observers: Observers,
    run: RunId,
    execution_id: ExecutionId,
    entry: &'static str,
    /// The names of the steps, by node.
    names: Arc<[&'static str]>,
    /// Only where somebody wants to know times.
    started: Option<Instant>,
    /// None where `tracing` has no use for it.
    span: Span,
    state: Mutex<State>,
}

enum State {
    UnderWay,
    Resolved,
    Failed(Error),
    /// Its end was told.
    Over,
}

/// Whether an execution of a graph with `core` may have to be watched. It is asked of each, so it is as cheap as can be.
#[inline]
pub(crate) fn is_on(core: &Core) -> bool {
    core.is_observed() || span::may_be_on()
}

impl Scene {
    pub(super) fn open(core: &Core, execution_id: &str, entry: &'static str) -> Option<Self> {
        let span = span::of_execution(execution_id, entry);
        let observers = core.observers();
        if !observers.interest().is_some() && span.is_disabled() {
            return None;
        }
        let scene = Self {
            observers: observers.clone(),
            run: RunId::next(),
            execution_id: ExecutionId::new(execution_id),
            entry,
            names: Arc::clone(core.names()),
            started: observers.interest().has(Interest::TIMES).then(Instant::now),
            span,
            state: Mutex::new(State::UnderWay),
        };
        scene.tell(Interest::EXECUTIONS, |observer, scene| {
            observer.execution_started(&ExecutionStarted {
                run: scene.run,
                execution_id: scene.execution_id(),
                entry,
            });
        });
        Some(scene)
    }

    #[inline]
    pub(super) fn sees(&self, what: Interest) -> bool {
        self.observers.interest().has(what)
    }

    #[inline]
    pub(super) fn sees_steps(&self) -> bool {
        let steps = Interest::STEPS.and(Interest::ATTEMPTS);
        self.sees(steps) || self.is_traced()
    }

    #[inline]
    pub(super) fn is_traced(&self) -> bool {
        !self.span.is_disabled()
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn run(&self) -> RunId {
        self.run
    }

    pub(super) fn execution_id(&self) -> &str {
        self.execution_id.as_str()
    }

    /// The name of the step at `node`.
    pub(super) fn step(&self, node: usize) -> &'static str {
        self.names[node]
    }

    pub(super) fn entry(&self) -> &'static str {
        self.entry
    }

    /// How long it is under way; zero where nobody wants to know.
    #[inline]
    pub(super) fn elapsed(&self) -> Duration {
        match &self.started {
            Some(started) => started.elapsed(),
            None => Duration::ZERO,
        }
    }

    #[inline]
    pub(super) fn tell(&self, what: Interest, tell: impl FnOnce(&dyn Observer, &Self)) {
        self.observers.tell(what, |observer| tell(observer, self));
    }

    pub(super) fn note(&self, outcome: Result<(), &Error>) {
        let mut state = self.state();
        *state = match outcome {
            Ok(()) => State::Resolved,
            Err(error) => State::Failed(error.clone()),
        };
    }

    pub(super) fn end(&self) {
        let state = std::mem::replace(&mut *self.state(), State::Over);
        let outcome = match &state {
            State::UnderWay => ExecutionOutcome::Dropped,
            State::Resolved => ExecutionOutcome::Resolved,
            State::Failed(error) => ExecutionOutcome::Failed(error),
            State::Over => return,
        };
        span::execution_ended(&self.span, &outcome);
        let duration = self.elapsed();
        self.tell(Interest::EXECUTIONS, |observer, scene| {
            observer.execution_ended(&ExecutionEnded {
                run: scene.run,
                execution_id: scene.execution_id(),
                entry: scene.entry,
                outcome,
                duration,
            });
        });
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing that can panic happens while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
