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
    docket_benches_shapes::resolve(shape, &lines)
}
