//! What is told of the store.

use std::time::Duration;

use super::super::RunId;
use crate::store::StoreError;

/// See [`Observer::store_answered`](crate::Observer::store_answered).
///
/// Callers of one key in one process have one conversation with the store; it is told of the one who began it.
#[derive(Debug)]
#[non_exhaustive]
pub struct StoreAnswered<'a> {
    /// Which execution; `None` for a [`Heartbeat`](Operation::Heartbeat), which is for all claims of the process.
    pub run: Option<RunId>,
    /// The id that the caller gave; `""` for a heartbeat.
    pub execution_id: &'a str,
    /// The name of the step; `""` for a heartbeat.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// What the store was asked to do.
    pub operation: Operation,
    /// What came of it.
    pub answer: StoreAnswer<'a>,
    /// From the question to the answer. Operations of one process share statements, so it is not that of a statement.
    pub duration: Duration,
}

/// What a store is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// To give the result, or the row.
    Claim,
    /// To write down how a run ended.
    Record,
    /// To take back a row whose step did not start.
    Release,
    /// To renew the leases of all claims of this process.
    Heartbeat,
    /// To note that a process was lost.
    MarkLost,
}

/// What a store answered.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StoreAnswer<'a> {
    /// To a claim: the result.
    Hit,
    /// To a claim: a result past its `ttl`.
    Stale,
    /// To a claim: the row. The step runs.
    Claimed,
    /// To a claim: another process has the row.
    Busy,
    /// To a claim: the last attempt failed, and no other is allowed yet.
    Refused,
    /// To a claim: nobody knows how the last attempt ended.
    Unknown,
    /// To a claim: the row of this `#[key]` was made from other inputs.
    Drift,
    /// To a record: the row is in other hands.
    Fenced,
    /// To anything else: it is done.
    Done,
    /// It did not answer, or refused.
    Error(&'a StoreError),
}

impl Operation {
    /// One lower-case word that stays as it is, for labels and fields.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Record => "record",
            Self::Release => "release",
            Self::Heartbeat => "heartbeat",
            Self::MarkLost => "mark_lost",
        }
    }
}

impl StoreAnswer<'_> {
    /// One lower-case word that stays as it is, for labels and fields.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Claimed => "claimed",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Drift => "drift",
            Self::Fenced => "fenced",
            Self::Done => "done",
            Self::Error(_) => "error",
        }
    }
}
