//! Finding a cycle, and saying it as a closed path of names.

use super::text::Text;
use super::{GraphPlan, NodeKind};

impl<const N: usize> GraphPlan<N> {
    /// The node of the list at which the cycle through it is reported: of all nodes of that cycle the first.
    /// `None` where `node` is part of none.
    pub(super) const fn cycle_through(&self, node: usize) -> Option<[usize; N]> {
        if !self.has_cycle() || self.is_ordered(node) {
            return None;
        }
        // Follow the first unordered need of each node: from any node of a cycle, or above one, this runs into a cycle.
        let mut path = [N; N];
        let mut seen = [false; N];
        let mut at = node;
        let mut len = 0;
        while !seen[at] {
            seen[at] = true;
            path[len] = at;
            len += 1;
            at = self.first_unordered_need(at);
        }
        if at == node { Some(path) } else { None }
    }

    const fn first_unordered_need(&self, node: usize) -> usize {
        let needs = self.nodes[node].needs;
        let mut i = 0;
        while i < needs.len() {
            if !self.is_ordered(needs[i].node) {
                return needs[i].node;
            }
            i += 1;
        }
        panic!("a step is left out of the order because one of its needs is")
    }

    const fn is_ordered(&self, node: usize) -> bool {
        let mut i = 0;
        while i < self.n_ordered {
            if self.order[i] == node {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Tells the cycle through `node`, if `node` is the first of it in the list.
    pub(super) const fn cycle_text(&self, node: usize) -> Option<Text> {
        let Some(path) = self.cycle_through(node) else {
            return None;
        };
        let own = path.len() < 2 || path[1] >= N;
        let mut text = Text::new().push(if own {
            "a step can't wait for its own result: "
        } else {
            "these steps wait for each other, so none of them can start: "
        });
        let mut i = 0;
        while i < N && path[i] < N {
            if path[i] < node {
                return None;
            }
            text = text.code(self.nodes[path[i]].ident).push(" needs ");
            i += 1;
        }
        debug_assert_step(self.nodes[node].kind);
        text = text.code(self.nodes[node].ident);
        Some(text.push(if own {
            "; take that parameter away, or give its value another type"
        } else {
            "; take one of these parameters away, or split a step in two"
        }))
    }
}

const fn debug_assert_step(kind: NodeKind) {
    assert!(matches!(kind, NodeKind::Step), "only steps need anything");
}
