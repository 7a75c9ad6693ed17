//! [`EventLog`]: what happened, as lines to compare.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::observe::{
    AttemptEnded, AttemptStarted, ExecutionEnded, ExecutionStarted, Interest, Observer,
    Reconciling, Retrying, StepEnded, StepOutcome, StepStarted, StoreAnswered, Waiting, WaitingFor,
};

/// An observer that keeps a line for what happens, so that a test can compare it with what should. A clone is the same log.
///
/// At first these are the ends of steps and their retries: `fetch_profile ran`, `score_credit hit`,
/// `fetch_prefs retries in 50ms`, `recommend softened: TimedOut`; in a batch with the item: `rank[3] ran`. The methods without an
/// argument add others. Values and inputs are never part of a line, nor are errors, but for their kind where a step failed.
///
/// ```
/// # use docket_runtime as docket;
/// use docket::testing::EventLog;
///
/// let log = EventLog::new();
/// // let page = Page::builder().observer(log.clone()).build();
/// // page.greeting("request-1", 7).await?;
/// // assert_eq!(log.take(), ["fetch_profile ran", "fetch_language ran", "greet ran"]);
/// assert_eq!(log.lines(), [""; 0]);
/// ```
///
/// In virtual time, on one thread, lines come in the same order each time. Where they don't, compare
/// [`sorted`](EventLog::sorted) ones.
#[derive(Clone)]
pub struct EventLog {
    interest: Interest,
    has_starts: bool,
    has_times: bool,
    started: Instant,
    kept: Arc<Mutex<Vec<Kept>>>,
}

struct Kept {
    execution_id: String,
    step: &'static str,
    line: String,
}

impl EventLog {
    /// Ends of steps, and retries.
    #[allow(clippy::new_without_default, reason = "it reads the clock")]
    pub fn new() -> Self {
        Self {
            interest: Interest::STEPS,
            has_starts: false,
            has_times: false,
            started: Instant::now(),
            kept: Arc::default(),
        }
    }

    /// Also the starts of steps, `greet starts`, and what they wait for: `score_credit waits for another caller`.
    pub fn starts(mut self) -> Self {
        self.has_starts = true;
        self
    }

    /// Also attempts: `fetch_prefs attempt 1`, `fetch_prefs attempt 1: TimedOut`.
    pub fn attempts(mut self) -> Self {
        self.interest = self.interest | Interest::ATTEMPTS;
        self
    }

    /// Also what the store answers: `score_credit claim: claimed`, `score_credit record: done`; and `charge reconciles`.
    pub fn store(mut self) -> Self {
        self.interest = self.interest | Interest::STORE;
        self
    }

    /// Also executions: `request-1 Page::greeting starts`, `request-1 Page::greeting resolved`.
    pub fn executions(mut self) -> Self {
        self.interest = self.interest | Interest::EXECUTIONS;
        self
    }

    /// Each line begins with the time since the log was made, in milliseconds of tokio's clock: `80ms greet ran`.
    pub fn times(mut self) -> Self {
        self.has_times = true;
        self
    }

    /// The lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.select(|_| true)
    }

    /// The lines so far in the order of the alphabet.
    pub fn sorted(&self) -> Vec<String> {
        let mut lines = self.lines();
        lines.sort();
        lines
    }

    /// The lines of one execution id.
    pub fn of(&self, execution_id: &str) -> Vec<String> {
        self.select(|kept| kept.execution_id == execution_id)
    }

    /// The lines of one step.
    pub fn step(&self, step: &str) -> Vec<String> {
        self.select(|kept| kept.step == step)
    }

    /// How many lines are `line`.
    pub fn count(&self, line: &str) -> usize {
        self.lock().iter().filter(|kept| kept.line == line).count()
    }

    /// Gives the lines so far, and forgets them.
    pub fn take(&self) -> Vec<String> {
        let kept = std::mem::take(&mut *self.lock());
        kept.into_iter().map(|kept| kept.line).collect()
    }

    fn select(&self, is_meant: impl Fn(&Kept) -> bool) -> Vec<String> {
        let kept = self.lock();
        let meant = kept.iter().filter(|kept| is_meant(kept));
        meant.map(|kept| kept.line.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, execution_id: &str, step: &'static str, what: fmt::Arguments<'_>) {
        let line = if self.has_times {
            format!("{}ms {what}", self.started.elapsed().as_millis())
        } else {
            what.to_string()
        };
        self.lock().push(Kept {
            execution_id: execution_id.to_owned(),
            step,
            line,
        });
    }
}

