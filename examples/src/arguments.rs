//! What arguments mean.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

/// A time such as `80ms` or `2s`.
///
/// # Errors
///
/// In words for the command line, if `text` is none.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim())
        .map_err(|_| format!("`{text}` is not a time, such as `80ms` or `2s`"))
}

/// How long a claim is held.
///
/// # Errors
///
/// In words for the command line, if `text` is no time, or too short a one.
pub fn parse_lease(text: &str) -> Result<Duration, String> {
    const SHORTEST: Duration = Duration::from_millis(100);
    let lease = parse_time(text)?;
    if lease < SHORTEST {
        return Err("a lease of less than 100ms may lapse while its process is well".to_owned());
    }
    Ok(lease)
}

/// A file or folder beside this program: a place that is ours, the same from every folder, and gone after `cargo clean`.
pub fn beside_program(name: &str) -> PathBuf {
    env::current_exe().unwrap_or_default().with_file_name(name)
}

/// The database at `path` as `SqliteStore::connect` wants it: in a URL, `%` and `?` have a meaning that they lack in a path.
///
/// # Errors
///
/// If the path is not Unicode.
pub fn sqlite_url(path: &Path) -> anyhow::Result<String> {
    let path = path
        .to_str()
        .context("the path of the database is not Unicode")?;
    Ok(format!(
        "sqlite://{}",
        path.replace('%', "%25").replace('?', "%3f")
    ))
}
