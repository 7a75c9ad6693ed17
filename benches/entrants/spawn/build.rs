//! By hand: the steps of one layer in tasks of their own.

use docket_benches_shapes::{Shape, text};

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    let last = shape.steps.len() - 1;
    let mut lines = String::new();
    for layer in shape.layers() {
        if let [i] = layer[..] {
            let call = format!("s{i}({}).await", text::arguments(&shape.steps[i]));
            lines.push_str(&match i == last {
                true => format!("    {call}\n"),
                false => format!("    let v{i} = {call};\n"),
            });
            continue;
        }
        for &i in &layer {
            let arguments = text::arguments(&shape.steps[i]);
            lines.push_str(&format!(
                "    let t{i} = tokio::spawn(async move {{ s{i}({arguments}).await }});\n"
            ));
        }
        for &i in &layer {
            lines.push_str(&format!("    let v{i} = t{i}.await.expect(\"it ends\");\n"));
        }
    }
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
