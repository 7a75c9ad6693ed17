//! How steps and executions end.

use std::fmt;

use crate::error::Error;

/// How an execution ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecutionOutcome<'a> {
    /// Its caller got what was asked for.
    Resolved,
    /// Its caller got this error.
    Failed(&'a Error),
    /// Its caller dropped it before its end.
    Dropped,
}

/// How a step ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum StepOutcome<'a> {
    /// With a value.
    Made(Origin),
    /// It failed, and so does the execution.
    Failed(&'a Error),
    /// It failed, and the execution goes on: whoever needs it can do without, or is an item that may fail alone.
    Softened(&'a Error),
    /// It did not start, because a step that it needs failed, and the execution went on.
    Skipped(&'a Error),
    /// It was under way when its execution ended. Its execution no longer waits for it; only a persisted step, and the
    /// function of a `blocking` one, go on.
    Dropped,
}

/// Where the value of a step is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The step's code ran.
    Ran,
    /// The store had it.
    Hit,
    /// The store had it, it is past its `ttl`, and it is being made anew in the background.
    Stale,
    /// Another caller ran the step for the same key at the same time.
    Joined,
    /// The step's code ran, and the store, which was down, knows nothing of it.
    Unrecorded,
    /// A process that was lost had run the step, as its `reconcile` function found out.
    Reconciled,
    /// The step failed, and its fallback stood in.
    Fallback,
}

impl Origin {
    /// One lower-case word that stays as it is, for labels and fields.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ran => "ran",
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Joined => "joined",
            Self::Unrecorded => "unrecorded",
            Self::Reconciled => "reconciled",
            Self::Fallback => "fallback",
        }
    }
}

impl StepOutcome<'_> {
    /// One lower-case word that stays as it is, for labels and fields: that of the [`Origin`], or `failed`, `softened`,
    /// `skipped` or `dropped`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Made(origin) => origin.name(),
            Self::Failed(_) => "failed",
            Self::Softened(_) => "softened",
            Self::Skipped(_) => "skipped",
            Self::Dropped => "dropped",
        }
    }

    /// Why it has no value, unless it was dropped.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) | Self::Softened(error) | Self::Skipped(error) => Some(error),
            Self::Made(_) | Self::Dropped => None,
        }
    }
}

impl ExecutionOutcome<'_> {
    /// One lower-case word that stays as it is, for labels and fields: `resolved`, `failed` or `dropped`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Failed(_) => "failed",
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unrecorded => "ran unrecorded",
            other => other.name(),
        })
    }
}

impl fmt::Display for StepOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(origin) => origin.fmt(f),
            Self::Dropped => f.write_str("dropped"),
            Self::Failed(error) | Self::Softened(error) | Self::Skipped(error) => {
                write!(f, "{}: {error}", self.name())
            }
        }
    }
}

impl fmt::Display for ExecutionOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Resolved | Self::Dropped => f.write_str(self.name()),
        }
    }
}
