//! [`Tell`]: an observer that writes what it is told to a log.

use docket::Observer;
use docket::observe::{Retrying, StepEnded, StepStarted};

use crate::Log;

/// Writes a line for each event.
pub struct Tell(pub Log);

impl Observer for Tell {
    fn step_started(&self, event: &StepStarted<'_>) {
        self.0.push(format!("{} started", event.step));
    }

    fn retrying(&self, event: &Retrying<'_>) {
        let Retrying {
            step,
            attempt,
            delay,
            ..
        } = event;
        self.0.push(format!(
            "{step} retrying after attempt {attempt} in {delay:?}"
        ));
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        self.0.push(format!(
            "{} ended: {} in {:?}",
            event.step, event.outcome, event.duration
        ));
    }
}
