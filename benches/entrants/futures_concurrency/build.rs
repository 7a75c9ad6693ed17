//! `futures-concurrency`: joins of tuples, of which the longest has twelve members; more are tuples of tuples.

use docket_benches_shapes::{Shape, by_layers};

const LONGEST: usize = 12;

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    by_layers(shape, |layer, calls| {
        let values: Vec<String> = layer.iter().map(|i| format!("v{i}")).collect();
        let (values, calls) = (tuple(&values, ""), tuple(calls, ".join()"));
        format!("let {values} = {calls}.await;")
    })
}

/// A tuple, with `end` behind it and behind those it is made of.
fn tuple(members: &[String], end: &str) -> String {
    if members.len() <= LONGEST {
        return format!("({}){end}", members.join(", "));
    }
    let parts: Vec<String> = members
        .chunks(LONGEST)
        .map(|part| tuple(part, end))
        .collect();
    tuple(&parts, end)
}
