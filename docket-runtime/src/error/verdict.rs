//! What a step may say about its own failure: `abort`, `rejected`, `in_doubt`.

use std::error::Error as StdError;
use std::fmt;

use super::BoxError;

/// An error with a verdict, made by [`abort`], [`rejected`] or [`in_doubt`].
///
/// It converts into `Box<dyn Error + Send + Sync>`, into `anyhow::Error`, and into any error enum of your own with a
/// `#[from] docket::StepError` variant: the verdict is found anywhere in the chain of sources.
///
/// It reads like the error that was wrapped. Who prints the whole chain finds a line on the verdict after it, and then
/// the causes of the wrapped error, each once:
///
/// ```
/// # use docket_runtime as docket;
/// # use std::error::Error;
/// let error = docket::rejected("card declined");
/// assert_eq!(error.to_string(), "card declined");
/// assert_eq!(error.source().unwrap().to_string(), "rejected, without effect");
/// assert!(error.source().unwrap().source().is_none());
/// ```
pub struct StepError {
    marker: Marker,
}

/// The verdicts of a [`StepError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The execution ends at once.
    Abort,
    /// The provider said no, and nothing took effect.
    Rejected,
    /// Nobody knows whether the effect took place.
    InDoubt,
}

/// Stands in the chain below a [`StepError`], in the place of the wrapped error, whose words are those of the `StepError`
/// itself. Without it the verdict would be lost under wrappers that show a wrapped error only by its words and its source,
/// as `anyhow` does when it is boxed. See the test `an_abort_is_found_under_the_context_of_anyhow`.
struct Marker {
    verdict: Verdict,
    source: BoxError,
}

/// Ends the whole execution with this error: no retry, no softening, no fallback.
///
/// ```
/// # use docket_runtime as docket;
/// # #[derive(Debug)] struct Closed;
/// # impl std::fmt::Display for Closed { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("closed") } }
/// # impl std::error::Error for Closed {}
/// async fn load(open: bool) -> Result<u32, docket::StepError> {
///     if open { Ok(1) } else { Err(docket::abort(Closed)) }
/// }
/// ```
pub fn abort(error: impl Into<BoxError>) -> StepError {
    StepError::new(Verdict::Abort, error.into())
}

/// Says that the provider refused and nothing took effect, so that a later try of a persisted step may use a new
/// idempotency key. It is not retried within the execution.
pub fn rejected(error: impl Into<BoxError>) -> StepError {
    StepError::new(Verdict::Rejected, error.into())
}

/// Says that the outcome is not known, as after a connection lost in the middle of a payment. A step persisted with
/// `repeat = "never"` is then in doubt, and is not run again before its outcome has been found.
pub fn in_doubt(error: impl Into<BoxError>) -> StepError {
    StepError::new(Verdict::InDoubt, error.into())
}

impl StepError {
    fn new(verdict: Verdict, source: BoxError) -> Self {
        Self {
            marker: Marker { verdict, source },
        }
    }

    /// What was said of the error.
    pub fn verdict(&self) -> Verdict {
        self.marker.verdict
    }

    /// The error that was wrapped.
    pub fn get_ref(&self) -> &(dyn StdError + 'static) {
        &*self.marker.source
    }
}

/// The first verdict in the chain of `error`, however it was wrapped.
pub(crate) fn verdict_of(error: &(dyn StdError + 'static)) -> Option<Verdict> {
    for error in links(error) {
        if let Some(wrapper) = error.downcast_ref::<StepError>() {
            return Some(wrapper.verdict());
        }
        if let Some(marker) = error.downcast_ref::<Marker>() {
            return Some(marker.verdict);
        }
    }
    None
}

/// The first `E` in the chain of `error`, also where it was wrapped by [`abort`] and its like.
pub(super) fn find<'a, E: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a E> {
    links(error).find_map(|error| {
        let found = error.downcast_ref::<E>();
        found.or_else(|| find(&*error.downcast_ref::<Marker>()?.source))
    })
}

/// The words of `error` and of its causes, from the outside in: those of a verdict are left out, since whoever prints
/// them knows it.
pub(crate) fn words(error: &(dyn StdError + 'static)) -> impl Iterator<Item = String> {
    links(error)
        .filter(|error| !error.is::<Marker>())
        .map(ToString::to_string)
}

/// `error` and its causes.
fn links<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

impl StdError for StepError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.marker)
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.marker.source.fmt(f)
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StepError")
            .field(&self.marker.verdict)
            .field(&self.marker.source)
            .finish()
    }
}

impl StdError for Marker {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.verdict {
            Verdict::Abort => "aborted, with its execution",
            Verdict::Rejected => "rejected, without effect",
            Verdict::InDoubt => "in doubt, whether with effect or without",
        })
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Marker").field(&self.verdict).finish()
    }
}
