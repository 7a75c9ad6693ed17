//! The questions that a graph answers.

use serde::{Deserialize, Serialize};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// The name of its method.
    pub name: String,
    /// Its documentation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// What the caller gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<EntryParameter>,
    /// The type that it returns, as written.
    pub returns: String,
    /// The ids of the nodes whose values it returns.
    pub outputs: Vec<String>,
    /// The ids of the steps that run, each after all that it needs.
    pub steps: Vec<String>,
    /// How many steps there are in its longest chain, in which each waits for the one before.
    pub levels: usize,
    /// Of an entry with items, what is there for each of them, and what once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<EntryItems>,
}

/// How the nodes of an entry with items divide: each input and each step that runs is in one of the lists, by its id.
///
/// It is a question of the entry, not of the step: a step that runs for each film of one entry may run once in another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EntryItems {
    /// What is there for each item.
    pub each: Vec<String>,
    /// Steps that run once, and wait for all items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aggregates: Vec<String>,
    /// What is there once, whatever the items are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<String>,
}

/// What a caller gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EntryParameter {
    /// Its name.
    pub name: String,
    /// Its type as written.
    #[serde(rename = "type")]
    pub ty: String,
    /// The id of the node whose value it is. If that is a step, the step does not run.
    pub node: String,
}

impl Entry {
    /// As a person would write it: `page(id: UserId) -> Page`.
    pub fn signature(&self) -> String {
        let parameters = self.parameters.iter();
        let parameters: Vec<String> = parameters
            .map(|it| format!("{}: {}", it.name, it.ty))
            .collect();
        format!(
            "{}({}) -> {}",
            self.name,
            parameters.join(", "),
            self.returns
        )
    }
}
