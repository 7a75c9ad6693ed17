//! [`MetricsObserver`]: counts and times, by way of the facade `metrics`.

mod handles;
mod index;
mod list;
mod names;

use std::fmt;

use super::{
    BatchProgress, ExecutionEnded, ExecutionStarted, Interest, Observer, Reconciling, Retrying,
    StepEnded, StoreAnswered, Waiting,
};
use handles::Handles;
use list::List;

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
    /// By the address of the recorder: it may be installed late, or for one thread only.
    recorders: List<usize, Handles>,
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

    /// The handles of the recorder that this thread tells.
    #[inline]
    fn handles(&self) -> &Handles {
        let recorder = metrics::with_recorder(|it| std::ptr::from_ref(it).cast::<()>().addr());
        self.recorders.get(recorder, Handles::new)
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
        self.handles().entry(event.entry).started();
    }

    fn execution_ended(&self, event: &ExecutionEnded<'_>) {
        let entry = self.handles().entry(event.entry);
        entry.ended(&event.outcome, event.duration);
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        self.handles().ended(event).add(event.duration);
    }

    fn retrying(&self, event: &Retrying<'_>) {
        self.handles().step(event.step).retried(event.step);
    }

    fn waiting(&self, event: &Waiting<'_>) {
        self.handles().step(event.step).waits(event.step);
    }

    fn reconciling(&self, event: &Reconciling<'_>) {
        self.handles().step(event.step).reconciles(event.step);
    }

    fn store_answered(&self, event: &StoreAnswered<'_>) {
        let ends = self.handles().store(event.operation, &event.answer);
        ends.add(event.duration);
    }

    fn batch_progress(&self, event: &BatchProgress<'_>) {
        self.handles().entry(event.entry).item(event.is_ok);
    }
}

impl fmt::Debug for MetricsObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsObserver").finish_non_exhaustive()
    }
}
