//! The handles of metrics, which are slow to ask for and quick to use: each is asked for once, when it is needed first.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::super::{ExecutionOutcome, Names, Operation, StepEnded, StepOutcome, StoreAnswer};
use super::list::{List, Name};
use super::names::{
    BATCH_ITEMS, EXECUTION_DURATION, EXECUTIONS, EXECUTIONS_IN_FLIGHT, RECONCILES, RETRIES,
    STEP_DURATION, STEPS, STORE_DURATION, STORE_OPERATIONS, WAITS, describe,
};

/// The handles of one recorder.
#[derive(Default)]
pub(super) struct Handles {
    entries: List<Name, Entry>,
    /// By the address of the names, which are a constant of the graph.
    graphs: List<usize, Ended>,
    steps: List<Name, Step>,
    store: [[OnceLock<Ends>; StoreAnswer::N]; Operation::N],
}

/// How many, and how long they took.
pub(super) struct Ends {
    count: Counter,
    duration: Histogram,
}

impl Ends {
    #[inline]
    pub(super) fn add(&self, duration: Duration) {
        self.count.increment(1);
        self.duration.record(duration.as_secs_f64());
    }
}

impl Handles {
    /// Those of a recorder that is new, and is told what they are.
    pub(super) fn new() -> Self {
        describe();
        Self::default()
    }

    /// Of the entry `entry`.
    #[inline]
    pub(super) fn entry(&self, entry: &'static str) -> &Entry {
        self.entries.get(Name(entry), || Entry::new(entry))
    }

    /// Of the step that `event` tells of, and of how it ended.
    #[inline]
    pub(super) fn ended(&self, event: &StepEnded<'_>) -> &Ends {
        let StepEnded { names, node, .. } = *event;
        let ended = self.graphs.get(names.as_ptr().addr(), || Ended::new(names));
        let (step, outcome) = (event.step, event.outcome.name());
        ended.0[node][event.outcome.index()].get_or_init(|| Ends {
            count: counter!(STEPS, "step" => step, "outcome" => outcome),
            duration: histogram!(STEP_DURATION, "step" => step, "outcome" => outcome),
        })
    }

    /// Of the step `step`.
    pub(super) fn step(&self, step: &'static str) -> &Step {
        self.steps.get(Name(step), Step::default)
    }

    /// Of what the store was asked, and answered.
    pub(super) fn store(&self, operation: Operation, answer: &StoreAnswer<'_>) -> &Ends {
        self.store[operation.index()][answer.index()].get_or_init(|| {
            let (operation, outcome) = (operation.name(), answer.name());
            Ends {
                count: counter!(STORE_OPERATIONS, "operation" => operation, "outcome" => outcome),
                duration: histogram!(STORE_DURATION, "operation" => operation, "outcome" => outcome),
            }
        })
    }
}

/// Those of one entry.
pub(super) struct Entry {
    name: &'static str,
    in_flight: Gauge,
    /// How many of those that the recorder was told to be in flight are.
    n_told: AtomicUsize,
    ends: [OnceLock<Ends>; ExecutionOutcome::N],
    items: [OnceLock<Counter>; 2],
}

impl Entry {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            in_flight: gauge!(EXECUTIONS_IN_FLIGHT, "entry" => name),
            n_told: AtomicUsize::new(0),
            ends: Default::default(),
            items: Default::default(),
        }
    }

    pub(super) fn started(&self) {
        self.n_told.fetch_add(1, Ordering::Relaxed);
        self.in_flight.increment(1.0);
    }

    pub(super) fn ended(&self, outcome: &ExecutionOutcome<'_>, duration: Duration) {
        // One that started before the recorder came is not among those in flight, and does not end for one that is.
        let told = |n: usize| n.checked_sub(1);
        let (set, get) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.n_told.fetch_update(set, get, told).is_ok() {
            self.in_flight.decrement(1.0);
        }
        let (entry, name) = (self.name, outcome.name());
        let ends = self.ends[outcome.index()].get_or_init(|| Ends {
            count: counter!(EXECUTIONS, "entry" => entry, "outcome" => name),
            duration: histogram!(EXECUTION_DURATION, "entry" => entry, "outcome" => name),
        });
        ends.add(duration);
    }

    pub(super) fn item(&self, is_ok: bool) {
        let items = self.items[usize::from(is_ok)].get_or_init(|| {
            let outcome = if is_ok { "done" } else { "failed" };
            counter!(BATCH_ITEMS, "entry" => self.name, "outcome" => outcome)
        });
        items.increment(1);
    }
}

/// How the steps of one graph ended, by node and outcome.
struct Ended(Box<[[OnceLock<Ends>; StepOutcome::N]]>);

impl Ended {
    fn new(names: Names) -> Self {
        Self(names.iter().map(|_| Default::default()).collect())
    }
}

/// What else is counted of a step.
#[derive(Default)]
pub(super) struct Step {
    retries: OnceLock<Counter>,
    waits: OnceLock<Counter>,
    reconciles: OnceLock<Counter>,
}

impl Step {
    pub(super) fn retried(&self, step: &'static str) {
        let retries = self
            .retries
            .get_or_init(|| counter!(RETRIES, "step" => step));
        retries.increment(1);
    }

    pub(super) fn waits(&self, step: &'static str) {
        let waits = self.waits.get_or_init(|| counter!(WAITS, "step" => step));
        waits.increment(1);
    }

    pub(super) fn reconciles(&self, step: &'static str) {
        let reconciles = self
            .reconciles
            .get_or_init(|| counter!(RECONCILES, "step" => step));
        reconciles.increment(1);
    }
}
