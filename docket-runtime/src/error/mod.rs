//! What goes wrong: [`Error`], its [`ErrorKind`], and the verdicts a step may give.

mod verdict;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

pub use verdict::{StepError, Verdict, abort, in_doubt, rejected};
pub(crate) use verdict::{verdict_of, words};

/// Any error a step may return, boxed.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// What an entry returns: the value that was asked for, or the [`Error`] that ended the execution.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an execution ended without its result.
///
/// It is the error of the first step that failed hard, never a "cancelled" in its place. `Display` says what happened
/// to which step; the step's own error is the [`source`](StdError::source), and `{:#}` prints the whole chain.
///
/// A clone is cheap and shares the source.
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    step: Option<&'static str>,
    execution_id: Cow<'static, str>,
    attempts: u32,
    item: Option<usize>,
    /// Shared, because the waiters of one persisted run each get an error of their own execution with the same cause.
    source: Option<Arc<dyn StdError + Send + Sync>>,
    detail: Option<Cow<'static, str>>,
}

/// The kinds of [`Error`], as far as a caller can act on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The step returned an error, and its retries, if it has any, did too.
    Failed,
    /// The step returned an error wrapped by [`abort`].
    Aborted,
    /// An attempt of the step took longer than the step's `timeout`.
    TimedOut,
    /// The execution did not end before its deadline or the graph's `default_timeout`.
    DeadlineExceeded,
    /// The step panicked.
    Panicked,
    /// The store could not be asked, or could not record; or it is not asked any more, because the graph was shut down.
    Store,
    /// A value could not be encoded, decoded or made into a key, or is larger than a row takes; or an execution id is.
    Encoding,
    /// Another caller runs this step for the same key, and did not end within this caller's time.
    Busy,
    /// A step that must not run twice was started, and nobody knows whether its effect took place.
    InDoubt,
    /// The inputs of a step differ from those recorded under the same `#[key]`.
    InputDrift,
}

impl Error {
    /// An error of `kind`, of no step yet.
    pub(crate) fn new(kind: ErrorKind) -> Self {
        let execution_id = Cow::Borrowed("");
        Self {
            inner: Arc::new(Inner {
                kind,
                step: None,
                execution_id,
                attempts: 0,
                item: None,
                source: None,
                detail: None,
            }),
        }
    }

    pub(crate) fn with_step(self, step: &'static str) -> Self {
        self.map(|inner| inner.step = Some(step))
    }

    pub(crate) fn with_execution(self, id: &str) -> Self {
        self.map(|inner| inner.execution_id = Cow::Owned(id.to_owned()))
    }

    pub(crate) fn with_attempts(self, attempts: u32) -> Self {
        self.map(|inner| inner.attempts = attempts)
    }

    /// Of an item of a batch, where a step is at fault.
    pub(crate) fn with_item(self, item: usize) -> Self {
        self.map(|inner| inner.item = inner.step.map(|_| item))
    }

    pub(crate) fn with_source(self, source: impl Into<BoxError>) -> Self {
        let source: BoxError = source.into();
        self.map(|inner| inner.source = Some(Arc::from(source)))
    }

    /// Sentences that say what happened and what to do, after the words of the kind.
    pub(crate) fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.map(|inner| inner.detail = Some(detail.into()))
    }

    fn map(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The name of the step that failed; `None` where no single step is at fault, as at a deadline that passed before
    /// anything started.
    pub fn step(&self) -> Option<&'static str> {
        self.inner.step
    }

    /// The id of the execution that failed.
    pub fn execution_id(&self) -> &str {
        &self.inner.execution_id
    }

    /// How many attempts of the step were started, the first included; 0 where the step's code did not run.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// Which item of a batch it was that failed: its place among the items, from 0. `None` outside of a batch, and where
    /// the failure is not that of one item.
    pub fn item(&self) -> Option<usize> {
        self.inner.item
    }

    /// The step's own error, where it is an `E`; also where it was wrapped by [`abort`], [`rejected`] or [`in_doubt`],
    /// or stands further down the chain of sources.
    ///
    /// ```
    /// # use docket_runtime as docket;
    /// # fn show(error: docket::Error) {
    /// if let Some(io) = error.downcast_ref::<std::io::Error>() {
    ///     println!("the backend is gone: {:?}", io.kind());
    /// }
    /// # }
    /// ```
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        verdict::find(self.source()?)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.inner.source.as_deref()?;
        // The wrapper of `abort` and its like is ours, not the user's: its verdict is in our kind already.
        match (source as &(dyn StdError + 'static)).downcast_ref::<StepError>() {
            Some(wrapper) => Some(wrapper.get_ref()),
            None => Some(source),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner.step {
            Some(step) => {
                write!(f, "step `{step}` ")?;
                if let Some(item) = self.inner.item {
                    write!(f, "of item {item} ")?;
                }
                f.write_str(self.inner.kind.of_a_step())?;
            }
            None => f.write_str(self.inner.kind.of_an_execution())?,
        }
        if self.inner.attempts > 1 {
            write!(f, " after {} attempts", self.inner.attempts)?;
        }
        if let Some(detail) = &self.inner.detail {
            write!(f, ": {detail}")?;
        }
        if f.alternate() {
            for words in self.source().into_iter().flat_map(words) {
                write!(f, ": {words}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            step,
            execution_id,
            attempts,
            item,
            source,
            detail,
        } = &*self.inner;
        let mut out = f.debug_struct("Error");
        out.field("kind", kind)
            .field("step", step)
            .field("execution_id", execution_id)
            .field("attempts", attempts);
        if let Some(item) = item {
            out.field("item", item);
        }
        if let Some(detail) = detail {
            out.field("detail", detail);
        }
        if let Some(source) = source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl ErrorKind {
    fn of_a_step(self) -> &'static str {
        match self {
            ErrorKind::Failed => "failed",
            ErrorKind::Aborted => "aborted the execution",
            ErrorKind::TimedOut => "timed out",
            ErrorKind::DeadlineExceeded => "was not done at the deadline of its execution",
            ErrorKind::Panicked => "panicked",
            ErrorKind::Store => "could not use its store",
            ErrorKind::Encoding => "has a value that can't be stored or read back",
            ErrorKind::Busy => "is being run by another caller for the same key",
            ErrorKind::InDoubt => "may or may not have taken effect",
            ErrorKind::InputDrift => "was called with other inputs under a recorded key",
        }
    }

    fn of_an_execution(self) -> &'static str {
        match self {
            ErrorKind::DeadlineExceeded => "the deadline of the execution passed",
            ErrorKind::Store => "the store could not be used",
            ErrorKind::Encoding => "a value can't be stored or read back",
            _ => "the execution failed",
        }
    }
}
