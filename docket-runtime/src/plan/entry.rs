//! What one entry needs of its graph.

use super::{GraphPlan, NodeKind, mode};

/// Where no step reads.
pub(crate) const NOBODY: (u32, u32) = (u32::MAX, 0);

/// `places` and `place`, which is behind all of them.
const fn stretched(places: (u32, u32), place: usize) -> (u32, u32) {
    let place = place as u32;
    let first = if places.0 < place { places.0 } else { place };
    (first, place + 1)
}

/// One entry of a graph of `N` nodes: which steps run, in which order, and which values are kept.
#[derive(Debug)]
pub struct EntryPlan<const N: usize> {
    given_nodes: &'static [usize],
    output_nodes: &'static [usize],
    needed: [bool; N],
    given: [bool; N],
    /// Whether a step that runs, or the caller, makes a value that a needed step reads, or that is given.
    kept: [bool; N],
    /// Whether its value stands in the frame.
    framed: [bool; N],
    /// Whether the failure of a step is the failure of the entry.
    hard: [bool; N],
    mode: [u8; N],
    order: [usize; N],
    /// By place in `order`, from where to where in it the steps are that read what this one makes.
    readers: [(u32, u32); N],
    /// By place in `order`, the word that has the bit of the last step whose value this one reads, and the bits of all of
    /// these that are in it.
    needs: [(u32, u64); N],
    /// From where to where in `order` the steps are that read of no step.
    roots: (u32, u32),
    n_steps: usize,
    shared: bool,
}

const fn word_bytes(n_steps: usize) -> usize {
    match n_steps {
        0..=8 => 1,
        9..=16 => 2,
        17..=32 => 4,
        _ => 8,
    }
}

impl<const N: usize> EntryPlan<N> {
    /// The entry that is given the nodes `given` and returns the nodes `outputs`.
    pub const fn new(
        graph: &GraphPlan<N>,
        given: &'static [usize],
        outputs: &'static [usize],
    ) -> Self {
        let mut plan = Self {
            given_nodes: given,
            output_nodes: outputs,
            needed: [false; N],
            given: [false; N],
            kept: [false; N],
            framed: [false; N],
            hard: [false; N],
            mode: [mode::OFF; N],
            order: [0; N],
            readers: [NOBODY; N],
            needs: [(0, 0); N],
            roots: NOBODY,
            n_steps: 0,
            shared: false,
        };
        let mut i = 0;
        while i < given.len() {
            plan.given[given[i]] = true;
            i += 1;
        }
        i = 0;
        while i < outputs.len() {
            plan.needed[outputs[i]] = true;
            plan.hard[outputs[i]] = true;
            i += 1;
        }
        plan.reach(graph);
        plan.arrange(graph);
        plan.find_readers(graph);
        plan.framed = plan.kept;
        i = 0;
        while i < outputs.len() && !plan.shared {
            plan.framed[outputs[i]] = true;
            i += 1;
        }
        plan
    }

    /// Marks what the outputs need. Consumers come before what they need when the order is walked backwards, so one walk
    /// is enough.
    const fn reach(&mut self, graph: &GraphPlan<N>) {
        let mut at = graph.n_ordered;
        while at > 0 {
            at -= 1;
            let node = graph.order[at];
            if self.needed[node] && !self.given[node] {
                let needs = graph.nodes[node].needs;
                let mut i = 0;
                while i < needs.len() {
                    let need = needs[i];
                    self.needed[need.node] = true;
                    self.kept[need.node] = true;
                    if self.hard[node] && !need.soft {
                        self.hard[need.node] = true;
                    }
                    i += 1;
                }
            }
        }
    }

    const fn arrange(&mut self, graph: &GraphPlan<N>) {
        let mut at = 0;
        while at < graph.n_ordered {
            let node = graph.order[at];
            if self.given[node] {
                self.kept[node] = true;
            } else if self.needed[node] && matches!(graph.nodes[node].kind, NodeKind::Step) {
                let mode = graph.nodes[node].mode;
                self.mode[node] = mode;
                self.order[self.n_steps] = node;
                self.n_steps += 1;
                if mode >= mode::SPAWNED {
                    self.shared = true;
                }
            }
            at += 1;
        }
    }

