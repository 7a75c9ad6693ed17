//! async_dag: a graph of functions that take values. A function takes twelve at most: more go through gathering ones.

use docket_benches_shapes::{Shape, text};

const MOST: usize = 12;

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    let last = shape.steps.len() - 1;
    let mut functions = String::new();
    let mut lines = String::from(
        "    let mut graph = async_dag::Graph::new();\n    let s0 = graph.add_task(move || s0(seed));\n",
    );
    for (i, step) in shape.steps.iter().enumerate() {
        let wait = text::wait(i, step);
        let mut needs: Vec<String> = step.needs.iter().map(|need| format!("s{need}")).collect();
        let (parameters, inputs) = match step.needs.as_slice() {
            [] => ("seed: Seed".to_owned(), "seed.0".to_owned()),
            all if all.len() <= MOST => (
                text::list(all, |need| format!("v{need}: V{need}")),
                text::list(all, |need| format!("v{need}.0")),
            ),
            all => {
                needs.clear();
                for (part, chunk) in all.chunks(MOST).enumerate() {
                    let parameters = text::list(chunk, |need| format!("v{need}: V{need}"));
                    let values = text::list(chunk, |need| format!("v{need}.0"));
                    functions.push_str(&format!(
                        "pub async fn gather{part}({parameters}) -> Vec<u64> {{\n    vec![{values}]\n}}\n"
                    ));
                    let from: Vec<String> = chunk.iter().map(|need| format!("s{need}")).collect();
                    lines.push_str(&child(&format!("gather{part}"), &from));
                    needs.push(format!("gather{part}"));
                }
                let parts: Vec<usize> = (0..needs.len()).collect();
                (
                    text::list(&parts, |part| format!("g{part}: Vec<u64>")),
                    text::list(&parts, |part| format!("g{part}.iter().sum()")),
                )
            }
        };
        functions.push_str(&format!(
            "pub async fn s{i}({parameters}) -> V{i} {{\n    {wait}\n    V{i}(mix({i}, [{inputs}]))\n}}\n"
        ));
        if i > 0 {
            lines.push_str(&child(&format!("s{i}"), &needs));
        }
    }
    let body = format!(
        "{}{functions}
pub async fn resolve(seed: Seed) -> V{last} {{
{lines}    graph.run().await;
    graph.get_value::<V{last}>(s{last}).expect(\"it ran\")
}}

pub fn graph() {{}}
pub fn run((): &mut (), seed: u64) -> impl Future<Output = V{last}> + use<> {{
    resolve(Seed(seed))
}}
pub fn value(output: V{last}) -> u64 {{
    output.0
}}
",
        text::values(shape),
    );
    text::module(shape, &body)
}

/// Adds a task whose values come from `needs`.
fn child(name: &str, needs: &[String]) -> String {
    let (first, others) = needs.split_first().expect("it needs something");
    let mut lines =
        format!("    let {name} = graph.add_child_task({first}, {name}, 0).expect(\"it fits\");\n");
    for (place, need) in others.iter().enumerate() {
        let place = place + 1;
        lines.push_str(&format!(
            "    graph.update_dependency({need}, {name}, {place}).expect(\"it fits\");\n"
        ));
    }
    lines
}
