//! Graphs by hand: one layer after the other.

use crate::{Shape, text};

/// An async function that awaits one layer after the other; `join` is a statement that runs many calls and names their values.
pub fn by_layers(shape: &Shape, join: impl Fn(&[usize], &[String]) -> String) -> String {
    let last = shape.steps.len() - 1;
    let mut lines = String::new();
    for layer in shape.layers() {
        let calls: Vec<String> = layer
            .iter()
            .map(|&i| format!("s{i}({})", text::arguments(&shape.steps[i])))
            .collect();
        let line = match (layer.as_slice(), calls.as_slice()) {
            ([i], [call]) if *i == last => format!("    {call}.await\n"),
            ([i], [call]) => format!("    let v{i} = {call}.await;\n"),
            _ => format!(
                "    {}
",
                join(&layer, &calls)
            ),
        };
        lines.push_str(&line);
    }
    resolve(shape, &lines)
}

/// The module of a graph by hand, whose function `resolve` has `lines` for its body.
pub fn resolve(shape: &Shape, lines: &str) -> String {
    let last = shape.steps.len() - 1;
    let body = format!(
        "{}{}
pub async fn resolve(seed: Seed) -> V{last} {{
{lines}}}

pub fn graph() {{}}
pub fn run((): &mut (), seed: u64) -> impl Future<Output = V{last}> + use<> {{
    resolve(Seed(seed))
}}
pub fn value(output: V{last}) -> u64 {{
    output.0
}}
",
        text::values(shape),
        text::functions(shape, ""),
    );
    text::module(shape, &body)
}
