//! The mistakes that only a whole batch shows, told by a panic in a constant at the token that made them.

use super::text::Text;
use super::{BatchPlan, EntryPlan, GraphPlan, Output};

/// Checks that the entry `name`, which takes no items, runs no step that reads all of them.
///
/// # Panics
///
/// When it does.
#[track_caller]
pub const fn check_alone<const N: usize>(graph: &GraphPlan<N>, entry: &EntryPlan<N>, name: &str) {
    if graph.has_cycle() {
        return;
    }
    if let Some(ident) = reader_of_all(graph, entry) {
        let text = Text::new()
            .push("the step ")
            .code(ident)
            .push(" reads all items of a batch, and the entry ")
            .code(name)
            .push(" takes none; give it a parameter `[T]`, or let the step read one value, `&T`");
        panic!("{}", text.as_str());
    }
}

/// Checks that each step of the entry `name` that reads all of something reads what is there for each item.
///
/// # Panics
///
/// When one does not.
#[track_caller]
pub const fn check_batch<const N: usize>(
    graph: &GraphPlan<N>,
    entry: &EntryPlan<N>,
    batch: &BatchPlan<N>,
    name: &str,
) {
    if graph.has_cycle() {
        return;
    }
    let order = entry.order();
    let mut at = 0;
    while at < order.len() {
        let info = &graph.nodes[order[at]];
        let mut i = 0;
        while i < info.needs.len() {
            let need = info.needs[i];
            if info.bulk && batch.each[need.node] && !need.bulk {
                let text = Text::new()
                    .push("the step ")
                    .code(info.ident)
                    .push(" is asked for many items at once, and in the entry ")
                    .code(name)
                    .push(" there is a ")
                    .code(graph.nodes[need.node].ident)
                    .push(" for each of them; put it into what the step takes a slice of, or take `bulk` away");
                panic!("{}", text.as_str());
            }
            if need.all && !batch.each[need.node] {
                let text = Text::new()
                    .push("in the entry ")
                    .code(name)
                    .push(" there is one ")
                    .code(graph.nodes[need.node].ident)
                    .push(" for the whole batch, and the step ")
                    .code(info.ident)
                    .push(
                        " reads a slice of them; let it read `&T`, or give the entry a `[T]` that ",
                    )
                    .code(graph.nodes[need.node].ident)
                    .push(" depends on");
                panic!("{}", text.as_str());
            }
            i += 1;
        }
        at += 1;
    }
}

/// Checks that the entry `name`, which returns a stream, runs no step that reads all items. `each` is what it would return
/// where all are waited for.
///
/// # Panics
///
/// When it does.
#[track_caller]
pub const fn check_stream<const N: usize>(
    graph: &GraphPlan<N>,
    entry: &EntryPlan<N>,
    batch: &BatchPlan<N>,
    name: &str,
    each: &str,
) {
    if graph.has_cycle() {
        return;
    }
    if let Some(ident) = reader_of_all(graph, entry) {
        let text = Text::new()
            .push("the stream ")
            .code(name)
            .push(" hands out each item when it is done, and the step ")
            .code(ident)
            .push(" waits for all of them; write `async fn` and return ")
            .code(each);
        panic!("{}", text.as_str());
    }
    check_batch(graph, entry, batch, name);
}

/// Checks that the entry `name` returns its type number `output`, a `ty`, in the form in which it is there.
///
/// # Panics
///
/// When it does not.
#[track_caller]
pub const fn check_batch_output<const N: usize>(
    graph: &GraphPlan<N>,
    entry: &EntryPlan<N>,
    batch: &BatchPlan<N>,
    name: &str,
    output: usize,
    ty: &str,
) {
    if graph.has_cycle() {
        return;
    }
    let is_each = batch.each[entry.output(output)];
    let text = match batch.outputs[output] {
        Output::One if is_each => Text::new()
            .push("in the entry ")
            .code(name)
            .push(" there is a ")
            .code(ty)
            .push(" for each item; return `[")
            .push(ty)
            .push("]`, or `[docket::Result<")
            .push(ty)
            .push(">]` for each on its own"),
        Output::Streamed if !is_each => Text::new()
            .push("in the entry ")
            .code(name)
            .push(" there is one ")
            .code(ty)
            .push(" for all items, since it depends on none; return it from an entry of its own"),
        Output::Each | Output::Tried if !is_each => Text::new()
            .push("in the entry ")
            .code(name)
            .push(" there is one ")
            .code(ty)
            .push(" for the whole batch, since it depends on no item; return ")
            .code(ty),
        _ => return,
    };
    panic!("{}", text.as_str());
}

/// The first step of the entry that reads all of something.
const fn reader_of_all<const N: usize>(
    graph: &GraphPlan<N>,
    entry: &EntryPlan<N>,
) -> Option<&'static str> {
    let order = entry.order();
    let mut at = 0;
    while at < order.len() {
        let info = &graph.nodes[order[at]];
        let mut i = 0;
        while i < info.needs.len() {
            if info.needs[i].all {
                return Some(info.ident);
            }
            i += 1;
        }
        at += 1;
    }
    None
}
