//! Words for a terminal.

use std::env;
use std::io::{self, IsTerminal as _};

/// How words are set off: by colour on a terminal, else not at all.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    is_colored: bool,
}

impl Style {
    /// What fits the standard output. `NO_COLOR` is heeded.
    pub fn of_stdout() -> Self {
        let is_refused = env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        Self {
            is_colored: io::stdout().is_terminal() && !is_refused,
        }
    }

    /// For what the eye shall find first.
    pub fn bold(self, text: &str) -> String {
        self.paint(1, text)
    }

    /// For what is only of interest on a second look.
    pub fn dim(self, text: &str) -> String {
        self.paint(2, text)
    }

    /// For what failed.
    pub fn red(self, text: &str) -> String {
        self.paint(31, text)
    }

    /// For what was spared.
    pub fn green(self, text: &str) -> String {
        self.paint(32, text)
    }

    /// For what went another way than it was meant to.
    pub fn yellow(self, text: &str) -> String {
        self.paint(33, text)
    }

    fn paint(self, code: u8, text: &str) -> String {
        if self.is_colored {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Whether the reader of our output has seen enough, as in `profile_page | head -1`.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe)
}
