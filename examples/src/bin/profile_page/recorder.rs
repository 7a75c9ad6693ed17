//! An [`Observer`] that writes down what the steps do.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use docket::observe::{Origin, Retrying, StepEnded, StepOutcome, StepStarted};
use docket::{Error, Observer};

/// Keeps what each execution did, until it is [taken](Recorder::take). A clone is the same recorder.
///
/// It keeps text, since an event only borrows what it tells of. A service would rather count and time, for its metrics.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    records_by_execution: Arc<Mutex<HashMap<String, Vec<StepRecord>>>>,
}

/// What one step did in one execution.
#[derive(Debug)]
pub(crate) struct StepRecord {
    pub(crate) step: &'static str,
    pub(crate) started: Instant,
    /// Why each attempt failed that was followed by another.
    pub(crate) failed_attempts: Vec<String>,
    /// `None` where the execution ended before the step did: it was dropped, or, if it persists, it runs on by itself.
    pub(crate) ended: Option<Ended>,
}

#[derive(Debug)]
pub(crate) struct Ended {
    /// From the start of the step, with all its attempts and the delays between them.
    pub(crate) took: Duration,
    pub(crate) how: How,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Ran,
    /// The value was there, or another made it.
    Spared,
    /// There is no value of the step's own, and the execution goes on.
    DoneWithout,
    Failed,
    /// The execution ended before it did.
    NotWaitedFor,
}

impl Observer for Recorder {
    fn step_started(&self, event: &StepStarted<'_>) {
        self.edit(event.execution_id, event.step, |_| {});
    }

    fn retrying(&self, event: &Retrying<'_>) {
        let reason = reason(event.error);
        self.edit(event.execution_id, event.step, |record| {
            record.failed_attempts.push(reason)
        });
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        let (how, text) = match event.outcome {
            StepOutcome::Made(Origin::Ran) => (How::Ran, "ran".to_owned()),
            StepOutcome::Made(Origin::Hit) => (How::Spared, "from the store".to_owned()),
            StepOutcome::Made(Origin::Joined) => {
                (How::Spared, "joined the run of another page".to_owned())
            }
            StepOutcome::Softened(error) => {
                (How::DoneWithout, format!("softened: {}", reason(error)))
            }
            StepOutcome::Failed(error) => (How::Failed, format!("failed: {}", reason(error))),
            StepOutcome::Dropped => (How::NotWaitedFor, "not waited for".to_owned()),
            // There are more outcomes, and may be others one day. Each can say what it is.
            ref other => (How::DoneWithout, other.to_string()),
        };
        let ended = Ended {
            took: event.duration,
            how,
            text,
        };
        self.edit(event.execution_id, event.step, |record| {
            record.ended = Some(ended)
        });
    }
}

impl Recorder {
    /// What the execution did, in the order in which its steps started.
    pub(crate) fn take(&self, execution_id: &str) -> Vec<StepRecord> {
        self.records().remove(execution_id).unwrap_or_default()
    }

    /// Edits the record of a step, which is made when it is first heard of.
    fn edit(&self, execution_id: &str, step: &'static str, edit: impl FnOnce(&mut StepRecord)) {
        let mut records = self.records();
        let steps = records.entry(execution_id.to_owned()).or_default();
        let at = steps
            .iter()
            .position(|it| it.step == step)
            .unwrap_or_else(|| {
                steps.push(StepRecord {
                    step,
                    started: Instant::now(),
                    failed_attempts: Vec::new(),
                    ended: None,
                });
                steps.len() - 1
            });
        edit(&mut steps[at]);
    }

    fn records(&self) -> MutexGuard<'_, HashMap<String, Vec<StepRecord>>> {
        self.records_by_execution.lock().expect("no writer panics")
    }
}

/// The step's own error, where it has one: the line it is printed on names the step already.
fn reason(error: &Error) -> String {
    match error.source() {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}
