//! How a step ended.

use super::{Filled, Run};
use crate::error::{Error, ErrorKind, Verdict};
use crate::observe::Origin;
use crate::step::{Failure, Step};

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
    /// The step did not start, since one that it needs had failed; the error is that one's.
    pub(crate) skipped: bool,
    /// Its execution had no more time.
    pub(crate) late: bool,
}

impl Ended {
    pub(crate) fn retryable(error: Error) -> Self {
        Self {
            error,
            verdict: None,
            retry: true,
            skipped: false,
            late: false,
        }
    }

    pub(crate) fn panicked(message: String) -> Self {
        Self {
            error: Error::new(ErrorKind::Panicked).with_detail(message),
            verdict: None,
            retry: false,
            skipped: false,
            late: false,
        }
    }

    /// Of a step that can't start, because `error` is what became of one that it needs.
    #[cold]
    pub(crate) fn skipped(error: Error) -> Self {
        Self {
            error,
            verdict: None,
            retry: false,
            skipped: true,
            late: false,
        }
    }

    /// The same, told of the step `S`, unless it was told of a step already.
    #[cold]
    pub(crate) fn named<S: Step>(self, run: &Run<'_>) -> Self {
        if self.error.step().is_some() {
            self
        } else {
            self.of_step(run, S::NAME, 1)
        }
    }

    /// Whether it ends the execution, however softly the step is needed.
    pub(crate) fn aborts(&self) -> bool {
        self.late || self.verdict == Some(Verdict::Abort)
    }

    /// The same, told of a step and an execution.
    pub(crate) fn of_step(mut self, run: &Run<'_>, step: &'static str, attempts: u32) -> Self {
        self.error = self
            .error
            .with_step(step)
            .with_execution(run.id())
            .with_attempts(attempts);
        self
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        let retry = failure.may_retry();
        Self {
            verdict: failure.verdict,
            retry,
            skipped: false,
            late: false,
            error: failure.into_error(),
        }
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        let verdict = (error.kind() == ErrorKind::Aborted).then_some(Verdict::Abort);
        Self {
            error,
            verdict,
            retry: false,
            skipped: false,
            late: false,
        }
    }
}
