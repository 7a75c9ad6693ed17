//! Who needs what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::json::is_default;

/// A step reads a value, or uses a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Edge {
    /// The [`id`](super::Node::id) of the node that is needed.
    pub from: String,
    /// The id of the step that needs it.
    pub to: String,
    /// What happens without it.
    pub kind: EdgeKind,
    /// Whether it is marked `#[key]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key: bool,
    /// The name of the step's parameter.
    pub parameter: String,
}

/// How a step depends on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EdgeKind {
    /// `&T`: the step needs it to run.
    Need,
    /// `Option<&T>` or `Result<&T, _>`: the step waits for it, and runs without it where its producer has failed.
    Soft,
    /// `&[T]`: the step reads that of all items of a batch.
    All,
    /// `#[resource] &T`: it is there all the time.
    Resource,
}

impl EdgeKind {
    /// Between the step and what it needs.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Need => "needs",
            Self::Soft => "can do without",
            Self::All => "needs every",
            Self::Resource => "uses",
        }
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.to, self.kind.verb(), self.from)
    }
}
