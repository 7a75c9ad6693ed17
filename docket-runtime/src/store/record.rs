//! What a store is told after a step has run.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::RowStatus;

/// A result that was recorded.
#[derive(Clone)]
pub struct Stored {
    /// The encoded value; `None` if it was recorded without one, being too large or not encodable.
    pub bytes: Option<Arc<[u8]>>,
    /// How it was encoded: [`Value::CODEC`](crate::value::Value::CODEC).
    pub codec: i16,
    /// The value itself, where the store keeps it in memory and its reader need not decode.
    pub shared: Option<Arc<dyn Any + Send + Sync>>,
    /// In a [`Hit`](super::ClaimOutcome::Hit): how much longer it counts, by the store's clock; `None` is for ever. Of no meaning
    /// in a [`Completion`], whose `ttl` says it.
    pub expires_in: Option<Duration>,
}

/// A success to record.
#[derive(Clone)]
pub struct Completion {
    /// The value.
    pub value: Stored,
    /// The value as JSON, where it has such a view, for queries.
    pub json: Option<Arc<str>>,
    /// How long it counts, from now by the store's clock; `None` is for ever.
    pub ttl: Option<Duration>,
    /// How much longer it is kept: [`purge`](super::Store::purge) leaves it to those who may use it when it is
    /// [stale](super::ClaimOutcome::Stale). Of no meaning without a `ttl`.
    pub stale: Option<Duration>,
    /// The annotations of the step, as a JSON object, and what else goes to `metadata` beside `status`.
    pub metadata: Arc<str>,
}

impl Completion {
    /// How long the row is kept, from now: as long as it counts, and for as long as it may be used after that.
    pub(crate) fn kept_for(&self) -> Option<Duration> {
        let stale = self.stale.unwrap_or_default();
        self.ttl.map(|ttl| ttl.saturating_add(stale))
    }
}

/// A failure to record.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which of the two.
    pub status: FailureStatus,
    /// A short code for queries: `failed`, `rejected`, `timed_out`, `panicked`, `in_doubt`.
    pub code: &'static str,
    /// What the step said; the store cuts it to 1 KiB.
    pub error: String,
    /// When another attempt is allowed; zero is at once.
    pub retry_in: Duration,
    /// How long the failure counts; `None` is for ever. An unknown outcome never expires.
    pub ttl: Option<Duration>,
    /// As in [`Completion`].
    pub metadata: Arc<str>,
}

impl Failure {
    /// Where its row then stands.
    pub(crate) fn row_status(&self) -> RowStatus {
        self.status.into()
    }

    /// How long the row is kept, from now: an unknown outcome never expires.
    pub(crate) fn kept_for(&self) -> Option<Duration> {
        match self.status {
            FailureStatus::Failed => self.ttl,
            FailureStatus::Unknown => None,
        }
    }
}

/// How an attempt ended that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureStatus {
    /// It failed.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// It is in the row.
    Recorded,
    /// The row belongs to another claim by now, or is gone; nothing was written.
    Fenced,
}

/// Values are not printed.
impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.as_ref().map(|bytes| bytes.len());
        f.debug_struct("Stored")
            .field("codec", &self.codec)
            .field("len", &bytes)
            .finish()
    }
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            value,
            json: _,
            ttl,
            stale,
            metadata: _,
        } = self;
        f.debug_struct("Completion")
            .field("value", value)
            .field("ttl", ttl)
            .field("stale", stale)
            .finish()
    }
}
