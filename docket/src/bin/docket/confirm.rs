//! Asking before rows are changed.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::failure::Failure;

/// Says what is about to happen and waits for a yes; with `--yes` it goes on at once.
///
/// # Errors
///
/// If the answer is no, or nobody is there to give one.
pub(crate) fn confirm(what: &str, is_yes: bool) -> Result<(), Failure> {
    if is_yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "{what}: this needs a yes, and there is no terminal to ask"
        ))
        .help("pass `--yes` to go ahead"));
    }
    let mut stderr = io::stderr();
    write!(stderr, "{what}. Go ahead? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing was changed")),
    }
}
