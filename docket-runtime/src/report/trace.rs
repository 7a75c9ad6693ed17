//! [`RunTrace`]: what happened in one execution, as data.

use std::sync::Arc;
use std::time::Duration;

use crate::chart::Plan;
use crate::error::ErrorKind;
use crate::observe::RunId;

/// What happened in one execution. All times count from its start, by tokio's clock.
///
/// There are no values and no inputs in it, nor in what is made of it; but the words of errors are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunTrace {
    /// Which execution.
    pub run: RunId,
    /// The id that the caller gave.
    pub execution_id: String,
    /// The graph and the entry that was called: `PageGraph::greeting`.
    pub entry: String,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<Outcome>,
    /// From its start to its end, or until now.
    pub took: Duration,
    /// What its steps did, in the order in which they started. One that was skipped stands where it was skipped.
    pub steps: Vec<StepTrace>,
    /// How many steps are not among `steps`, since there were too many: those of the later items of a large batch.
    pub left_out: usize,
    /// The graph.
    pub(super) plan: Arc<Plan>,
}

/// How a step or an execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Of a step the [name of its outcome](crate::observe::StepOutcome::name): `ran`, `hit`, `softened`; of an execution
    /// [that of its own](crate::observe::ExecutionOutcome::name): `resolved`, `failed`, `dropped`.
    pub name: &'static str,
    /// What its error says, with its causes, where there is one.
    pub error: Option<String>,
}

/// What one step did, once or for one item of a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepTrace {
    /// The name of the step.
    pub step: &'static str,
    /// The item of the batch, by its place in the input, if it is a step of an item.
    pub item: Option<usize>,
    /// When it started.
    pub start: Duration,
    /// When it ended; `None` while it is under way.
    pub end: Option<Duration>,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<Outcome>,
    /// The calls of its code.
    pub attempts: Vec<AttemptTrace>,
    /// What it waited for.
    pub waits: Vec<WaitTrace>,
    /// What was asked of the store.
    pub store: Vec<StoreTrace>,
}

/// One call of a step's code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptTrace {
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// When the code was called.
    pub start: Duration,
    /// When it came back; `None` while it is under way.
    pub end: Option<Duration>,
    /// How it failed, if it did.
    pub error: Option<ErrorKind>,
}

/// A time in which a step did not go on since somebody else had to be done first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitTrace {
    /// From then on.
    pub start: Duration,
    /// Who: `another caller`, `its turn` (`max_concurrency`), or `process` and its name.
    pub on: String,
}

/// One question to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreTrace {
    /// The [name](crate::observe::Operation::name) of what was asked: `claim`, `record`.
    pub operation: &'static str,
    /// The [name](crate::observe::StoreAnswer::name) of what was answered: `hit`, `claimed`, `error`.
    pub answer: &'static str,
    /// When it was asked.
    pub start: Duration,
    /// When the answer came.
    pub end: Duration,
}

impl RunTrace {
    /// The first trace of `step`.
    pub fn step(&self, step: &str) -> Option<&StepTrace> {
        self.steps.iter().find(|it| it.step == step)
    }

    /// When `step` ended, or now.
    pub(super) fn end_of(&self, step: &StepTrace) -> Duration {
        step.end.unwrap_or(self.took).max(step.start)
    }
}

impl StepTrace {
    /// How long it took; `None` while it is under way.
    pub fn took(&self) -> Option<Duration> {
        Some(self.end?.saturating_sub(self.start))
    }

    /// Whether it has a value.
    pub fn is_made(&self) -> bool {
        let outcome = self.outcome.as_ref();
        outcome.is_some_and(|it| !matches!(it.name, "failed" | "softened" | "skipped" | "dropped"))
    }

    /// Whether it did not start, since one that it needs had failed.
    pub fn is_skipped(&self) -> bool {
        self.is("skipped")
    }

    /// Whether `name` is that of its outcome.
    pub(super) fn is(&self, name: &str) -> bool {
        self.outcome.as_ref().is_some_and(|it| it.name == name)
    }

    /// In words: how it ended, and after how many attempts.
    pub(super) fn told(&self) -> String {
        let Some(Outcome { name, error }) = &self.outcome else {
            return "under way".to_owned();
        };
        let mut told = (*name).to_owned();
        if self.attempts.len() > 1 {
            told = format!("{told}, {} attempts", self.attempts.len());
        }
        match error {
            Some(error) => format!("{told}: {error}"),
            None => told,
        }
    }
}
