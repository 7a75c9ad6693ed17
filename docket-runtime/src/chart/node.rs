//! Inputs, steps and resources.

use serde::{Deserialize, Serialize};

use super::edge::EdgeKind;
use super::json::is_default;
use super::options::Options;

/// What a graph is made of: an input, a step, or a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Node {
    /// What tells it from others: the name of a step in keys and errors, the type of an input or a resource as written.
    /// Where that is taken, a number follows: `Id (2)`.
    pub id: String,
    /// The type of its value as written.
    #[serde(rename = "type")]
    pub ty: String,
    /// The same as the compiler names it, with its path. Compilers of other versions may name it otherwise.
    pub resolved: String,
    /// Of a step, how many steps there are in the longest chain that ends with it; all of a level can run at the same time.
    /// 0 for the rest.
    pub level: usize,
    /// What it is.
    #[serde(flatten)]
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "most nodes are steps")]
pub enum NodeKind {
    /// A value that callers bring.
    Input,
    /// A function.
    Step(StepNode),
    /// A tool of the graph.
    Resource(ResourceNode),
}

/// A function with `#[step]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepNode {
    /// The name of the function.
    pub function: String,
    /// Its path, as the compiler names it.
    pub path: String,
    /// Its documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// The file it stands in, as it was given to the compiler.
    pub file: String,
    /// The line of its name there.
    pub line: u32,
    /// Its parameters but for the context.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Its options as written; those set at run time are the affair of one graph value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

/// A parameter of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The type that it borrows, as written.
    #[serde(rename = "type")]
    pub ty: String,
    /// How the step depends on it.
    pub kind: EdgeKind,
    /// Whether it is marked `#[key]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key: bool,
}

/// A tool of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceNode {
    /// The method of the builder that sets it.
    pub setter: String,
    /// Its documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
}

impl Node {
    /// The word for what it is.
    pub(super) fn word(&self) -> &'static str {
        match self.kind {
            NodeKind::Input => "input",
            NodeKind::Step(_) => "step",
            NodeKind::Resource(_) => "resource",
        }
    }

    /// Its options, if it is a step.
    pub(super) fn options(&self) -> Option<&Options> {
        match &self.kind {
            NodeKind::Step(step) => Some(&step.options),
            NodeKind::Input | NodeKind::Resource(_) => None,
        }
    }

    pub(super) fn is_persisted(&self) -> bool {
        self.options().is_some_and(|it| it.persist.is_some())
    }
}
