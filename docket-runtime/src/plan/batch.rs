//! What one batch needs of its graph: what is there once, what is there for each item, and what of that is kept.

use super::{EntryPlan, GraphPlan, Need, NodeKind, mode};

/// In which form an entry returns a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// `T`
    One,
    /// `[T]`
    Each,
    /// `[docket::Result<T>]`
    Tried,
    /// `impl Stream<Item = docket::Result<T>>`
    Streamed,
}

impl Output {
    /// Whether the values of all items are kept until the end.
    const fn is_kept(self) -> bool {
        !matches!(self, Output::Streamed)
    }
}

/// Where the frame of a batch keeps the value of a node. The numbers are those of [`Seat`](crate::batch::Seat).
pub mod place {
    /// Nowhere.
    pub const NONE: u8 = 0;
    /// In a slot.
    pub const SLOT: u8 = 1;
    /// In a column, with a cell for each item.
    pub const COLUMN: u8 = 2;
}

/// The items of one entry of a graph of `N` nodes, beside its [`EntryPlan`].
///
/// A node is there *for each* item if items are given as it, or if its step reads by `&T` what is there for each.
/// Everything else is *shared*: there once. A step that reads a slice waits for a *column*: the values of one node for all
/// items. What a node waits for, directly or not, is its *wait*: a bit for each column that a step reads whole.
#[derive(Debug)]
pub struct BatchPlan<const N: usize> {
    pub(super) outputs: &'static [Output],
    pub(super) each: [bool; N],
    needed: [bool; N],
    columns: [bool; N],
    column_list: [usize; N],
    n_columns: usize,
    bits: [u64; N],
    waits: [u64; N],
    fatal: [bool; N],
    /// Whether a shared node is needed where there are no items.
    lone: [bool; N],
    mode: [u8; N],
    shared_order: [usize; N],
    n_shared: usize,
    item_order: [usize; N],
    n_items: usize,
    reads: [Need; N],
    n_reads: usize,
    keeps_inputs: bool,
    /// Whether items ask together for what a node makes.
    asks: [bool; N],
    desks: [usize; N],
    n_desks: usize,
}

/// How many columns have a bit of their own. The others share the last one.
const LAST_BIT: u32 = 63;

impl<const N: usize> BatchPlan<N> {
    /// The items of `entry`, which are given as the nodes `given`.
    pub const fn new(
        graph: &GraphPlan<N>,
        entry: &EntryPlan<N>,
        given: &'static [usize],
        outputs: &'static [Output],
    ) -> Self {
        let nothing = Need {
            node: 0,
            soft: false,
            all: false,
            bulk: false,
        };
        let mut plan = Self {
            outputs,
            each: [false; N],
            needed: [false; N],
            columns: [false; N],
            column_list: [0; N],
            n_columns: 0,
            bits: [0; N],
            waits: [0; N],
            fatal: [false; N],
            lone: [false; N],
            mode: [mode::OFF; N],
            shared_order: [0; N],
            n_shared: 0,
            item_order: [0; N],
            n_items: 0,
            reads: [nothing; N],
            n_reads: 0,
            keeps_inputs: false,
            asks: [false; N],
            desks: [0; N],
            n_desks: 0,
        };
        let mut i = 0;
        while i < given.len() {
            plan.each[given[i]] = true;
            i += 1;
        }
        plan.divide(graph, entry);
        plan.wait(graph);
        plan.keep(graph, entry, given);
        plan.judge(graph, entry);
        plan.list();
        plan
    }

    /// Tells shared nodes from those for each item, and numbers the columns that steps read whole.
    const fn divide(&mut self, graph: &GraphPlan<N>, entry: &EntryPlan<N>) {
        let mut n_bits = 0;
        let mut at = 0;
        while at < graph.n_ordered {
            let node = graph.order[at];
            at += 1;
            self.needed[node] = entry.needs(node);
            if !self.runs(graph, entry, node) {
                continue;
            }
            let needs = graph.nodes[node].needs;
            let mut i = 0;
            while i < needs.len() {
                let need = needs[i];
                if need.all && self.bits[need.node] == 0 {
                    self.bits[need.node] = 1 << if n_bits < LAST_BIT { n_bits } else { LAST_BIT };
                    n_bits += 1;
                }
                if !need.all && self.each[need.node] {
                    self.each[node] = true;
                }
                i += 1;
            }
            self.mode[node] = entry.mode(node);
            if self.each[node] {
                self.item_order[self.n_items] = node;
                self.n_items += 1;
                if graph.nodes[node].bulk {
                    self.asks[node] = true;
                    self.desks[self.n_desks] = node;
                    self.n_desks += 1;
                }
            } else {
                self.shared_order[self.n_shared] = node;
                self.n_shared += 1;
            }
        }
    }

