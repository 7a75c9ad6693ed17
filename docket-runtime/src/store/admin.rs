//! What people do with the rows of a store: look at them, sum them up, set right what is failed or in doubt.

use std::fmt;
use std::time::Duration;

use super::{Durability, FailureStatus, Store, StoreError, Write};
use crate::key::CacheKey;

/// The operator's side of a [`Store`]: what the command `docket` is made of, for programs of one's own.
///
/// Nothing here is needed to run a graph.
pub trait Admin: Store {
    /// Creates the table, or brings it up to date. Of no effect where it is.
    fn migrate(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The statements that create the table, for those who run their own migrations; empty where there is none.
    fn schema(&self) -> String;

    /// The rows that `filter` lets pass, the youngest first, `limit` at most, without their values.
    fn list(
        &self,
        filter: &Filter,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<RowView>, StoreError>> + Send;

    /// One row, with its value.
    fn show(
        &self,
        key: &CacheKey,
    ) -> impl Future<Output = Result<Option<RowView>, StoreError>> + Send;

    /// How many rows each step has in each status, ordered by both.
    fn stats(&self) -> impl Future<Output = Result<Vec<Tally>, StoreError>> + Send;

    /// How many rows `filter` lets pass.
    fn count(&self, filter: &Filter) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Lets the failed rows that `filter` lets pass expire, so that the next call of each runs, and says how many they
    /// were; those that have expired already are not counted. They are kept until then, for the eye and for the generation
    /// of their idempotency key.
    fn retry_failed(&self, filter: &Filter)
    -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Says how an attempt ended that is in doubt: one that is unknown, or running with a lapsed lease, under `fence`.
    /// [`Write::Fenced`] if the row is not, or not any more.
    fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// What is to be known about the database behind the store, and whether it is as it should be.
    fn doctor(&self) -> impl Future<Output = Result<Vec<Finding>, StoreError>> + Send;
}

/// Which rows are meant: those that match all that is set. Default: all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Of this step.
    pub step: Option<String>,
    /// In this status.
    pub status: Option<RowStatus>,
    /// Of this execution.
    pub execution: Option<String>,
    /// Created at least so long ago, by the store's clock.
    pub older_than: Option<Duration>,
    /// Created at most so long ago, by the store's clock.
    pub younger_than: Option<Duration>,
    /// Whose key begins like this.
    pub key: Option<KeyPrefix>,
    /// Only those that have expired, and that a purge would delete.
    pub expired: bool,
}

#[cfg(any(feature = "mysql", feature = "sqlite"))]
impl Filter {
    /// Whether it is for rows that have an error, as those that have failed and those that are unknown do: by it, the table has
    /// an index of them.
    pub(super) fn has_error(&self) -> bool {
        let status = self.status;
        status.is_some_and(|it| matches!(it, RowStatus::Failed | RowStatus::Unknown))
    }
}

/// The beginning of a key, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPrefix {
    digits: String,
}

impl KeyPrefix {
    /// From 1 to 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// If `digits` is anything else.
    pub fn new(digits: &str) -> Result<Self, StoreError> {
        let is_hex = digits.bytes().all(|it| it.is_ascii_hexdigit());
        if digits.is_empty() || digits.len() > 64 || !is_hex {
            return Err(StoreError::refused(format!(
                "{digits:?} is not the beginning of a key: 1 to 64 hexadecimal digits"
            )));
        }
        Ok(Self {
            digits: digits.to_ascii_lowercase(),
        })
    }

    /// The digits, in lower case.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The least and the greatest key that begins like this.
    pub fn range(&self) -> (CacheKey, CacheKey) {
        (self.fill('0'), self.fill('f'))
    }

    fn fill(&self, digit: char) -> CacheKey {
        let mut key = [0; 32];
        let mut digits = self.digits.chars().chain(std::iter::repeat(digit));
        for byte in &mut key {
            let mut next = || digits.next().and_then(|it| it.to_digit(16)).unwrap_or(0) as u8;
            *byte = next() << 4 | next();
        }
        CacheKey(key)
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowStatus {
    /// Somebody holds it, or held it when he was lost.
    Running,
    /// It has its result.
    Succeeded,
    /// The last attempt failed.
    Failed,
    /// Nobody knows how the last attempt ended.
    Unknown,
}

impl RowStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Running, Self::Succeeded, Self::Failed, Self::Unknown];

