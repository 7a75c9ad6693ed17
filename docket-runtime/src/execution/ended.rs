//! How a step ended.

use super::{Filled, Run};
use crate::error::{Error, ErrorKind, Verdict};
use crate::observe::Origin;
use crate::step::Failure;

/// The value that a step ended with, and where it is from.
#[derive(Debug)]
pub struct Made<T> {
    pub(crate) value: Filled<T>,
    pub(crate) origin: Origin,
}

/// How a step ended without a value: its error, and what that means for the rest.
#[derive(Clone, Debug)]
pub struct Ended {
    pub(crate) error: Error,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) retry: bool,
}

impl Ended {
    pub(crate) fn retryable(error: Error) -> Self {
        Self { error, verdict: None, retry: true }
    }

    pub(crate) fn panicked(message: String) -> Self {
        Self { error: Error::new(ErrorKind::Panicked).with_detail(message), verdict: None, retry: false }
    }

    /// The same, told of a step and an execution.
    pub(crate) fn of_step(mut self, run: &Run<'_>, step: &'static str, attempts: u32) -> Self {
        self.error = self.error.with_step(step).with_execution(run.id()).with_attempts(attempts);
        self
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        let retry = failure.may_retry();
        Self { verdict: failure.verdict, retry, error: failure.into_error() }
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        let verdict = (error.kind() == ErrorKind::Aborted).then_some(Verdict::Abort);
        Self { error, verdict, retry: false }
    }
}
