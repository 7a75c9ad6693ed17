//! Steps that don't run: their values are those of a recorded run, or made up by a test.

mod recorder;
mod recording;

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::execution::Execution;
use crate::observe::Origin;
use crate::rehearsal::{Play, Rehearsal};
use crate::step::{Failure, IntoFailure, Step};
use crate::value::Value;

pub use recorder::Recorder;
pub use recording::{Recording, RecordingError};

/// Steps that don't run in an execution, and what they come to instead. A clone is the same replay.
///
/// The other steps run as they do, with the resources and the store of the graph. Those of the replay are not looked up in
/// the store, and not recorded there. Observers hear of them with the origin [`Given`](crate::observe::Origin::Given).
///
/// ```
/// # use docket_runtime as docket;
/// # use docket::testing::{Recording, Replay, RecordingError};
/// # fn example<fetch_profile: docket::Step<Output = u32>, fetch_language, score_credit>(json: &str) -> Result<(), RecordingError>
/// # where fetch_language: docket::Step<Output = String>, score_credit: docket::Step<Output = u64>, u32: docket::value::Value {
/// let recording = Recording::from_json(json)?; // as a `Recorder` made it
/// let replay = Replay::new()
///     .recorded::<fetch_profile>(&recording)?
///     .give::<fetch_language>("Bonjour".to_owned())
///     .fail::<score_credit, _>(|| "the bureau is closed");
/// // let greeting = page.greeting(replay.execution("request-1"), 7).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Replay {
    cues: HashMap<&'static str, Arc<Cue>>,
    given: Arc<Mutex<Vec<&'static str>>>,
}

type Cue = dyn Fn() -> Result<Box<dyn Any + Send>, Failure> + Send + Sync;

impl Replay {
    /// Of no step.
    pub fn new() -> Self {
        Self::default()
    }

    /// The step `S` comes to `value`; in a batch, for each item.
    pub fn give<S: Step>(self, value: S::Output) -> Self
    where
        S::Output: Clone,
    {
        self.cue::<S>(move || Ok(value.clone()))
    }

    /// The step `S` comes to what `make` makes, each time anew.
    pub fn give_with<S: Step>(self, make: impl Fn() -> S::Output + Send + Sync + 'static) -> Self {
        self.cue::<S>(move || Ok(make()))
    }

    /// The step `S` fails with what `make` makes, after its retries, if it has any: its fallback stands in, and who can do
    /// without it does.
    pub fn fail<S: Step, E: IntoFailure>(
        self,
        make: impl Fn() -> E + Send + Sync + 'static,
    ) -> Self {
        self.cue::<S>(move || Err(make().into_failure()))
    }

    /// The step `S` comes to what it came to in the run of `recording`.
    ///
    /// # Errors
    ///
    /// If the recording has no value of the step, or several, as of a batch, or one that can't be decoded.
    pub fn recorded<S: Step>(self, recording: &Recording) -> Result<Self, RecordingError>
    where
        S::Output: Value,
    {
        let bytes = recording.bytes::<S>()?;
        // What can't be decoded is told here, and not in the middle of a run.
        S::Output::decode(&bytes).map_err(|error| RecordingError::undecodable(S::NAME, error))?;
        let decode = move || S::Output::decode(&bytes).expect("the same bytes were decoded before");
        Ok(self.cue::<S>(move || Ok(decode())))
    }

    /// The execution to call an entry with: as `execution`, an id in the simplest case, but with these steps given. Where
    /// `execution` is that of another replay, its steps are given as well; of a step that both have, this one's counts.
    pub fn execution<'a>(&self, execution: impl Into<Execution<'a>>) -> Execution<'a> {
        execution.into().rehearsed(Rehearsal::play(self.clone()))
    }

    /// The steps that were given in place of a run so far, in the order in which that was: a step that is missing was not
    /// needed.
    pub fn given(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    fn cue<S: Step>(
        mut self,
        cue: impl Fn() -> Result<S::Output, Failure> + Send + Sync + 'static,
    ) -> Self {
        let cue = move || Ok(Box::new(cue()?) as Box<dyn Any + Send>);
        self.cues.insert(S::NAME, Arc::new(cue));
        self
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Play for Replay {
    fn cue(&self, step: &'static str) -> Option<Result<Box<dyn Any + Send>, Failure>> {
        let cue = self.cues.get(step)?;
        self.lock().push(step);
        Some(cue())
    }

    fn made(&self, _step: &'static str, _value: &dyn Any, _origin: Origin) {}
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps: Vec<_> = self.cues.keys().collect();
        steps.sort();
        f.debug_struct("Replay")
            .field("steps", &steps)
            .finish_non_exhaustive()
    }
}
