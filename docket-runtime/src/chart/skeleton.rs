//! What two drawings have to have in common: their nodes and edges. It can be read back from each kind of file that is
//! written, so that the difference to an old file is told in the words of graphs.

use std::collections::{BTreeMap, BTreeSet};

use super::{EdgeKind, Plan};

/// Nodes and edges by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Skeleton {
    /// The word for what each is, by its id.
    pub(super) nodes: BTreeMap<String, String>,
    /// From, to, and how.
    pub(super) edges: BTreeMap<(String, String), BTreeSet<EdgeKind>>,
}

impl Skeleton {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut skeleton = Self::default();
        for node in &plan.nodes {
            skeleton.node(&node.id, node.word());
        }
        for edge in &plan.edges {
            skeleton.edge(&edge.from, &edge.to, edge.kind);
        }
        skeleton
    }

    pub(super) fn node(&mut self, id: &str, word: &str) {
        self.nodes.insert(id.to_owned(), word.to_owned());
    }

    pub(super) fn edge(&mut self, from: &str, to: &str, kind: EdgeKind) {
        let ends = (from.to_owned(), to.to_owned());
        self.edges.entry(ends).or_default().insert(kind);
    }

    /// How many steps there are in a longest chain.
    pub(super) fn n_levels(&self) -> usize {
        let is_step = |id: &str| self.nodes.get(id).is_some_and(|word| word == "step");
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        // Each round settles at least one more level; a file with a cycle in it, which none of ours has, ends with the
        // last round.
        for _ in 0..=self.nodes.len() {
            let before = levels.clone();
            for id in self.nodes.keys().filter(|id| is_step(id)) {
                let needs = self.edges.keys().filter(|(_, to)| to == id);
                let deepest = needs
                    .filter_map(|(from, _)| before.get(from.as_str()))
                    .max();
                levels.insert(id, 1 + deepest.copied().unwrap_or(0));
            }
            if levels == before {
                break;
            }
        }
        levels.values().max().copied().unwrap_or(0)
    }
}