    /// Readers come after what they read.
    const fn find_readers(&mut self, graph: &GraphPlan<N>) {
        let mut places = [0; N];
        let mut place = 0;
        while place < self.n_steps {
            let node = self.order[place];
            places[node] = place;
            let needs = graph.nodes[node].needs;
            let mut is_root = true;
            let (mut word, mut bits) = (0, 0);
            let mut i = 0;
            while i < needs.len() {
                let need = needs[i].node;
                if self.mode[need] != mode::OFF {
                    is_root = false;
                    self.readers[places[need]] = stretched(self.readers[places[need]], place);
                    if places[need] / 64 > word {
                        (word, bits) = (places[need] / 64, 0);
                    }
                    if places[need] / 64 == word {
                        bits |= 1 << (places[need] % 64);
                    }
                }
                i += 1;
            }
            self.needs[place] = (word as u32, bits);
            if is_root {
                self.roots = stretched(self.roots, place);
            }
            place += 1;
        }
    }

    /// `true`. What asks for it depends on the plan, and so has no mistake of its own where the plan has one.
    pub const fn is_known(&self) -> bool {
        true
    }

    /// The nodes that the entry is given, in the order of its parameters.
    pub const fn given(&self) -> &'static [usize] {
        self.given_nodes
    }

    /// The nodes that the entry returns, in their order.
    pub const fn outputs(&self) -> &'static [usize] {
        self.output_nodes
    }

    /// The node that the entry returns as number `i`.
    pub const fn output(&self, i: usize) -> usize {
        self.output_nodes[i]
    }

    /// Whether the value of `node` stands in the frame: for other steps, or as an output that no task can keep from the caller.
    pub const fn frames(&self, node: usize) -> bool {
        self.framed[node]
    }

    /// The same of each node.
    pub const fn framed(&self) -> &[bool; N] {
        &self.framed
    }

    /// Whether what the entry returns as number `i` stands beside the frame.
    pub const fn is_beside(&self, i: usize) -> bool {
        !self.framed[self.output_nodes[i]]
    }

    /// How `node` runs: one of [`mode`].
    pub const fn mode(&self, node: usize) -> u8 {
        self.mode[node]
    }

    /// The same of each node.
    pub const fn modes(&self) -> [u8; N] {
        self.mode
    }

    /// Whether steps outlive a poll of the caller, so that the values live in an `Arc`.
    pub const fn shared(&self) -> bool {
        self.shared
    }

    /// How many words of 64 bits hold a bit for each step that runs.
    pub const fn words(&self) -> usize {
        if self.n_steps == 0 {
            1
        } else {
            self.n_steps.div_ceil(64)
        }
    }

    /// How many bytes such a word needs, 1, 2, 4 or 8.
    pub const fn word_bytes(&self) -> usize {
        word_bytes(self.n_steps)
    }

    /// The steps that run, each after all that it needs.
    pub const fn order(&self) -> &[usize] {
        self.order.split_at(self.n_steps).0
    }

    /// For each of them, from where to where in that order those are that read what it makes.
    pub const fn readers(&self) -> &[(u32, u32)] {
        self.readers.split_at(self.n_steps).0
    }

    /// For each of them, the word that has the bit of the last step whose value it reads, and the bits of all of these that
    /// are in it.
    pub const fn known_needs(&self) -> &[(u32, u64)] {
        self.needs.split_at(self.n_steps).0
    }

    /// From where to where in that order those are that read of no other.
    pub const fn roots(&self) -> (u32, u32) {
        self.roots
    }

    /// Whether the steps that run are listed in that order.
    pub const fn in_order(&self) -> bool {
        let mut at = 1;
        while at < self.n_steps {
            if self.order[at] < self.order[at - 1] {
                return false;
            }
            at += 1;
        }
        true
    }

    /// For each node, whether its failure is the failure of the entry.
    pub const fn hards(&self) -> &[bool] {
        &self.hard
    }

    pub(super) const fn needs(&self, node: usize) -> bool {
        self.needed[node]
    }

    pub(super) const fn given_at(&self, parameter: usize) -> usize {
        self.given_nodes[parameter]
    }

    pub(super) const fn is_given(&self, node: usize) -> bool {
        self.given[node]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_a_bit_for_each_step_and_is_no_larger_than_it_has_to_be() {
        for n_steps in 1..=64 {
            let bits = word_bytes(n_steps) * 8;
            assert!(
                (n_steps..n_steps.max(5) * 2).contains(&bits),
                "{n_steps} steps, {bits} bits"
            );
        }
        assert_eq!(word_bytes(1_000), 8, "of several");
    }
}
