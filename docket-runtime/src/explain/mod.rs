//! What an execution would do: which steps would run, which are recorded, and what stands in the way of the others.
//!
//! The execution is carried out as any other, but no step's code runs ([`Rehearsal::Explain`]): a persisted step whose inputs
//! are known asks the store for its row, by [`Store::preview`](crate::store::Store::preview), and goes on with the value that is
//! there. All else has no value, and neither has what needs it.

mod explaining;
mod forecast;
mod show;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::chart::{Edge, EdgeKind, Node, NodeKind, Plan};
use crate::error::Error;
use crate::execution::Execution;
use crate::graph::Graph;
use crate::rehearsal::Rehearsal;
pub use explaining::Explaining;
use explaining::Note;
pub use forecast::{Forecast, Reason};

/// What an execution would do, by the `explain` of its graph.
///
/// `Display` writes a table, and [`to_json`](Explanation::to_json) the same for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The name of the graph.
    pub graph: String,
    /// The id of the execution.
    pub execution_id: String,
    /// What is given, then the steps, each after all that it needs. Steps that the entry does not need are not there.
    pub steps: Vec<Explained>,
}

/// What would become of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explained {
    /// The name of the step; of an input, its type.
    pub step: String,
    /// What would become of it.
    #[serde(flatten)]
    pub forecast: Forecast,
    /// How many items of a batch it is so for. If it is otherwise for others, they follow on a line of their own; what is said
    /// beside `hit` or `would run` is that of the first. 1 outside of batches.
    pub times: usize,
}

impl Explanation {
    /// As JSON, with a line break at its end: the fields of `Explanation` and what is in it under their own names, the
    /// kind of a [`Forecast`] as `forecast`, a [`Reason`] as `because`, and durations as texts such as `"23h 59m"`.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("it is made of texts and numbers");
        json.push('\n');
        json
    }

    /// What would become of `step`, of the first item in a batch; `None` if the entry does not need it.
    pub fn forecast(&self, step: &str) -> Option<&Forecast> {
        let found = self.steps.iter().find(|it| it.step == step);
        found.map(|it| &it.forecast)
    }
}

/// Carries out `ask` with an execution in which no step runs, and says what would have become of them.
///
/// # Errors
///
/// What `ask` returns, unless it is for the lack of a value.
pub async fn explain<G, T, Fut>(
    graph: &G,
    plan: Plan,
    execution: Execution<'_>,
    ask: impl FnOnce(G, Execution<'static>) -> Fut,
) -> Result<Explanation, Error>
where
    G: Graph,
    Fut: Future<Output = Result<T, Error>>,
{
    let execution_id = execution.id().to_owned();
    let rehearsal = Arc::new(Rehearsal::Explain(Explaining::default()));
    let rehearsed = execution.into_owned().rehearsed(Arc::clone(&rehearsal));
    if let Err(error) = ask(graph.clone(), rehearsed).await
        && !error.is_not_run()
    {
        return Err(error);
    }
    let notes = rehearsal.explaining().map(Explaining::notes);
    Ok(Explanation {
        graph: plan.name.clone(),
        execution_id,
        steps: put_together(&plan, notes.unwrap_or_default()),
    })
}

/// In the order of the plan, with what is given before, and what each waits for.
fn put_together(plan: &Plan, notes: Vec<Note>) -> Vec<Explained> {
    let noted = Noted { plan, notes };
    let mut nodes: Vec<&Node> = plan.nodes.iter().collect();
    nodes.sort_by_key(|node| node.level);
    let given = nodes.iter().filter(|node| noted.is_given(node));
    let mut steps: Vec<Explained> = given
        .map(|node| Explained {
            step: node.id.clone(),
            forecast: Forecast::Given,
            times: 1,
        })
        .collect();
    for node in nodes {
        for note in noted.of(&node.id) {
            let mut forecast = note.forecast.clone();
            if let Forecast::Waits { on } = &mut forecast {
                *on = noted.open(&node.id);
            }
            steps.push(Explained {
                step: node.id.clone(),
                forecast,
                times: note.times,
            });
        }
    }
    steps
}

struct Noted<'a> {
    plan: &'a Plan,
    notes: Vec<Note>,
}

impl Noted<'_> {
    fn of(&self, id: &str) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.step == id)
    }

    fn is_asked(&self, id: &str) -> bool {
        self.of(id).next().is_some()
    }

    /// Whether it has a value though it is no step that was looked at: then the caller gave it.
    fn is_given(&self, node: &Node) -> bool {
        let mut edges = self.plan.edges.iter();
        let is_needed = |edge: &Edge| edge.from == node.id && self.is_asked(&edge.to);
        let is_resource = matches!(node.kind, NodeKind::Resource(_));
        !is_resource && !self.is_asked(&node.id) && edges.any(is_needed)
    }

    /// What the step needs of which the value is not known.
    fn open(&self, id: &str) -> Vec<String> {
        let needs = |edge: &&Edge| edge.to == id && edge.kind != EdgeKind::Resource;
        let is_open = |edge: &&Edge| self.of(&edge.from).any(|it| !it.forecast.is_known());
        let edges = self.plan.edges.iter().filter(needs).filter(is_open);
        edges.map(|edge| edge.from.clone()).collect()
    }
}
