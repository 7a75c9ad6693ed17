//! What one call of a step's function came to.

use std::error::Error as StdError;

use crate::error::{BoxError, Error, ErrorKind, Verdict, verdict_of};

/// The error of one call, with what was found out about it before its type was hidden.
#[derive(Debug)]
pub struct Failure {
    pub(crate) source: BoxError,
    pub(crate) verdict: Option<Verdict>,
    /// What `retry_if` said.
    pub(crate) retry: bool,
}

/// An error that a step may return.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` can't become a `docket::Error`",
    label = "not an error type",
    note = "implement `std::error::Error` for `{Self}`, which must be `Send + Sync + 'static`, or return a `String`"
)]
pub trait IntoFailure {
    /// The failure of one call.
    fn into_failure(self) -> Failure;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> IntoFailure for E {
    fn into_failure(self) -> Failure {
        Failure::new(self)
    }
}

impl Failure {
    /// The failure with `error`, which may be retried.
    pub fn new(error: impl Into<BoxError>) -> Self {
        let source = error.into();
        let verdict = verdict_of(&*source as &(dyn StdError + 'static));
        Self {
            source,
            verdict,
            retry: true,
        }
    }

    /// The same, with what `retry_if` said.
    pub fn retry_if(mut self, retry: bool) -> Self {
        self.retry = retry;
        self
    }

    pub(crate) fn may_retry(&self) -> bool {
        self.retry && self.verdict.is_none()
    }

    pub(crate) fn into_error(self) -> Error {
        let kind = match self.verdict {
            Some(Verdict::Abort) => ErrorKind::Aborted,
            Some(Verdict::InDoubt) => ErrorKind::InDoubt,
            Some(Verdict::Rejected) | None => ErrorKind::Failed,
        };
        Error::new(kind).with_source(self.source)
    }
}

/// What the function of the step `S` returns, with a `…Result` in its signature.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result`, though its name says so",
    label = "not a `Result`",
    note = "a step returns a value or a `Result`; of a value, the type's name may not end in `Result`"
)]
pub trait Outcome<S> {
    /// The value of `Ok`.
    type Value;
    /// The error of `Err`.
    type Error;

    /// `true`. What asks for it depends on this being a `Result`, and so has no mistake of its own where it is none.
    const IS_RESULT: bool = true;

    /// Itself.
    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

#[diagnostic::do_not_recommend]
impl<T, E, S> Outcome<S> for Result<T, E> {
    type Value = T;
    type Error = E;

    #[inline(always)]
    fn into_result(self) -> Self {
        self
    }
}
