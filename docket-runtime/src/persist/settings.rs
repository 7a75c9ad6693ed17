//! [`Settings`] of a keeper, and the limits that can't be set.

use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// What the builder of a graph can set.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a claim is held without a heartbeat; 30 ms at least, since shorter ones would be renewed all the time.
    pub lease: Duration,
    /// How many processes a step may take with it, one after the other, before its row counts as unknown; 1 at least.
    pub max_attempts: u32,
    /// Larger values are not stored.
    pub max_value_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            max_attempts: 3,
            max_value_bytes: 1 << 20,
        }
    }
}

impl Settings {
    const SHORTEST_LEASE: Duration = Duration::from_millis(30);

    /// Within their bounds.
    pub(super) fn bounded(self) -> Self {
        Self {
            lease: self.lease.max(Self::SHORTEST_LEASE),
            max_attempts: self.max_attempts.max(1),
            max_value_bytes: self.max_value_bytes,
        }
    }
}

/// What a step wrote beside its result may take so much in all.
pub(super) const MAX_METADATA_BYTES: usize = 4 << 10;

/// What is kept of the words of an error.
pub(super) const MAX_ERROR_BYTES: usize = 1 << 10;

/// As long as the column of any store takes.
const MAX_ID_BYTES: usize = 255;

/// Whether rows can be written for the execution `id`: people read it there, and in logs.
///
/// # Errors
///
/// [`Encoding`](ErrorKind::Encoding) if it has more than 255 bytes, or a control character.
pub fn check_execution_id(id: &str) -> Result<(), Error> {
    let problem = if id.len() > MAX_ID_BYTES {
        format!("it has {} bytes", id.len())
    } else if id.chars().any(char::is_control) {
        "it has a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Encoding).with_detail(format!(
        "the execution id can't stand in a row: {problem}, and at most {MAX_ID_BYTES} bytes of printable text do; the \
         step was not started"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_id_is_255_bytes_of_printable_text_at_most() {
        for id in ["", "request-123", "größe 漢字", &"x".repeat(255)] {
            assert!(check_execution_id(id).is_ok(), "{id:?}");
        }
        for id in [&"x".repeat(256), &"ü".repeat(128), "a\nb", "a\0", "\u{85}"] {
            let error = check_execution_id(id).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encoding, "{id:?}");
        }
    }
}
