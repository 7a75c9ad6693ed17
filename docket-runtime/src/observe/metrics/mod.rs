//! [`MetricsObserver`]: counts and times, by way of the facade `metrics`.

mod handles;
mod names;

use std::fmt;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::{
    BatchProgress, ExecutionEnded, ExecutionStarted, Interest, Observer, Reconciling, Retrying,
    StepEnded, StoreAnswered, Waiting,
};
use handles::Handles;
use names::{
    BATCH_ITEMS, EXECUTION_DURATION, EXECUTIONS, EXECUTIONS_IN_FLIGHT, RECONCILES, RETRIES,
    STEP_DURATION, STEPS, STORE_DURATION, STORE_OPERATIONS, WAITS,
};

/// Counts and times what happens, for whatever recorder of the facade [`metrics`] the program has installed: Prometheus,
/// StatsD, an OpenTelemetry bridge. Needs the feature `metrics`.
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::observe::Observer;
/// use docket::observe::MetricsObserver;
///
/// # struct Builder;
/// # impl Builder { fn observer(self, _: impl Observer) -> Self { self } }
/// # let builder = Builder;
/// // `PageGraph::builder()`
/// builder.observer(MetricsObserver::new());
/// ```
///
/// The names of its metrics, what they are and what labels they have, are a table on the page `observing` of the crate
/// `docket`. Labels are names that stand in the code, and words from short lists: never an execution id, a key or a value.
///
/// A recorder may be installed at any time; what happened before is not in it.
#[derive(Default)]
pub struct MetricsObserver {
    in_flight: Handles<Gauge>,
    executions: Handles<Ends>,
    steps: Handles<Ends>,
    store: Handles<Ends>,
}

/// How many, and how long they took.
struct Ends {
    count: Counter,
    duration: Histogram,
}

impl MetricsObserver {
    /// Bounds of buckets, in seconds, for the histograms, all of which end in `_duration_seconds`: from a call in memory to
    /// a slow backend. The facade leaves buckets to its recorder; give them to it, or others.
    pub const BUCKETS: &'static [f64] = &[
        0.000_01, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
        2.5, 5.0, 10.0, 30.0, 60.0,
    ];

    /// The names of all its metrics.
    pub const NAMES: &'static [&'static str] = names::ALL;

    /// One that has told nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Observer for MetricsObserver {
    fn interest(&self) -> Interest {
        Interest::EXECUTIONS
            | Interest::STEP_ENDS
            | Interest::STEP_WAITS
            | Interest::STORE
            | Interest::BATCHES
            | Interest::TIMES
    }

    fn execution_started(&self, event: &ExecutionStarted<'_>) {
        let entry = event.entry;
        self.in_flight.with(
            [entry, ""],
            || gauge!(EXECUTIONS_IN_FLIGHT, "entry" => entry),
            |in_flight| in_flight.increment(1.0),
        );
    }

    fn execution_ended(&self, event: &ExecutionEnded<'_>) {
        let (entry, outcome) = (event.entry, event.outcome.name());
        self.in_flight.with(
            [entry, ""],
            || gauge!(EXECUTIONS_IN_FLIGHT, "entry" => entry),
            |in_flight| in_flight.decrement(1.0),
        );
        self.executions.with(
            [entry, outcome],
            || Ends {
                count: counter!(EXECUTIONS, "entry" => entry, "outcome" => outcome),
                duration: histogram!(EXECUTION_DURATION, "entry" => entry, "outcome" => outcome),
            },
            |ends| ends.add(event.duration),
        );
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        let (step, outcome) = (event.step, event.outcome.name());
        self.steps.with(
            [step, outcome],
            || Ends {
                count: counter!(STEPS, "step" => step, "outcome" => outcome),
                duration: histogram!(STEP_DURATION, "step" => step, "outcome" => outcome),
            },
            |ends| ends.add(event.duration),
        );
    }

    fn retrying(&self, event: &Retrying<'_>) {
        counter!(RETRIES, "step" => event.step).increment(1);
    }

    fn waiting(&self, event: &Waiting<'_>) {
        counter!(WAITS, "step" => event.step).increment(1);
    }

    fn reconciling(&self, event: &Reconciling<'_>) {
        counter!(RECONCILES, "step" => event.step).increment(1);
    }

    fn store_answered(&self, event: &StoreAnswered<'_>) {
        let (operation, outcome) = (event.operation.name(), event.answer.name());
        self.store.with(
            [operation, outcome],
            || Ends {
                count: counter!(STORE_OPERATIONS, "operation" => operation, "outcome" => outcome),
                duration: histogram!(STORE_DURATION, "operation" => operation, "outcome" => outcome),
            },
            |ends| ends.add(event.duration),
        );
    }

    fn batch_progress(&self, event: &BatchProgress<'_>) {
        let outcome = if event.is_ok { "done" } else { "failed" };
        counter!(BATCH_ITEMS, "entry" => event.entry, "outcome" => outcome).increment(1);
    }
}

impl Ends {
    fn add(&self, duration: std::time::Duration) {
        self.count.increment(1);
        self.duration.record(duration.as_secs_f64());
    }
}

impl fmt::Debug for MetricsObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsObserver").finish_non_exhaustive()
    }
}
