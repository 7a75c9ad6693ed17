//! What is told of the items of a batch.

use super::super::RunId;

/// See [`Observer::batch_progress`](crate::Observer::batch_progress). It is told once for each item, when the item ends.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchProgress<'a> {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: &'a str,
    /// The graph and the entry that was called: `PageGraph::greetings`.
    pub entry: &'static str,
    /// The item that ended, by its place in the input.
    pub item: usize,
    /// Whether it has what it was asked for; `false` where it failed alone.
    pub is_ok: bool,
    /// How many items have ended well so far.
    pub done: usize,
    /// How many have failed alone so far.
    pub failed: usize,
    /// How many there are; `None` where that is not known yet.
    pub total: Option<usize>,
}
