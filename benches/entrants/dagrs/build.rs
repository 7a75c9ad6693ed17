//! dagrs: nodes with channels between them, and one action for all, as in its own examples. The graph is reset, and its
//! environment set anew, before each execution.

use docket_benches_shapes::{Shape, text};

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    let last = shape.steps.len() - 1;
    let mut nodes = String::new();
    let mut edges = String::new();
    for (i, step) in shape.steps.iter().enumerate() {
        let millis = step.millis;
        nodes.push_str(&format!(
            "    let action = Compute {{ step: {i}, millis: {millis} }};
    let node = DefaultNode::with_action(\"s{i}\".to_owned(), action, &mut table);
    let s{i} = graph.add_node(node).expect(\"it is new\");
"
        ));
        let readers = shape.readers(i);
        if !readers.is_empty() {
            let readers = text::list(&readers, |reader| format!("s{reader}"));
            edges.push_str(&format!(
                "    graph.add_edge(s{i}, vec![{readers}]).expect(\"both are there\");\n"
            ));
        }
    }
    let body = format!(
        "struct Compute {{
    step: usize,
    millis: u64,
}}

#[async_trait::async_trait]
impl Action for Compute {{
    async fn run(&self, inputs: &mut InChannels, outputs: &mut OutChannels, env: Arc<EnvVar>) -> Output {{
        let inputs: Vec<u64> = match self.step {{
            0 => vec![env.get_ref::<Seed>(\"seed\").expect(\"it is set\").0],
            _ => {{
                inputs
                    .map(|input| *input.expect(\"it came\").get::<u64>().expect(\"a number\"))
                    .await
            }}
        }};
        wait!(self.step, self.millis);
        let value = mix(self.step, [inputs.iter().sum()]);
        outputs.broadcast(Content::new(value)).await;
        Output::new(value)
    }}
}}

pub fn graph() -> (Graph, NodeId) {{
    let mut table = NodeTable::new();
    let mut graph = Graph::new();
{nodes}{edges}    (graph, s{last})
}}
pub async fn run((graph, last): &mut (Graph, NodeId), seed: u64) -> u64 {{
    graph.reset().await.expect(\"it can be used again\");
    let mut env = EnvVar::new(NodeTable::new());
    env.set(\"seed\", Seed(seed));
    graph.set_env(env);
    graph.async_start().await.expect(\"it runs\");
    *graph.get_results::<u64>()[last].as_ref().expect(\"it ran\").as_ref()
}}
pub fn value(output: u64) -> u64 {{
    output
}}
"
    );
    text::module(shape, &body)
}