    const fn runs(&self, graph: &GraphPlan<N>, entry: &EntryPlan<N>, node: usize) -> bool {
        entry.needs(node)
            && !entry.is_given(node)
            && matches!(graph.nodes[node].kind, NodeKind::Step)
    }

    const fn wait(&mut self, graph: &GraphPlan<N>) {
        let mut at = 0;
        while at < graph.n_ordered {
            let node = graph.order[at];
            at += 1;
            if self.mode[node] == mode::OFF {
                continue;
            }
            let needs = graph.nodes[node].needs;
            let mut i = 0;
            while i < needs.len() {
                let need = needs[i];
                self.waits[node] |= self.waits[need.node];
                if need.all {
                    self.waits[node] |= self.bits[need.node];
                }
                i += 1;
            }
        }
    }

    /// Finds the columns: of what steps read whole, of what is returned for each item, and of what an item that rests until
    /// an aggregate is there has to find again.
    const fn keep(&mut self, graph: &GraphPlan<N>, entry: &EntryPlan<N>, given: &[usize]) {
        let mut i = 0;
        while i < self.outputs.len() {
            let node = entry.output(i);
            if self.each[node] && self.outputs[i].is_kept() {
                self.columns[node] = true;
            }
            i += 1;
        }
        // Whether a node may end before all that it waits for is there: where something failed early that it can do without.
        let mut early = [false; N];
        let mut at = 0;
        while at < graph.n_ordered {
            let node = graph.order[at];
            at += 1;
            if self.bits[node] != 0 && self.each[node] {
                self.columns[node] = true;
            }
            if self.mode[node] == mode::OFF || !self.each[node] {
                continue;
            }
            let needs = graph.nodes[node].needs;
            let mut i = 0;
            while i < needs.len() {
                let Need {
                    node: need,
                    soft,
                    all,
                    bulk: _,
                } = needs[i];
                i += 1;
                if all || !self.each[need] {
                    continue;
                }
                let waits = self.waits[need] != 0;
                if early[need] || soft && waits {
                    early[node] = true;
                }
                // The reader may wait on when the value is there: for a column that the value did not need, or need not
                // have waited for.
                if self.waits[node] & !self.waits[need] != 0 || waits && (soft || early[need]) {
                    self.columns[need] = true;
                }
            }
        }
        // Items come in one piece, and are kept in one piece.
        i = 0;
        while i < given.len() {
            self.keeps_inputs |= self.columns[given[i]];
            i += 1;
        }
        i = 0;
        while i < given.len() && self.keeps_inputs {
            self.columns[given[i]] = true;
            i += 1;
        }
    }

    /// Finds which failures end the batch, and which shared steps are needed where there are no items. Consumers come
    /// before what they need when the order is walked backwards.
    const fn judge(&mut self, graph: &GraphPlan<N>, entry: &EntryPlan<N>) {
        let mut is_lenient = false;
        // Whether an item, or the batch, fails with a node.
        let mut wanted = [false; N];
        let mut i = 0;
        while i < self.outputs.len() {
            let node = entry.output(i);
            wanted[node] = true;
            match self.outputs[i] {
                Output::One => {
                    self.fatal[node] = true;
                    self.lone[node] = !self.each[node];
                }
                Output::Each => self.fatal[node] = true,
                Output::Tried | Output::Streamed => is_lenient = true,
            }
            i += 1;
        }
        let mut at = graph.n_ordered;
        while at > 0 {
            at -= 1;
            let node = graph.order[at];
            if self.mode[node] == mode::OFF {
                continue;
            }
            if wanted[node] && !self.each[node] {
                // What is there once fails for all items at once.
                self.fatal[node] = true;
            }
            let needs = graph.nodes[node].needs;
            let mut i = 0;
            while i < needs.len() {
                let Need {
                    node: need,
                    soft,
                    all,
                    bulk: _,
                } = needs[i];
                i += 1;
                if self.lone[node] && !self.each[need] {
                    self.lone[need] = true;
                }
                if soft || all && is_lenient {
                    continue;
                }
                wanted[need] |= wanted[node];
                self.fatal[need] |= self.fatal[node];
            }
        }
    }