    /// As rows spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The status that rows spell like this.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl fmt::Display for RowStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A row as people see it.
#[derive(Clone)]
pub struct RowView {
    /// The primary key.
    pub key: CacheKey,
    /// The namespace of the graph.
    pub namespace: String,
    /// `global` or `workflow`.
    pub scope: String,
    /// The execution that claimed it last.
    pub execution_id: String,
    /// The step.
    pub step_name: String,
    /// Its version.
    pub step_version: u32,
    /// Where the row stands.
    pub status: RowStatus,
    /// The fence of the last attempt.
    pub fence: i64,
    /// Its number.
    pub attempt: u32,
    /// The generation of its idempotency key.
    pub generation: u32,
    /// The process that claimed it last.
    pub holder: String,
    /// What is left of its lease, while it is running; zero once it has lapsed.
    pub lease: Option<Duration>,
    /// Since the first claim, by the store's clock.
    pub age: Duration,
    /// When it was claimed first: UTC, as `2026-11-25 09:30:00.000`.
    pub created_at: String,
    /// When its last attempt ended, in the same form.
    pub finished_at: Option<String>,
    /// Until it expires; zero once it has.
    pub expires_in: Option<Duration>,
    /// How the value is encoded.
    pub codec: Option<i16>,
    /// The size of the value in bytes; `None` where there is none.
    pub value_len: Option<u64>,
    /// The value. Only in the row that was [shown](Admin::show).
    pub value: Option<Vec<u8>>,
    /// Its view as JSON, where it has one. Only in the row that was [shown](Admin::show).
    pub value_json: Option<String>,
    /// What the last attempt said, if it failed.
    pub error: Option<String>,
    /// Annotations and more, as a JSON object.
    pub metadata: String,
}

/// Values, errors and annotations are not printed.
impl fmt::Debug for RowView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowView")
            .field("key", &self.key)
            .field("step_name", &self.step_name)
            .field("status", &self.status)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// The rows of one step in one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The step.
    pub step_name: String,
    /// The status.
    pub status: RowStatus,
    /// How many there are.
    pub rows: u64,
    /// The size of their values in bytes.
    pub bytes: u64,
    /// How old the oldest of them is.
    pub oldest: Duration,
}

/// What an operator found out about an attempt in doubt.
#[derive(Clone)]
pub enum Resolution {
    /// It took effect, with this result.
    Applied {
        /// The encoded value.
        value: Vec<u8>,
        /// How it is encoded: [`Value::CODEC`](crate::value::Value::CODEC).
        codec: i16,
        /// Its view as JSON, where it has one.
        json: Option<String>,
        /// How long it counts; `None` is for ever.
        ttl: Option<Duration>,
        /// Who says so, and why; kept in `metadata` as `note`.
        note: String,
    },
    /// It took no effect. The row is then failed with the code `not_applied` and has expired: the next call runs the step,
    /// under the same idempotency key.
    NotApplied {
        /// Who says so, and why; kept in `metadata` as `note` until the step runs again.
        note: String,
    },
}

/// Values are not printed.
impl fmt::Debug for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Applied { .. } => "Applied",
            Self::NotApplied { .. } => "NotApplied",
        })
    }
}

/// Something that [`Admin::doctor`] has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at: a setting, a version, a clock.
    pub subject: String,
    /// What was found.
    pub value: String,
    /// What is wrong with it and what to set it to; `None` where all is well.
    pub advice: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn good(subject: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            value: value.into(),
            advice: None,
        }
    }

    /// It should be otherwise.
    pub fn bad(
        subject: impl Into<String>,
        value: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            advice: Some(advice.into()),
            ..Self::good(subject, value)
        }
    }
}

impl From<&Durability> for Finding {
    /// What the store as a whole promises.
    fn from(durability: &Durability) -> Self {
        const SUBJECT: &str = "durability";
        match durability {
            Durability::Durable => Self::good(SUBJECT, "durable: fit for `repeat = \"never\"`"),
            Durability::Process => {
                Self::good(SUBJECT, "as long as the process: for tests and caches")
            }
            Durability::Weak { reason } => Self::bad(
                SUBJECT,
                "weak: steps with `repeat = \"never\"` are refused",
                reason.clone(),
            ),
        }
    }
}

impl From<FailureStatus> for RowStatus {
    fn from(status: FailureStatus) -> Self {
        match status {
            FailureStatus::Failed => Self::Failed,
            FailureStatus::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_stands_for_the_keys_that_begin_with_it() {
        let (first, last) = KeyPrefix::new("0Aff3").unwrap().range();
        assert_eq!(first.0[..4], [0x0a, 0xff, 0x30, 0]);
        assert_eq!(last.0[..4], [0x0a, 0xff, 0x3f, 0xff]);
        let whole = "12".repeat(32);
        let (first, last) = KeyPrefix::new(&whole).unwrap().range();
        assert_eq!((first, last), (CacheKey([0x12; 32]), CacheKey([0x12; 32])));
        for bad in ["", "g", "0x1", &"1".repeat(65)] {
            assert!(KeyPrefix::new(bad).is_err(), "{bad:?}");
        }
    }
}
