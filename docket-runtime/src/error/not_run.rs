//! The error of a step that was not run, since its execution is only explained.

use std::error::Error as StdError;
use std::fmt;

use super::{Error, ErrorKind};

/// What stands in the place of a value that nobody knows. It is told from a failure: a step that can do without a value
/// does not get to run because of it.
#[derive(Debug)]
struct NotRun;

impl Error {
    /// Of a step whose value is not known.
    pub(crate) fn not_run() -> Self {
        Self::new(ErrorKind::Failed).with_source(NotRun)
    }

    pub(crate) fn is_not_run(&self) -> bool {
        let source = self.inner.source.as_deref();
        source.is_some_and(|it| (it as &(dyn StdError + 'static)).is::<NotRun>())
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no step runs while an execution is explained")
    }
}

impl StdError for NotRun {}
