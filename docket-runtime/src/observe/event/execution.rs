//! What is told of whole executions.

use std::time::Duration;

use super::super::{ExecutionOutcome, RunId};

/// See [`Observer::execution_started`](crate::Observer::execution_started).
#[derive(Debug)]
#[non_exhaustive]
pub struct ExecutionStarted<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The graph and the entry that was called: `PageGraph::greeting`.
    pub entry: &'static str,
}

/// See [`Observer::execution_ended`](crate::Observer::execution_ended).
#[derive(Debug)]
#[non_exhaustive]
pub struct ExecutionEnded<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The graph and the entry that was called: `PageGraph::greeting`.
    pub entry: &'static str,
    /// How it ended.
    pub outcome: ExecutionOutcome<'a>,
    /// From its start.
    pub duration: Duration,
}
