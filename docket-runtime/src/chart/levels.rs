//! What waits for what: levels, and the chain that takes longest.

use std::collections::HashMap;
use std::time::Duration;

use super::{EdgeKind, Node, NodeKind, Plan};

/// A chain of steps, each of which waits for the one before, that takes as long as the whole graph does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CriticalPath<'a> {
    /// The steps, in the order in which they run.
    pub steps: Vec<&'a Node>,
    /// How long they take, one after the other.
    pub time: Duration,
}

impl Plan {
    /// The steps by level: those of the first need no other step, and each of the others needs one of the level before.
    pub fn levels(&self) -> Vec<Vec<&Node>> {
        let mut levels = Vec::new();
        for node in self.steps() {
            if levels.len() < node.level {
                levels.resize_with(node.level, Vec::new);
            }
            // The levels of a plan that was read may be anything.
            if let Some(level) = node.level.checked_sub(1) {
                levels[level].push(node);
            }
        }
        levels
    }

    /// A longest chain of steps, each of which waits for the one before: the critical path, if all took the same time. Of
    /// several, the one whose steps come first in the list.
    pub fn longest_chain(&self) -> Vec<&Node> {
        self.chain(|_| 1).0
    }

    /// The critical path, once it is known how long each step takes: nothing makes an execution faster but what is on it.
    /// A step that is not among `durations` takes no time.
    pub fn critical_path<'d, Id: AsRef<str>>(
        &self,
        durations: impl IntoIterator<Item = (Id, &'d Duration)>,
    ) -> CriticalPath<'_> {
        let durations: HashMap<String, u128> = durations
            .into_iter()
            .map(|(id, time)| (id.as_ref().to_owned(), time.as_nanos()))
            .collect();
        let (steps, nanos) = self.chain(|step| durations.get(&step.id).copied().unwrap_or(0));
        CriticalPath {
            steps,
            time: Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)),
        }
    }

    /// The chain of steps that is longest where each is as long as `length` says, and how long it is.
    fn chain(&self, length: impl Fn(&Node) -> u128) -> (Vec<&Node>, u128) {
        let steps: Vec<&Node> = self.steps().collect();
        let numbers: HashMap<&str, usize> = steps
            .iter()
            .enumerate()
            .map(|(i, it)| (it.id.as_str(), i))
            .collect();
        let mut needs = vec![Vec::new(); steps.len()];
        for edge in self.edges.iter().filter(|it| it.kind != EdgeKind::Resource) {
            if let (Some(&from), Some(&to)) = (
                numbers.get(edge.from.as_str()),
                numbers.get(edge.to.as_str()),
            ) {
                needs[to].push(from);
            }
        }
        let mut order: Vec<usize> = (0..steps.len()).collect();
        order.sort_by_key(|&i| steps[i].level);
        let mut ends = vec![0_u128; steps.len()];
        let mut before: Vec<Option<usize>> = vec![None; steps.len()];
        for i in order {
            // The first of the longest: steps without a duration still belong to the chain that they stand in.
            let mut longest: Option<usize> = None;
            for &need in &needs[i] {
                if longest.is_none_or(|it| ends[need] > ends[it]) {
                    longest = Some(need);
                }
            }
            before[i] = longest;
            ends[i] = length(steps[i]) + longest.map_or(0, |it| ends[it]);
        }
        let mut last: Option<usize> = None;
        for i in 0..steps.len() {
            if last.is_none_or(|it| ends[i] > ends[it]) {
                last = Some(i);
            }
        }
        let length = last.map_or(0, |it| ends[it]);
        let mut chain: Vec<&Node> = std::iter::successors(last, |&i| before[i])
            .map(|i| steps[i])
            .collect();
        chain.reverse();
        (chain, length)
    }
}

/// How many steps there are in the longest chain that ends with each node. `needs` come before what needs them.
pub(super) fn levels(nodes: &[Node], needs: &[Vec<usize>], order: &[usize]) -> Vec<usize> {
    let mut levels = vec![0; nodes.len()];
    for &node in order {
        if matches!(nodes[node].kind, NodeKind::Step(_)) {
            levels[node] = 1 + needs[node].iter().map(|&it| levels[it]).max().unwrap_or(0);
        }
    }
    levels
}
