//! [`RunReport`]: the observer.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::RunTrace;
use super::building::Building;
use crate::chart::Plan;
use crate::observe::{
    AttemptEnded, AttemptStarted, ExecutionEnded, ExecutionStarted, Interest, Observer, RunId,
    StepEnded, StepStarted, StoreAnswered, Waiting,
};

/// An observer that keeps what the last executions did: for a test, a command line, or a service that shows the last runs on
/// a page of its own. A clone is the same report.
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::Plan;
/// use docket::report::RunReport;
///
/// # fn example(plan: Plan) -> Option<()> {
/// let report = RunReport::new(plan); // of `Page::plan()`
/// // let page = Page::builder().observer(report.clone()).build();
/// // page.greeting("request-1", 7).await?;
/// let run = report.last()?;
/// println!("{}", run.gantt(100));
/// std::fs::write("run.json", run.to_perfetto_json()).ok()?; // for https://ui.perfetto.dev
/// std::fs::write("run.svg", run.to_svg()).ok()?;
/// # Some(())
/// # }
/// ```
///
/// It keeps one run, or as many as [`keep`](RunReport::keep) says, and of each the first 10,000 steps. What it keeps costs some
/// allocations a step: it is for tests, for development, and for a service that can afford it.
#[derive(Clone)]
pub struct RunReport {
    plan: Arc<Plan>,
    n_kept: usize,
    runs: Arc<Mutex<Runs>>,
}

#[derive(Default)]
struct Runs {
    /// In the order of their starts.
    under_way: BTreeMap<RunId, Building>,
    /// The oldest first.
    ended: VecDeque<RunTrace>,
}

impl RunReport {
    /// Of executions of the graph whose plan is `plan`.
    pub fn new(plan: Plan) -> Self {
        Self {
            plan: Arc::new(plan),
            n_kept: 1,
            runs: Arc::default(),
        }
    }

    /// Keeps the last `n` runs that have ended, those under way beside them.
    pub fn keep(mut self, n: usize) -> Self {
        self.n_kept = n;
        self
    }

    /// The run that ended last, or, if none has, the one that started last.
    pub fn last(&self) -> Option<RunTrace> {
        let runs = self.lock();
        let ended = runs.ended.back().cloned();
        ended.or_else(|| runs.under_way.values().last().map(Building::trace))
    }

    /// The last run of this execution id: one that is under way before one that has ended.
    pub fn of(&self, execution_id: &str) -> Option<RunTrace> {
        self.runs()
            .into_iter()
            .rev()
            .find(|it| it.execution_id == execution_id)
    }

    /// All runs that are kept: those that have ended, in the order of their ends, then those under way.
    pub fn runs(&self) -> Vec<RunTrace> {
        let runs = self.lock();
        let under_way = runs.under_way.values().map(Building::trace);
        runs.ended.iter().cloned().chain(under_way).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has gone on after the end of its run is not told any more.
    fn edit(&self, run: RunId, edit: impl FnOnce(&mut Building)) {
        let mut runs = self.lock();
        if let Some(building) = runs.under_way.get_mut(&run) {
            edit(building);
        }
    }
}

impl Observer for RunReport {
    fn interest(&self) -> Interest {
        Interest::EXECUTIONS
            | Interest::STEPS
            | Interest::ATTEMPTS
            | Interest::STORE
            | Interest::TIMES
    }

    fn execution_started(&self, event: &ExecutionStarted<'_>) {
        let building = Building::new(event, Instant::now(), &self.plan);
        self.lock().under_way.insert(event.run, building);
    }

    fn execution_ended(&self, event: &ExecutionEnded<'_>) {
        let mut runs = self.lock();
        let Some(building) = runs.under_way.remove(&event.run) else {
            return;
        };
        runs.ended.push_back(building.end(event));
        while runs.ended.len() > self.n_kept {
            runs.ended.pop_front();
        }
    }

    fn step_started(&self, event: &StepStarted<'_>) {
        self.edit(event.run, |run| run.step_started(event));
    }

    fn attempt_started(&self, event: &AttemptStarted<'_>) {
        self.edit(event.run, |run| run.attempt_started(event));
    }

    fn attempt_ended(&self, event: &AttemptEnded<'_>) {
        self.edit(event.run, |run| run.attempt_ended(event));
    }

    fn waiting(&self, event: &Waiting<'_>) {
        self.edit(event.run, |run| run.waiting(event));
    }

    fn store_answered(&self, event: &StoreAnswered<'_>) {
        if let Some(run) = event.run {
            self.edit(run, |run| run.store_answered(event));
        }
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        self.edit(event.run, |run| run.step_ended(event));
    }
}

impl fmt::Debug for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.lock();
        f.debug_struct("RunReport")
            .field("graph", &self.plan.name)
            .field("ended", &runs.ended.len())
            .field("under_way", &runs.under_way.len())
            .finish_non_exhaustive()
    }
}
