//! [`Scene`]: what all frames of one execution that is watched have in common.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;

use super::{Nanos, span};
use crate::error::Error;
use crate::observe::{
    ExecutionEnded, ExecutionOutcome, ExecutionStarted, Interest, Names, Observer, Observers, RunId,
};
use crate::runtime::Core;
use crate::step::ExecutionId;

/// One execution that is watched.
pub(super) struct Scene {
    observers: Observers,
    run: RunId,
    execution_id: ExecutionId,
    entry: &'static str,
    /// Only where somebody wants to know times.
    started: Option<Instant>,
    /// None where `tracing` has no use for it.
    span: Span,
    /// One of the states below.
    state: AtomicU8,
    /// Of an execution that `FAILED`, how.
    error: OnceLock<Error>,
}

const UNDER_WAY: u8 = 0;
const RESOLVED: u8 = 1;
const FAILED: u8 = 2;
/// Its end was told.
const OVER: u8 = 3;

/// Whether an execution of a graph with `core` may have to be watched. It is asked of each, so it is as cheap as can be.
#[inline]
pub(crate) fn is_on(core: &Core) -> bool {
    core.is_observed() || span::may_be_on()
}

impl Scene {
    /// A new execution, if anybody wants to know of it.
    pub(super) fn open(core: &Core, execution_id: &str, entry: &'static str) -> Option<Self> {
        let span = span::of_execution(execution_id, entry);
        let observers = core.observers();
        let interest = observers.interest();
        let is_traced = !span.is_disabled();
        if !interest.is_some() && !is_traced {
            return None;
        }
        Some(Self {
            observers: observers.clone(),
            run: RunId::next(),
            execution_id: ExecutionId::new(execution_id),
            entry,
            started: interest.has(Interest::TIMES).then(Instant::now),
            span,
            state: AtomicU8::new(UNDER_WAY),
            error: OnceLock::new(),
        })
    }

    /// Tells that it starts.
    pub(super) fn begin(&self) {
        self.tell(Interest::EXECUTIONS, |observer, scene| {
            observer.execution_started(&ExecutionStarted {
                run: scene.run,
                execution_id: scene.execution_id(),
                entry: scene.entry,
            });
        });
    }

    #[inline]
    pub(super) fn sees(&self, what: Interest) -> bool {
        self.observers.interest().has(what)
    }

    pub(super) fn sees_steps(&self) -> bool {
        let steps = Interest::STEP_STARTS | Interest::STEP_ENDS | Interest::ATTEMPTS;
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

    #[inline]
    pub(super) fn execution_id(&self) -> &str {
        self.execution_id.as_str()
    }

    /// The names of all steps.
    #[inline]
    pub(super) fn names(&self) -> Names {
        self.observers.names()
    }

    /// The name of the step at `node`.
    #[inline]
    pub(super) fn step(&self, node: usize) -> &'static str {
        self.names()[node]
    }

    pub(super) fn n_steps(&self) -> usize {
        self.names().len()
    }

    pub(super) fn entry(&self) -> &'static str {
        self.entry
    }

    /// How long it is under way; zero where nobody wants to know.
    #[inline]
    pub(super) fn elapsed(&self) -> Nanos {
        match &self.started {
            Some(started) => started.elapsed().as_nanos() as Nanos,
            None => 0,
        }
    }

    #[inline]
    pub(super) fn tell(&self, what: Interest, tell: impl FnOnce(&dyn Observer, &Self)) {
        self.observers.tell(what, |observer| tell(observer, self));
    }

    /// The last time it is called counts, and of several errors the first.
    pub(super) fn note(&self, outcome: Result<(), &Error>) {
        let state = match outcome {
            Ok(()) => RESOLVED,
            Err(error) => {
                let _ = self.error.set(error.clone());
                FAILED
            }
        };
        self.state.store(state, Ordering::Release);
    }

    pub(super) fn end(&self) {
        let outcome = match self.state.swap(OVER, Ordering::AcqRel) {
            UNDER_WAY => ExecutionOutcome::Dropped,
            RESOLVED => ExecutionOutcome::Resolved,
            FAILED => ExecutionOutcome::Failed(self.error.get().expect("it was noted before")),
            _ => return,
        };
        if self.is_traced() {
            span::execution_ended(&self.span, &outcome);
        }
        let duration = Duration::from_nanos(self.elapsed());
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
}
