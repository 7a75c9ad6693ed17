//! What is told of steps.

use std::time::Duration;

use super::super::{Names, RunId, StepOutcome};
use crate::error::Error;

/// See [`Observer::step_started`](crate::Observer::step_started).
#[derive(Debug)]
#[non_exhaustive]
pub struct StepStarted<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
}

/// See [`Observer::step_ended`](crate::Observer::step_ended).
#[derive(Debug)]
#[non_exhaustive]
pub struct StepEnded<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// How it ended.
    pub outcome: StepOutcome<'a>,
    /// How often this execution has called the step's code: 0 for one that was skipped, or came from the store.
    pub attempts: u32,
    /// From its start, with all attempts, delays and waits; zero where it did not start.
    pub duration: Duration,
    /// Its number.
    #[cfg_attr(
        not(feature = "metrics"),
        expect(dead_code, reason = "`MetricsObserver` alone reads it")
    )]
    pub(crate) node: usize,
    /// The names of all steps of the graph, by their numbers.
    #[cfg_attr(
        not(feature = "metrics"),
        expect(dead_code, reason = "`MetricsObserver` alone reads it")
    )]
    pub(crate) names: Names,
}

/// See [`Observer::attempt_started`](crate::Observer::attempt_started).
#[derive(Debug)]
#[non_exhaustive]
pub struct AttemptStarted<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
}

/// See [`Observer::attempt_ended`](crate::Observer::attempt_ended).
#[derive(Debug)]
#[non_exhaustive]
pub struct AttemptEnded<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// How it failed, if it did.
    pub error: Option<&'a Error>,
    /// From its start.
    pub duration: Duration,
}

/// See [`Observer::retrying`](crate::Observer::retrying).
#[derive(Debug)]
#[non_exhaustive]
pub struct Retrying<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// The attempt that failed, from 1.
    pub attempt: u32,
    /// How long until the next.
    pub delay: Duration,
    /// How it failed.
    pub error: &'a Error,
}

/// See [`Observer::waiting`](crate::Observer::waiting).
#[derive(Debug)]
#[non_exhaustive]
pub struct Waiting<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// Who has to be done first.
    pub on: WaitingFor<'a>,
}

/// Whom a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitingFor<'a> {
    /// Another process, which runs the step for the same key.
    Process {
        /// Its name in the store: host, process id, and a few random digits.
        holder: &'a str,
    },
    /// Another caller in this process, who runs the step for the same key, or asks the store for it.
    Caller,
    /// As many calls of this step as its `max_concurrency` allows.
    Limit,
}

/// See [`Observer::reconciling`](crate::Observer::reconciling).
#[derive(Debug)]
#[non_exhaustive]
pub struct Reconciling<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
}
