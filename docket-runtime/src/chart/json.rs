//! The plan as JSON.

use std::fmt;

use serde_json::error::Category;

use super::{EdgeKind, Plan};
use crate::error::BoxError;

/// The version of the form that is written, and the newest that is read.
pub(super) const VERSION: u32 = 1;

/// Why a text is no plan.
#[derive(Debug)]
pub struct ReadError {
    message: String,
    source: Option<BoxError>,
}

impl Plan {
    /// As JSON, with a line break at its end. The form is described [above](Plan#the-json).
    pub fn to_json(&self) -> String {
        let mut json =
            serde_json::to_string_pretty(self).expect("a plan is made of texts and numbers");
        json.push('\n');
        json
    }

    /// From what [`to_json`](Plan::to_json) wrote.
    ///
    /// # Errors
    ///
    /// Where it is no JSON, is no plan, or was written by a version of Docket whose form is not known here.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        #[derive(serde::Deserialize)]
        struct Version {
            docket_plan: u32,
        }
        let Version { docket_plan } = serde_json::from_str(json).map_err(ReadError::of)?;
        if docket_plan > VERSION {
            return Err(ReadError::new(format!(
                "it is a plan of form {docket_plan}, and this version of Docket reads {VERSION} at most"
            )));
        }
        let plan: Self = serde_json::from_str(json).map_err(ReadError::of)?;
        plan.check_ids()?;
        plan.check_levels()?;
        Ok(plan)
    }

    /// What is drawn relies on each id being that of a node, and of one only.
    fn check_ids(&self) -> Result<(), ReadError> {
        for (i, node) in self.nodes.iter().enumerate() {
            if self.nodes[..i].iter().any(|other| other.id == node.id) {
                return Err(ReadError::new(format!(
                    "two of its nodes are `{}`",
                    node.id
                )));
            }
        }
        let edges = self.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
        let entries = self
            .entries
            .iter()
            .flat_map(|entry| entry.outputs.iter().chain(&entry.steps));
        let items = self.entries.iter().filter_map(|it| it.items.as_ref());
        let items = items.flat_map(|it| it.each.iter().chain(&it.aggregates).chain(&it.shared));
        let entries = entries.chain(items);
        match edges.chain(entries).find(|id| self.node(id).is_none()) {
            Some(id) => Err(ReadError::new(format!(
                "it has no node `{id}`, and speaks of one"
            ))),
            None => Ok(()),
        }
    }

    /// Whoever follows its edges relies on coming to an end.
    fn check_levels(&self) -> Result<(), ReadError> {
        let level = |id: &str| self.node(id).map_or(0, |node| node.level);
        let values = self.edges.iter().filter(|it| it.kind != EdgeKind::Resource);
        if let Some(edge) = values.clone().find(|it| level(&it.from) >= level(&it.to)) {
            return Err(ReadError::new(format!("its levels are wrong: {edge}")));
        }
        match self.nodes.iter().find(|it| it.level > self.nodes.len()) {
            Some(node) => Err(ReadError::new(format!(
                "the level of `{}` is wrong",
                node.id
            ))),
            None => Ok(()),
        }
    }
}

impl ReadError {
    fn new(message: String) -> Self {
        Self {
            message,
            source: None,
        }
    }

    fn of(error: serde_json::Error) -> Self {
        let message = match error.classify() {
            Category::Data => "it is no plan of Docket",
            Category::Io | Category::Syntax | Category::Eof => "it is no JSON",
        };
        Self {
            message: message.to_owned(),
            source: Some(error.into()),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|it| it as &(dyn std::error::Error + 'static))
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Durations as people write them.
pub(super) mod text_duration {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&humantime::format_duration(*value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(from)?;
        humantime::parse_duration(&text).map_err(de::Error::custom)
    }
}

/// The same where there may be none.
pub(super) mod optional_duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    #[derive(serde::Serialize, Deserialize)]
    struct Text(#[serde(with = "super::text_duration")] Duration);

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Text).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Text>::deserialize(from)?.map(|Text(duration)| duration))
    }
}
