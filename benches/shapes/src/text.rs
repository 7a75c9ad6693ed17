//! What the texts have in common.

use crate::{Shape, Step};

/// The module of a shape.
pub fn module(shape: &Shape, body: &str) -> String {
    let body: String = body
        .lines()
        .map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("    {line}\n"),
        })
        .collect();
    format!(
        "/// {}.\npub mod {} {{\n    use super::prelude::*;\n\n{body}}}\n",
        shape.title, shape.name
    )
}

/// The type that each step makes.
pub fn values(shape: &Shape) -> String {
    (0..shape.steps.len())
        .map(|i| format!("#[derive(Clone, Copy)]\npub struct V{i}(pub u64);\n"))
        .collect()
}

/// The functions of the steps, which read by reference what they need; `attribute` stands above each.
pub fn functions(shape: &Shape, attribute: &str) -> String {
    let each = |(i, step): (usize, &Step)| {
        let parameters = match step.needs.as_slice() {
            [] => "seed: &Seed".to_owned(),
            needs => list(needs, |need| format!("v{need}: &V{need}")),
        };
        let body = body(i, step);
        format!("{attribute}pub async fn s{i}({parameters}) -> V{i} {{\n{body}}}\n")
    };
    shape.steps.iter().enumerate().map(each).collect()
}

/// What the step `i` does with the values `v…`, or with `seed`.
pub fn body(i: usize, step: &Step) -> String {
    let inputs = match step.needs.as_slice() {
        [] => "seed.0".to_owned(),
        needs => list(needs, |need| format!("v{need}.0")),
    };
    let wait = wait(i, step);
    format!("    {wait}\n    V{i}(mix({i}, [{inputs}]))\n")
}

/// The step `i` waits, by a macro that takes its number and the milliseconds of its timer.
pub fn wait(i: usize, step: &Step) -> String {
    format!("wait!({i}, {});", step.millis)
}

/// The arguments of a call of the step `i` by reference.
pub fn arguments(step: &Step) -> String {
    match step.needs.as_slice() {
        [] => "&seed".to_owned(),
        needs => list(needs, |need| format!("&v{need}")),
    }
}

/// With commas between.
pub fn list<T: Copy>(items: &[T], text: impl Fn(T) -> String) -> String {
    let items: Vec<String> = items.iter().map(|&item| text(item)).collect();
    items.join(", ")
}
