//! Graphs for dagx and its fork. Tasks of one type are used many times, as in their examples: there is one for each number of
//! inputs. A task reads eight others at most, so more go through tasks that add them up.

use std::collections::BTreeSet;

use crate::{Shape, text};

/// The most that a task can read.
const MOST: usize = 8;

/// In what dagx and its fork differ.
pub struct Dialect {
    pub macro_path: &'static str,
    pub runner: &'static str,
    /// How the handle of the first task is had.
    pub first: &'static str,
    pub run: &'static str,
    /// How the value of `LAST` is had.
    pub get: &'static str,
}

/// The module of a shape.
pub fn module(shape: &Shape, dialect: &Dialect) -> String {
    let Dialect {
        macro_path,
        runner,
        first,
        run,
        get,
    } = dialect;
    let mut counts = BTreeSet::new();
    let mut sums = BTreeSet::new();
    let mut lines = format!("    {runner}\n    {first}\n");
    for (i, step) in shape.steps.iter().enumerate().skip(1) {
        let mut inputs: Vec<String> = step.needs.iter().map(|need| format!("s{need}")).collect();
        let mut n_sums = 0;
        while inputs.len() > MOST {
            let chunks = inputs.chunks(MOST).map(|chunk| {
                let name = format!("sum{n_sums}");
                n_sums += 1;
                sums.insert(chunk.len());
                let task = format!("Sum{}", chunk.len());
                lines.push_str(&added(&name, &task, chunk));
                name
            });
            inputs = chunks.collect();
        }
        counts.insert(inputs.len());
        let millis = step.millis;
        let task = format!("Read{} {{ step: {i}, millis: {millis} }}", inputs.len());
        lines.push_str(&added(&format!("s{i}"), &task, &inputs));
    }
    let readers: String = counts.into_iter().map(|n| reader(n, macro_path)).collect();
    let sums: String = sums.into_iter().map(|n| sum(n, macro_path)).collect();
    let get = get.replace("LAST", &format!("s{}", shape.steps.len() - 1));
    let millis = shape.steps[0].millis;
    let body = format!(
        "#[derive(Clone, Copy)]
pub struct V(pub u64);

pub struct First {{
    seed: u64,
}}
#[{macro_path}]
impl First {{
    pub async fn run(&self) -> V {{
        wait!(0, {millis});
        V(mix(0, [self.seed]))
    }}
}}
{readers}{sums}
pub async fn resolve(seed: u64) -> V {{
{lines}    {run}
    {get}
}}

pub fn graph() {{}}
pub fn run((): &mut (), seed: u64) -> impl Future<Output = V> + use<> {{
    resolve(seed)
}}
pub fn value(output: V) -> u64 {{
    output.0
}}
"
    );
    text::module(shape, &body)
}

/// The line that adds a task.
fn added(name: &str, task: &str, inputs: &[String]) -> String {
    let handles: Vec<String> = inputs.iter().map(|input| format!("&{input}")).collect();
    let handles = match handles.as_slice() {
        [handle] => handle.clone(),
        handles => format!("({})", handles.join(", ")),
    };
    format!("    let {name} = dag.add_task({task}).depends_on({handles});\n")
}

fn reader(n: usize, macro_path: &str) -> String {
    let (parameters, values) = (parameters(n), values(n, ", "));
    format!(
        "pub struct Read{n} {{
    step: usize,
    millis: u64,
}}
#[{macro_path}]
impl Read{n} {{
    pub async fn run(&self, {parameters}) -> V {{
        wait!(self.step, self.millis);
        V(mix(self.step, [{values}]))
    }}
}}
"
    )
}

fn sum(n: usize, macro_path: &str) -> String {
    let (parameters, values) = (parameters(n), values(n, " + "));
    format!(
        "pub struct Sum{n};
#[{macro_path}]
impl Sum{n} {{
    pub async fn run({parameters}) -> V {{
        V({values})
    }}
}}
"
    )
}

fn parameters(n: usize) -> String {
    text::list(&(1..=n).collect::<Vec<_>>(), |i| format!("v{i}: &V"))
}

fn values(n: usize, between: &str) -> String {
    let values: Vec<String> = (1..=n).map(|i| format!("v{i}.0")).collect();
    values.join(between)
}
