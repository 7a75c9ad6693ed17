//! [`Observer`]: being told what happens while executions run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;

/// Is told what the steps of a graph do, where and when they do it.
///
/// Its methods are called on the path of the execution, so they must not block. One that panics is not heard again in
/// that call, and harms nothing else.
///
/// ```
/// use docket_runtime::observe::{Observer, StepEnded};
///
/// struct Print;
///
/// impl Observer for Print {
///     fn step_ended(&self, event: &StepEnded<'_>) {
///         println!("{} {}: {} in {:?}", event.execution_id, event.step, event.outcome, event.duration);
///     }
/// }
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A step has all its inputs and starts.
    fn step_started(&self, event: &StepStarted<'_>) {
        let _ = event;
    }

    /// An attempt failed, and after `delay` there will be another.
    fn retrying(&self, event: &Retrying<'_>) {
        let _ = event;
    }

    /// A step came to its end, or was skipped.
    fn step_ended(&self, event: &StepEnded<'_>) {
        let _ = event;
    }
}

/// The same observer, kept by whoever reads what it collects.
impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn step_started(&self, event: &StepStarted<'_>) {
        (**self).step_started(event);
    }

    fn retrying(&self, event: &Retrying<'_>) {
        (**self).retrying(event);
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        (**self).step_ended(event);
    }
}

/// See [`Observer::step_started`].
#[derive(Debug)]
#[non_exhaustive]
pub struct StepStarted<'a> {
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
}

/// See [`Observer::retrying`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Retrying<'a> {
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The attempt that failed, from 1.
    pub attempt: u32,
    /// How long until the next.
    pub delay: Duration,
    /// How it failed.
    pub error: &'a Error,
}

/// See [`Observer::step_ended`].
#[derive(Debug)]
#[non_exhaustive]
pub struct StepEnded<'a> {
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// How it ended.
    pub outcome: StepOutcome<'a>,
    /// From its start, with all attempts and delays; zero where it did not start.
    pub duration: Duration,
}

/// How a step ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum StepOutcome<'a> {
    /// With a value.
    Made(Origin),
    /// It failed, and so does the execution.
    Failed(&'a Error),
    /// It failed, and whoever needs it can do without.
    Softened(&'a Error),
    /// It did not start, because a step that it needs failed and was softened further on.
    Skipped(&'a Error),
}

/// Where the value of a step is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The step's code ran.
    Ran,
    /// The store had it.
    Hit,
    /// Another caller ran the step for the same key at the same time.
    Joined,
    /// The step's code ran, and the store, which was down, knows nothing of it.
    Unrecorded,
    /// A process that was lost had run the step, as its `reconcile` function found out.
    Reconciled,
    /// The step failed, and its fallback stood in.
    Fallback,
    /// A test gave it, and the step did not run: [`testing::Replay`](crate::testing::Replay).
    Given,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ran => "ran",
            Self::Hit => "hit",
            Self::Joined => "joined",
            Self::Unrecorded => "ran unrecorded",
            Self::Reconciled => "reconciled",
            Self::Fallback => "fallback",
            Self::Given => "given",
        })
    }
}

impl fmt::Display for StepOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(origin) => origin.fmt(f),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Softened(error) => write!(f, "softened: {error}"),
            Self::Skipped(error) => write!(f, "skipped: {error}"),
        }
    }
}
