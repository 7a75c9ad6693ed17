//! Docket: the steps, and a list of them.

use docket_benches_shapes::{Shape, text};

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    let last = shape.steps.len() - 1;
    let steps: Vec<usize> = (0..=last).collect();
    let steps = text::list(&steps, |i| format!("s{i}"));
    let body = format!(
        "{}{}
graph! {{
    pub struct Graph {{
        inputs {{ Seed }}
        steps {{ {steps} }}

        pub async fn resolve(seed: Seed) -> V{last};
    }}
}}

pub fn graph() -> Graph {{
    Graph::builder().build()
}}
pub fn run(graph: &mut Graph, seed: u64) -> impl Future<Output = docket::Result<V{last}>> {{
    graph.resolve(black_box(\"request-123\"), Seed(seed))
}}
pub fn value(output: docket::Result<V{last}>) -> u64 {{
    output.expect(\"it resolves\").0
}}
",
        text::values(shape),
        text::functions(shape, "#[step]\n"),
    );
    text::module(shape, &body)
}
