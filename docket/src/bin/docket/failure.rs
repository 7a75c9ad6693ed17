//! Why a command came to nothing, in words for its user.

use std::error::Error;
use std::{fmt, io};

use docket::store::StoreError;

/// The exit code of a command that failed.
const FAILED: u8 = 1;
/// The exit code of a command that was not understood, or that needs a `--yes`.
pub(crate) const USAGE: u8 = 2;

#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// What to do about it.
    help: Option<String>,
    code: u8,
    is_closed_pipe: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            code: FAILED,
            is_closed_pipe: false,
        }
    }

    /// `message`, and what `error` says.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn of(message: &str, error: &dyn Error) -> Self {
        Self::new(format!("{message}: {}", chain(error)))
    }

    /// It is the command line that has to change.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: USAGE,
            ..Self::new(message)
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.is_closed_pipe
    }
}

/// As `error: …`, and `help: …` on a line of its own.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(chain(&error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            is_closed_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::new(chain(&error))
        }
    }
}

/// An error and its causes on one line, each said once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = one_line(error);
    let mut source = error.source();
    while let Some(cause) = source {
        let said = one_line(cause);
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

fn one_line(error: &dyn Error) -> String {
    let text = error.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_stand_on_one_line_and_are_said_once() {
        let error = StoreError::refused("no\nrow").with_source("no row");
        assert_eq!(Failure::from(error).to_string(), "error: no row");
        let error = StoreError::refused("SQLite refused").with_source("disk I/O error");
        assert_eq!(
            Failure::from(error).help("look at the disk").to_string(),
            "error: SQLite refused: disk I/O error\nhelp: look at the disk"
        );
    }
}
