//! Two steps with one name would share rows.

use super::text::same;
use super::{GraphPlan, NodeKind};

impl<const N: usize> GraphPlan<N> {
    /// The step before `node` in the list that has the same name.
    pub(super) const fn namesake(&self, node: usize) -> Option<usize> {
        let name = self.nodes[node].name;
        let mut other = 0;
        while other < node {
            if matches!(self.nodes[other].kind, NodeKind::Step)
                && same(self.nodes[other].name, name)
            {
                return Some(other);
            }
            other += 1;
        }
        None
    }
}
