//! Two steps with one name would share rows.

use super::text::same;
use super::{GraphPlan, NodeInfo, NodeKind};

impl<const N: usize> GraphPlan<N> {
    /// The step before `node` in the list that has the same name.
    pub(super) const fn namesake(&self, node: usize) -> Option<usize> {
        if !self.has_namesakes {
            return None;
        }
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

/// Whether two steps have one name. Each is put into a table by a hash of its name: to compare each with all others takes
/// the compiler a second where there are a thousand.
pub(super) const fn has_namesakes<const N: usize>(nodes: &[NodeInfo; N]) -> bool {
    // Chains of the nodes with one hash; `N` ends them.
    let mut first = [N; N];
    let mut next = [N; N];
    let mut node = 0;
    while node < N {
        if matches!(nodes[node].kind, NodeKind::Step) {
            let name = nodes[node].name;
            let place = hash(name) % N;
            let mut other = first[place];
            while other < N {
                if same(nodes[other].name, name) {
                    return true;
                }
                other = next[other];
            }
            next[node] = first[place];
            first[place] = node;
        }
        node += 1;
    }
    false
}

/// FNV-1a.
const fn hash(name: &str) -> usize {
    let name = name.as_bytes();
    let mut hash: u32 = 0x811c_9dc5;
    let mut i = 0;
    while i < name.len() {
        hash = (hash ^ name[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash as usize
}
