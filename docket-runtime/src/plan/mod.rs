//! The plan: a graph and its entries as constants, worked out by the compiler.
//!
//! Everything here is a `const fn` over arrays of node numbers. It knows no types and runs nothing.

mod batch;
mod batch_report;
mod cycle;
mod entry;
mod facts;
mod names;
mod report;
mod rooms;
mod spots;
mod text;

pub use batch::{BatchPlan, Output, place};
pub use batch_report::{check_alone, check_batch, check_batch_output, check_stream};
pub use entry::EntryPlan;
pub(crate) use entry::NOBODY;
pub use facts::{Form, ParameterInfo, StepFacts, StepInfo};
pub use report::{check_entry, check_given, check_output, check_returned, check_step};
pub use rooms::{hows, n_rooms};
pub use spots::{n_places, places};

/// How a step depends on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The node that is needed.
    pub node: usize,
    /// Whether the step can do without it.
    pub soft: bool,
    /// Whether it reads all of a batch at once.
    pub all: bool,
    /// Whether it is what a step with `bulk` is asked for.
    pub bulk: bool,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A type that callers bring.
    Input,
    /// A step.
    Step,
    /// A number whose step or input is switched off by `#[cfg]`.
    Absent,
}

/// How a step is run. The numbers are those of [`Mode`](crate::execution::Mode).
pub mod mode {
    /// Not at all: the entry does not need it.
    pub const OFF: u8 = 0;
    /// Inside the caller's future, with nothing around it.
    pub const PLAIN: u8 = 1;
    /// Inside the caller's future, with options.
    pub const MANAGED: u8 = 2;
    /// As a task of its own.
    pub const SPAWNED: u8 = 3;
    /// On the blocking pool.
    pub const BLOCKING: u8 = 4;
    /// Through the store.
    pub const PERSISTED: u8 = 5;
    /// Inside the caller's future, together with other items of a batch.
    pub const BULK: u8 = 6;
}

/// One node of a graph.
#[derive(Clone, Copy, Debug)]
pub struct NodeInfo {
    /// What it is.
    pub kind: NodeKind,
    /// The name of the type of an input, or of the function of a step, for messages.
    pub ident: &'static str,
    /// A step, as it is listed.
    pub path: &'static str,
    /// The name of a step in keys and errors.
    pub name: &'static str,
    /// What a step needs, in the order of its parameters.
    pub needs: &'static [Need],
    /// How a step runs where it is needed: one of [`mode`].
    pub mode: u8,
    /// Whether a step is asked for many items of a batch at once.
    pub bulk: bool,
    /// Whether it may be listed without being needed: `#[allow(unused)]`.
    pub may_be_unused: bool,
    /// Whether all that a step needs is known. It is not where its function has a mistake, of which the compiler tells there.
    pub is_whole: bool,
    /// What else there is to say of a step. A function, so that nothing of it is worked out before somebody asks.
    pub facts: Option<fn() -> StepFacts>,
}

/// A graph of `N` nodes.
#[derive(Debug)]
pub struct GraphPlan<const N: usize> {
    nodes: [NodeInfo; N],
    /// The needed nodes come first. Nodes of a cycle are not in it.
    order: [usize; N],
    n_ordered: usize,
    has_namesakes: bool,
    /// Whether it is known what each step needs.
    is_whole: bool,
}

impl<const N: usize> GraphPlan<N> {
    /// Sorts `nodes`; a cycle is kept for [`check_step`] to tell.
    pub const fn new(nodes: [NodeInfo; N]) -> Self {
        let (order, n_ordered) = sort(&nodes);
        let has_namesakes = names::has_namesakes(&nodes);
        let (mut is_whole, mut node) = (true, 0);
        while node < N {
            is_whole &= nodes[node].is_whole;
            node += 1;
        }
        Self {
            nodes,
            order,
            n_ordered,
            has_namesakes,
            is_whole,
        }
    }

    /// `true`. What asks for it depends on the plan, and so has no mistake of its own where the plan has one.
    pub const fn is_known(&self) -> bool {
        true
    }

    /// Whether any step of the graph goes through a store.
    pub const fn persists(&self) -> bool {
        let mut node = 0;
        while node < N {
            if self.nodes[node].mode == mode::PERSISTED {
                return true;
            }
            node += 1;
        }
        false
    }

    /// The nodes, by their numbers.
    pub const fn nodes(&self) -> &[NodeInfo] {
        &self.nodes
    }

    /// The nodes, each after all that it needs.
    pub const fn order(&self) -> &[usize] {
        self.order.split_at(self.n_ordered).0
    }

    const fn has_cycle(&self) -> bool {
        self.n_ordered < N
    }

    /// Whether it is known what each entry needs.
    const fn is_whole(&self) -> bool {
        self.is_whole && !self.has_cycle()
    }
}

/// Each node after all that it needs: a walk in depth from each node in turn, linear in the edges. A node that is part of
/// a cycle, or needs one that is, is left out.
const fn sort<const N: usize>(nodes: &[NodeInfo; N]) -> ([usize; N], usize) {
    let mut order = [0; N];
    let mut n_ordered = 0;
    let mut placed = [false; N];
    let mut entered = [false; N];
    let mut stack = [0; N];
    let mut next = [0; N];
    let mut root = 0;
    while root < N {
        let mut depth = 0;
        if !entered[root] {
            entered[root] = true;
            stack[0] = root;
            depth = 1;
        }
        while depth > 0 {
            let node = stack[depth - 1];
            let needs = nodes[node].needs;
            if next[node] < needs.len() {
                let need = needs[next[node]].node;
                next[node] += 1;
                if !entered[need] {
                    entered[need] = true;
                    stack[depth] = need;
                    depth += 1;
                }
            } else {
                depth -= 1;
                if all_placed(needs, &placed) {
                    placed[node] = true;
                    order[n_ordered] = node;
                    n_ordered += 1;
                }
            }
        }
        root += 1;
    }
    (order, n_ordered)
}

const fn all_placed(needs: &[Need], placed: &[bool]) -> bool {
    let mut i = 0;
    while i < needs.len() {
        if !placed[needs[i].node] {
            return false;
        }
        i += 1;
    }
    true
}