    const fn list(&mut self) {
        let mut node = 0;
        while node < N {
            if self.columns[node] {
                self.column_list[self.n_columns] = node;
                self.n_columns += 1;
            }
            if self.each[node] || self.place(node) != place::NONE {
                self.reads[self.n_reads] = Need {
                    node,
                    soft: false,
                    all: false,
                    bulk: false,
                };
                self.n_reads += 1;
            }
            node += 1;
        }
    }

    /// For each node, whether it is there for each item.
    pub const fn eaches(&self) -> &[bool] {
        &self.each
    }

    /// Where the frame of the batch keeps `node`: one of [`place`].
    pub const fn place(&self, node: usize) -> u8 {
        if self.columns[node] {
            place::COLUMN
        } else if self.needed[node] && !self.each[node] {
            place::SLOT
        } else {
            place::NONE
        }
    }

    /// Whether the frame of an item has a slot for `node`.
    pub const fn keeps_item(&self, node: usize) -> bool {
        self.each[node]
    }

    /// The same of each node.
    pub const fn kept_by_items(&self) -> &[bool; N] {
        &self.each
    }

    /// Whether there is a column of `node`.
    pub const fn has_column(&self, node: usize) -> bool {
        self.columns[node]
    }

    /// Whether `node` is an item, or a part of one, that is kept in a column.
    pub const fn is_kept_input(&self, node: usize) -> bool {
        self.columns[node] && self.mode[node] == mode::OFF
    }

    /// Whether the items themselves are kept in columns.
    pub const fn keeps_inputs(&self) -> bool {
        self.keeps_inputs
    }

    /// For each node, how it runs if it is there once: one of [`mode`].
    pub const fn shared_modes(&self) -> [u8; N] {
        let mut modes = self.mode;
        let mut node = 0;
        while node < N {
            if self.each[node] {
                modes[node] = mode::OFF;
            }
            node += 1;
        }
        modes
    }

    /// For each node, how it runs if it is there for each item: one of [`mode`].
    pub const fn item_modes(&self) -> [u8; N] {
        let mut modes = [mode::OFF; N];
        let mut node = 0;
        while node < N {
            if self.each[node] {
                modes[node] = match self.mode[node] {
                    mode @ (mode::OFF | mode::PERSISTED) => mode,
                    _ if self.asks[node] => mode::BULK,
                    mode => mode,
                };
            }
            node += 1;
        }
        modes
    }

    /// For each node, whether items ask together for what it makes.
    pub const fn asks(&self) -> &[bool] {
        &self.asks
    }

    /// The nodes for which items ask together.
    pub const fn desks(&self) -> &[usize] {
        self.desks.split_at(self.n_desks).0
    }

    /// The steps that run once.
    pub const fn shared_order(&self) -> &[usize] {
        self.shared_order.split_at(self.n_shared).0
    }

    /// The steps that run for each item.
    pub const fn item_order(&self) -> &[usize] {
        self.item_order.split_at(self.n_items).0
    }

    /// The nodes that have a column.
    pub const fn columns(&self) -> &[usize] {
        self.column_list.split_at(self.n_columns).0
    }

    /// For each node, its bit, if a step reads its column whole.
    pub const fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// For each node, the columns that it waits for.
    pub const fn waits(&self) -> &[u64] {
        &self.waits
    }

    /// For each node, whether its failure ends the batch.
    pub const fn fatals(&self) -> &[bool] {
        &self.fatal
    }

    /// For each node, whether it is there once, and needed where there are no items.
    pub const fn lones(&self) -> &[bool] {
        &self.lone
    }

    /// What an item may read, be it its own or the batch's.
    pub const fn reads(&self) -> &[Need] {
        self.reads.split_at(self.n_reads).0
    }
}
