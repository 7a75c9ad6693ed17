//! [`Recorder`]: writes down what steps come to.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::recording::{Recording, Taken};
use crate::execution::Execution;
use crate::observe::Origin;
use crate::rehearsal::{Play, Rehearsal};
use crate::step::{Failure, Step};
use crate::value::{Value, ValueError};

/// Writes down what some steps come to in an execution, for a test to go on from: a page that looked wrong is recorded
/// where it happens, and its values are given to the same graph in a test. A clone is the same recorder.
///
/// It keeps values, of the steps that it is told of; a fallback that stood in for a step that failed is not what that step
/// came to, and is not kept. Mind what is in them before the recording goes into a repository.
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::testing::{Recorder};
/// # fn example<fetch_profile: docket::Step<Output = u32>>() where u32: docket::value::Value {
/// let recorder = Recorder::new().step::<fetch_profile>();
/// // page.greeting(recorder.execution("request-1"), 7).await?;
/// std::fs::write("request-1.json", recorder.recording().to_json());
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Recorder {
    steps: HashMap<&'static str, Encode>,
    recording: Arc<Mutex<Recording>>,
}

type Encode = fn(&dyn Any) -> Result<Taken, ValueError>;

impl Recorder {
    /// Of no step.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also of the step `S`.
    pub fn step<S: Step>(mut self) -> Self
    where
        S::Output: Value,
    {
        self.steps.insert(S::NAME, |value| {
            let value = value.downcast_ref::<S::Output>();
            Taken::of(value.expect("a step makes what it says"))
        });
        self
    }

    /// The execution to call an entry with: as `execution`, an id in the simplest case, but recorded. That of a
    /// [`Replay`](super::Replay) is recorded with the values that it gives.
    pub fn execution<'a>(&self, execution: impl Into<Execution<'a>>) -> Execution<'a> {
        execution.into().rehearsed(Rehearsal::play(self.clone()))
    }

    /// What was written down so far: of those steps that came to a value.
    pub fn recording(&self) -> Recording {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.recording
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Play for Recorder {
    fn cue(&self, _step: &'static str) -> Option<Result<Box<dyn Any + Send>, Failure>> {
        None
    }

    fn made(&self, step: &'static str, value: &dyn Any, origin: Origin) {
        if let Some(encode) = self.steps.get(step)
            && origin != Origin::Fallback
        {
            let taken = encode(value);
            self.lock().add(step, taken);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps: Vec<_> = self.steps.keys().collect();
        steps.sort();
        f.debug_struct("Recorder")
            .field("steps", &steps)
            .finish_non_exhaustive()
    }
}