/// A step, and the item that it is of.
struct Of(&'static str, Option<usize>);

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(item) => write!(f, "{}[{item}]", self.0),
            None => f.write_str(self.0),
        }
    }
}

impl Observer for EventLog {
    fn interest(&self) -> Interest {
        self.interest
    }

    fn execution_started(&self, event: &ExecutionStarted<'_>) {
        let (id, entry) = (event.execution_id, event.entry);
        if self.interest.has(Interest::EXECUTIONS) {
            self.keep(id, "", format_args!("{id} {entry} starts"));
        }
    }

    fn execution_ended(&self, event: &ExecutionEnded<'_>) {
        let (id, entry, outcome) = (event.execution_id, event.entry, event.outcome.name());
        if self.interest.has(Interest::EXECUTIONS) {
            self.keep(id, "", format_args!("{id} {entry} {outcome}"));
        }
    }

    fn step_started(&self, event: &StepStarted<'_>) {
        if self.has_starts {
            let of = Of(event.step, event.item);
            self.keep(event.execution_id, event.step, format_args!("{of} starts"));
        }
    }

    fn attempt_started(&self, event: &AttemptStarted<'_>) {
        if self.interest.has(Interest::ATTEMPTS) {
            let (of, n) = (Of(event.step, event.item), event.attempt);
            self.keep(
                event.execution_id,
                event.step,
                format_args!("{of} attempt {n}"),
            );
        }
    }

    fn attempt_ended(&self, event: &AttemptEnded<'_>) {
        if !self.interest.has(Interest::ATTEMPTS) {
            return;
        }
        let (of, n) = (Of(event.step, event.item), event.attempt);
        let (id, step) = (event.execution_id, event.step);
        match event.error {
            Some(error) => {
                let kind = error.kind();
                self.keep(id, step, format_args!("{of} attempt {n}: {kind:?}"));
            }
            None => self.keep(id, step, format_args!("{of} attempt {n}: ok")),
        }
    }

    fn retrying(&self, event: &Retrying<'_>) {
        let (of, delay) = (Of(event.step, event.item), event.delay);
        self.keep(
            event.execution_id,
            event.step,
            format_args!("{of} retries in {delay:?}"),
        );
    }

    fn waiting(&self, event: &Waiting<'_>) {
        if self.has_starts {
            let of = Of(event.step, event.item);
            let on = match event.on {
                WaitingFor::Process { .. } => "another process",
                WaitingFor::Caller => "another caller",
                WaitingFor::Limit => "its turn",
            };
            self.keep(
                event.execution_id,
                event.step,
                format_args!("{of} waits for {on}"),
            );
        }
    }

    fn reconciling(&self, event: &Reconciling<'_>) {
        if self.interest.has(Interest::STORE) {
            let of = Of(event.step, event.item);
            self.keep(
                event.execution_id,
                event.step,
                format_args!("{of} reconciles"),
            );
        }
    }

    fn store_answered(&self, event: &StoreAnswered<'_>) {
        // A heartbeat is of no step, and comes when it comes.
        if self.interest.has(Interest::STORE) && event.run.is_some() {
            let (of, operation) = (Of(event.step, event.item), event.operation.name());
            let answer = event.answer.name();
            self.keep(
                event.execution_id,
                event.step,
                format_args!("{of} {operation}: {answer}"),
            );
        }
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        let of = Of(event.step, event.item);
        let outcome = &event.outcome;
        let (id, step, name) = (event.execution_id, event.step, outcome.name());
        match outcome {
            StepOutcome::Failed(error) | StepOutcome::Softened(error) => {
                let kind = error.kind();
                self.keep(id, step, format_args!("{of} {name}: {kind:?}"));
            }
            _ => self.keep(id, step, format_args!("{of} {name}")),
        }
    }
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines()).finish()
    }
}
