//! [`Observer`]: being told what happens while executions run.

mod compose;
mod event;
mod interest;
#[cfg(feature = "metrics")]
mod metrics;
mod observers;
mod outcome;
mod run_id;

pub use event::{
    AttemptEnded, AttemptStarted, BatchProgress, ExecutionEnded, ExecutionStarted, Operation,
    Reconciling, Retrying, StepEnded, StepStarted, StoreAnswer, StoreAnswered, Waiting, WaitingFor,
};
pub use interest::Interest;
#[cfg(feature = "metrics")]
pub use metrics::MetricsObserver;
pub(crate) use observers::{Names, Observers, ObserversBuilder};
pub use outcome::{ExecutionOutcome, Origin, StepOutcome};
#[doc(hidden)]
pub use run_id::Asker;
pub use run_id::RunId;

/// Is told what the executions of a graph do, where and when they do it.
///
/// Its methods are called on the path of the execution, so they must not block. One that panics is not heard again in
/// that call, and harms nothing else, other observers included.
///
/// ```
/// use docket_runtime::observe::{Observer, StepEnded};
///
/// struct Print;
///
/// impl Observer for Print {
///     fn step_ended(&self, event: &StepEnded<'_>) {
///         println!("{} {}: {} in {:?}", event.execution_id, event.step, event.outcome, event.duration);
///     }
/// }
/// ```
///
/// A builder takes as many as there are: `.observer(a).observer(b)` is told to both, in this order, and so is the tuple
/// `(a, b)`. An `Arc`, a `Box<dyn Observer>` and an `Option` of one are observers, and `()` is one that costs nothing.
///
/// # What comes after what
///
/// Each event of an execution has its [`RunId`], which tells apart two executions of one id that run at the same time.
/// The first is [`execution_started`](Observer::execution_started). A step that starts ends, if only by being
/// [dropped](StepOutcome::Dropped), and its end comes before that of its execution. A step that is given, or is not needed,
/// is not told of.
///
/// What a persisted step goes on doing after its caller has left is told after the execution has ended, as attempts and
/// answers of the store.
///
/// # What it costs
///
/// Each event that somebody wants costs a call, and each execution an allocation. Who does not want to know everything should
/// say so by [`interest`](Observer::interest): above all, whether durations are needed, since reading the clock costs more
/// than many a step.
pub trait Observer: Send + Sync + 'static {
    /// What it wants to be told. It is asked once, when the graph is built. Everything, where nothing else is said; where
    /// several observe, each may be told more than it asked for.
    fn interest(&self) -> Interest {
        Interest::ALL
    }

    /// An execution starts: its entry's future is polled for the first time.
    fn execution_started(&self, event: &ExecutionStarted<'_>) {
        let _ = event;
    }

    /// An execution came to its end, or was dropped.
    fn execution_ended(&self, event: &ExecutionEnded<'_>) {
        let _ = event;
    }

    /// A step has all its inputs and starts.
    fn step_started(&self, event: &StepStarted<'_>) {
        let _ = event;
    }

    /// The code of a step is about to be called, once more or for the first time.
    fn attempt_started(&self, event: &AttemptStarted<'_>) {
        let _ = event;
    }

    /// The code of a step returned, panicked, or took too long.
    fn attempt_ended(&self, event: &AttemptEnded<'_>) {
        let _ = event;
    }

    /// An attempt failed, and after `delay` there will be another.
    fn retrying(&self, event: &Retrying<'_>) {
        let _ = event;
    }

    /// A step can't go on until somebody else is done.
    fn waiting(&self, event: &Waiting<'_>) {
        let _ = event;
    }

    /// The `reconcile` function of a step is about to be asked what became of a lost run.
    fn reconciling(&self, event: &Reconciling<'_>) {
        let _ = event;
    }

    /// The store answered, or failed to.
    fn store_answered(&self, event: &StoreAnswered<'_>) {
        let _ = event;
    }

    /// A step came to its end, or was skipped.
    fn step_ended(&self, event: &StepEnded<'_>) {
        let _ = event;
    }

    /// An item of a batch came to its end.
    fn batch_progress(&self, event: &BatchProgress<'_>) {
        let _ = event;
    }
}
