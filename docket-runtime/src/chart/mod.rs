//! A graph as data: what the `plan` of each graph gives. It can be looked through, drawn, written down and compared.
//!
//! What the compiler knows of a graph ([`plan`](crate::plan)) and what the user wrote of it come together in `source.rs`.
//! All else works on the [`Plan`] alone, and so does the same with one that was read from a file.

mod check;
mod diff;
mod edge;
mod entry;
mod json;
mod levels;
mod node;
mod options;
#[cfg(feature = "petgraph")]
mod petgraph;
mod picture;
mod skeleton;
mod source;

use serde::{Deserialize, Serialize};

#[doc(hidden)]
pub use check::{assert_plan, check_plan, write_plan};
pub use diff::Diff;
pub use edge::{Edge, EdgeKind};
pub use entry::{Entry, EntryItems, EntryParameter};
pub use json::ReadError;
pub use levels::CriticalPath;
pub use node::{Node, NodeKind, Parameter, ResourceNode, StepNode};
pub use options::{Options, Persist, Retry, Runs};
pub use picture::Picture;
#[doc(hidden)]
pub use source::{EntrySource, GraphSource, ResourceSource};

/// A graph as data.
///
/// Each graph has a function `plan` that gives its own. It runs nothing, and needs no resources and no store.
///
/// Two plans of one graph are equal, and what they are drawn as is the same to the letter.
///
/// # The JSON
///
/// [`to_json`](Plan::to_json) writes the fields of `Plan` and what is in it under their own names, `ty` as `type`. Whatever
/// is not there (`false`, no timeout, no documentation) is left out. Nodes are named by their [`id`](Node::id) wherever one
/// is meant. Durations are texts, as in `#[step]`: `"800ms"`. A node says by its `kind` (`input`, `step`, `resource`) which
/// fields it has, an edge by its `kind` (`need`, `soft`, `all`, `resource`) what it is. The first field, `docket_plan`, is
/// the version of this form: 1. Fields may be added to it; one that is taken away or changes its meaning makes it 2.
///
/// ```json
/// {
///   "docket_plan": 1,
///   "name": "Numbers",
///   "path": "numbers::Numbers",
///   "doc": "What becomes of a number.",
///   "file": "src/numbers.rs",
///   "line": 11,
///   "nodes": [
///     { "id": "u64", "type": "u64", "resolved": "u64", "level": 0, "kind": "input" },
///     {
///       "id": "double", "type": "i64", "resolved": "i64", "level": 1, "kind": "step",
///       "function": "double", "path": "numbers::double", "file": "src/numbers.rs", "line": 4,
///       "parameters": [{ "name": "number", "type": "u64", "kind": "need" }]
///     }
///   ],
///   "edges": [{ "from": "u64", "to": "double", "kind": "need", "parameter": "number" }],
///   "entries": [
///     {
///       "name": "doubled",
///       "parameters": [{ "name": "number", "type": "u64", "node": "u64" }],
///       "returns": "i64", "outputs": ["double"], "steps": ["double"], "levels": 1
///     },
///     {
///       "name": "all_doubled",
///       "parameters": [{ "name": "numbers", "type": "[u64]", "node": "u64" }],
///       "returns": "[i64]", "outputs": ["double"], "steps": ["double"], "levels": 1,
///       "items": { "each": ["u64", "double"] }
///     }
///   ]
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    #[serde(rename = "docket_plan")]
    pub(crate) version: u32,
    /// The name of the graph.
    pub name: String,
    /// Its path, as the compiler names it.
    pub path: String,
    /// Its documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// The file it stands in, as it was given to the compiler.
    pub file: String,
    /// The line of its name there.
    pub line: u32,
    /// Inputs, then steps, then resources, each in the order of their list. What is switched off by `#[cfg]` is not there.
    pub nodes: Vec<Node>,
    /// Who needs what, by steps, and for each in the order of its parameters.
    pub edges: Vec<Edge>,
    /// The questions that the graph answers.
    pub entries: Vec<Entry>,
}

impl Plan {
    /// The node of this id.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// The steps, in the order of their list.
    pub fn steps(&self) -> impl Iterator<Item = &Node> {
        self.nodes
            .iter()
            .filter(|node| matches!(node.kind, NodeKind::Step(_)))
    }

    /// As a drawing that can be told what to leave out.
    pub fn picture(&self) -> Picture<'_> {
        Picture::of(self)
    }

    /// As the text of a [Mermaid](https://mermaid.js.org) flowchart, which many a page shows as a picture: GitHub, GitLab,
    /// mdBook with a plugin. Without resources.
    pub fn to_mermaid(&self) -> String {
        self.picture().to_mermaid()
    }

    /// As a text for Graphviz: `dot -Tpdf`. Without resources.
    pub fn to_dot(&self) -> String {
        self.picture().to_dot()
    }

    /// As a picture that stands alone: a browser shows it, by day and by night. Without resources.
    pub fn to_svg(&self) -> String {
        self.picture().to_svg()
    }

    /// What is different in `new`.
    pub fn diff(&self, new: &Plan) -> Diff {
        diff::between(self, new)
    }
}
