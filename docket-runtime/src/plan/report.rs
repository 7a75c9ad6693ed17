//! The mistakes that only the whole graph shows, told by a panic in a constant at the token that made them.
//!
//! Each check is called once per token, with that token's span; `#[track_caller]` makes the compiler point there.

use super::text::Text;
use super::{EntryPlan, GraphPlan, NodeInfo, NodeKind};

/// Checks the listed step `node`: that it is part of no cycle, shares its name with none, and is needed by an entry.
///
/// # Panics
///
/// When it is not so, with the words that the user reads.
#[track_caller]
pub const fn check_step<const N: usize>(
    graph: &GraphPlan<N>,
    entries: &[&EntryPlan<N>],
    node: usize,
) {
    let info = &graph.nodes[node];
    if !matches!(info.kind, NodeKind::Step) {
        return;
    }
    if let Some(text) = graph.cycle_text(node) {
        panic!("{}", text.as_str());
    }
    if let Some(other) = graph.namesake(node) {
        let text = Text::new()
            .code(graph.nodes[other].path)
            .push(" and ")
            .code(info.path)
            .push(" are both named ")
            .code(info.name)
            .push(", so they would share their rows in a store; give one of them another name: `#[step(name = \"…\")]`");
        panic!("{}", text.as_str());
    }
    // In a graph with a cycle, or with a step that has a mistake, it is not known what the entries need.
    if !graph.is_whole() || info.may_be_unused {
        return;
    }
    let mut i = 0;
    while i < entries.len() {
        if entries[i].needs(node) && !entries[i].is_given(node) {
            return;
        }
        i += 1;
    }
    // Where a listed step needs it, that one is unused, and is told.
    let mut other = 0;
    while other < N {
        if asks_for(&graph.nodes[other], node) {
            return;
        }
        other += 1;
    }
    let text = Text::new()
        .push("no entry needs the step ")
        .code(info.ident)
        .push("; return its output from an entry, take it from the list, or mark it there: `#[allow(unused)]`");
    panic!("{}", text.as_str());
}

/// Checks that the entry `name` is given every input that its steps ask for.
///
/// # Panics
///
/// When one is missing.
#[track_caller]
pub const fn check_entry<const N: usize>(graph: &GraphPlan<N>, entry: &EntryPlan<N>, name: &str) {
    if graph.has_cycle() {
        return;
    }
    let mut node = 0;
    while node < N {
        let info = &graph.nodes[node];
        if matches!(info.kind, NodeKind::Input) && entry.needs(node) && !entry.is_given(node) {
            let mut text = Text::new()
                .push("the entry ")
                .code(name)
                .push(" needs the input ")
                .code(info.ident);
            if let Some(step) = reader(graph, entry, node) {
                text = text
                    .push(", which ")
                    .code(graph.nodes[step].ident)
                    .push(" asks for");
            }
            text = text.push("; add a parameter of that type");
            panic!("{}", text.as_str());
        }
        node += 1;
    }
}

/// Checks that the entry `name` uses its parameter number `parameter`, a `ty`.
///
/// # Panics
///
/// When it does not.
#[track_caller]
pub const fn check_given<const N: usize>(
    graph: &GraphPlan<N>,
    entry: &EntryPlan<N>,
    name: &str,
    parameter: usize,
    ty: &str,
) {
    let node = entry.given_at(parameter);
    let mut before = 0;
    while before < parameter {
        if entry.given_at(before) == node {
            let text = Text::new()
                .push("the entry ")
                .code(name)
                .push(" takes ")
                .code(ty)
                .push(" twice; take one of them away");
            panic!("{}", text.as_str());
        }
        before += 1;
    }
    if !graph.is_whole() || entry.needs(entry.given_at(parameter)) {
        return;
    }
    let text = Text::new()
        .push("the entry ")
        .code(name)
        .push(" takes ")
        .code(ty)
        .push(", but none of the steps it runs needs it; take the parameter away");
    panic!("{}", text.as_str());
}

/// Checks that the entry `name` returns its type number `output`, a `ty`, once.
///
/// # Panics
///
/// When it does not.
#[track_caller]
pub const fn check_output<const N: usize>(
    entry: &EntryPlan<N>,
    name: &str,
    output: usize,
    ty: &str,
) {
    let mut before = 0;
    while before < output {
        if entry.output(before) == entry.output(output) {
            let text = Text::new()
                .push("the entry ")
                .code(name)
                .push(" returns ")
                .code(ty)
                .push(" twice; take one of them away");
            panic!("{}", text.as_str());
        }
        before += 1;
    }
}

/// Checks that what a step with `retry` returns, a `ty`, is no `Result` that is taken for a value.
///
/// # Panics
///
/// When it is one, with the words that the user reads.
#[track_caller]
pub const fn check_returned(is_result: bool, ty: &str) {
    if is_result {
        let text = Text::new()
            .code(ty)
            .push(" is a `Result`, and its name does not say so: it is taken for a value, and `retry` never sees an error; ")
            .push("write `Result`, or give the alias a name that ends in `Result`");
        panic!("{}", text.as_str());
    }
}

/// A step that the entry runs and that reads `node`.
const fn reader<const N: usize>(
    graph: &GraphPlan<N>,
    entry: &EntryPlan<N>,
    node: usize,
) -> Option<usize> {
    let order = entry.order();
    let mut at = 0;
    while at < order.len() {
        if asks_for(&graph.nodes[order[at]], node) {
            return Some(order[at]);
        }
        at += 1;
    }
    None
}

const fn asks_for(step: &NodeInfo, node: usize) -> bool {
    let mut i = 0;
    while i < step.needs.len() {
        if step.needs[i].node == node {
            return true;
        }
        i += 1;
    }
    false
}
