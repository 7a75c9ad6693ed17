//! static-graph: a description in a language of its own, from which its build script makes the graph.

use std::fs;
use std::path::Path;

use docket_benches_shapes::{Shape, text};

fn main() {
    let folder = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for shape in docket_benches_shapes::all() {
        if is_small(&shape) {
            generate(Path::new(&folder), &shape);
        }
    }
    docket_benches_shapes::write(|shape| match is_small(shape) {
        true => module(shape),
        false => String::new(),
    });
}

/// What it makes of more takes the compiler minutes.
fn is_small(shape: &Shape) -> bool {
    shape.steps.len() < 10
}

/// Lets static-graph write its part.
fn generate(folder: &Path, shape: &Shape) {
    let mut description = String::new();
    for i in 0..shape.steps.len() {
        let readers = shape.readers(i);
        let readers = match readers.as_slice() {
            [] => String::new(),
            readers => format!(
                "-> ({}) ",
                text::list(readers, |reader| format!("S{reader}"))
            ),
        };
        description.push_str(&format!("node S{i} {readers}{{\n}}\n\n"));
    }
    description.push_str("graph Graph(S0)\n");
    let path = folder.join(format!("{}.graph", shape.name));
    fs::write(&path, description).expect("OUT_DIR can be written to");
    static_graph::configure()
        .file_name(format!("static_graph_{}.rs", shape.name))
        .emit_rerun_if_changed(false)
        .compile(path)
        .expect("static-graph knows its language");
}

fn module(shape: &Shape) -> String {
    let last = shape.steps.len() - 1;
    let orders = orders(shape);
    let mut nodes = String::new();
    for (i, step) in shape.steps.iter().enumerate() {
        let (ty, pattern, inputs) = match orders[i].as_slice() {
            [] => ("()".to_owned(), "()".to_owned(), "seed.0".to_owned()),
            [need] => (format!("V{need}"), format!("v{need}"), format!("v{need}.0")),
            needs => (
                format!("({})", text::list(needs, |need| format!("V{need}"))),
                format!("({})", text::list(needs, |need| format!("v{need}"))),
                text::list(needs, |need| format!("v{need}.0")),
            ),
        };
        let wait = text::wait(i, step);
        let seed = if step.needs.is_empty() {
            "seed"
        } else {
            "_seed"
        };
        nodes.push_str(&format!(
            "#[async_trait::async_trait]
impl Runnable<Seed, {ty}> for S{i} {{
    type Resp = V{i};
    type Error = ();

    async fn run(&self, {seed}: Seed, {pattern}: {ty}) -> Result<V{i}, ()> {{
        {wait}
        Ok(V{i}(mix({i}, [{inputs}])))
    }}
}}
"
        ));
    }
    let responses = vec!["_"; shape.steps.len()].join(", ");
    let body = format!(
        "#[allow(warnings, clippy::all)]
pub mod generated {{
    static_graph::include_graph!(\"static_graph_{}.rs\");
}}
use generated::*;

{}{nodes}
pub fn graph() -> Graph {{
    Graph::new()
}}
pub fn run(graph: &mut Graph, seed: u64) -> impl Future<Output = Result<V{last}, ()>> {{
    graph.run::<Seed, {responses}, ()>(Seed(seed))
}}
pub fn value(output: Result<V{last}, ()>) -> u64 {{
    output.expect(\"it runs\").0
}}
",
        shape.name,
        text::values(shape),
    );
    text::module(shape, &body)
}

/// In which order a node gets what it needs: that in which static-graph visits, depth first, those who make it.
fn orders(shape: &Shape) -> Vec<Vec<usize>> {
    fn visit(shape: &Shape, i: usize, visited: &mut Vec<usize>, orders: &mut [Vec<usize>]) {
        if visited.contains(&i) {
            return;
        }
        visited.push(i);
        for reader in shape.readers(i) {
            orders[reader].push(i);
        }
        for reader in shape.readers(i) {
            visit(shape, reader, visited, orders);
        }
    }
    let mut orders = vec![Vec::new(); shape.steps.len()];
    visit(shape, 0, &mut Vec::new(), &mut orders);
    orders
}
