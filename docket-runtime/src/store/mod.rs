//! Where precious results are kept: the [`Store`] trait and the types it speaks.
//!
//! A store keeps one row per key and moves it through a few states, each move one atomic operation that is guarded by
//! the `claim_id` of whoever holds the row. It compares all times by its own clock. It knows nothing of plans, steps or
//! types: it sees names and bytes.

mod admin;
#[cfg(any(
    test,
    feature = "mysql",
    feature = "postgres",
    feature = "redis",
    feature = "sqlite"
))]
mod coalesce;
pub mod conformance;
mod erased;
#[cfg(any(
    feature = "mysql",
    feature = "postgres",
    feature = "redis",
    feature = "sqlite"
))]
mod hits;
mod memory;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod preview;
#[cfg(feature = "redis")]
mod redis;
mod row;
mod seen;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod table;
mod tiered;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::BoxError;

pub use crate::key::{CacheKey, InputHash, Scope};
pub use admin::{Admin, Filter, Finding, KeyPrefix, Resolution, RowStatus, RowView, Tally};
pub use erased::AnyStore;
pub use memory::MemoryStore;
#[cfg(feature = "mysql")]
pub use mysql::{MySqlOptions, MySqlStore};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStore};
pub use preview::{Preview, PreviewedRow};
#[cfg(feature = "redis")]
pub use redis::{RedisOptions, RedisStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStore};
pub use table::TableName;
pub use tiered::Tiered;

/// A place that keeps the results of persisted steps.
///
/// One call of a method is one logical move of one row. Each is safe to repeat with the same arguments: the caller does
/// so when it does not know whether the first try arrived. Each may be dropped at any moment, and leaves the row as it
/// was or moved.
///
/// What a claim gets depends on the row alone; the first line that fits counts:
///
/// | the row | [`claim`](Store::claim) gives |
/// | --- | --- |
/// | is not there | [`Claimed`](ClaimOutcome::Claimed), attempt 1 |
/// | is running, under the same `claim_id` | `Claimed`, as before, with a new lease |
/// | has expired | `Claimed`, attempt 1; other inputs and other policies count no more |
/// | was made from other inputs | [`Drift`](ClaimOutcome::Drift) |
/// | succeeded | [`Hit`](ClaimOutcome::Hit); `Claimed` on `replace` |
/// | failed | `Claimed` on `retry_failed` once it is due, else [`Failed`](ClaimOutcome::Failed) |
/// | is running, within its lease | [`Busy`](ClaimOutcome::Busy) |
/// | is running with a lapsed lease, or unknown | `Claimed` on `reconcile`, with the same attempt, as one more start |
/// | the same | `Claimed` on `repeat_lost`, unless `max_attempts` have started since one last ended |
/// | the same | [`Unknown`](ClaimOutcome::Unknown) |
///
/// A value that has expired is not always lost: where the request has `stale`, and the row has a value of the same inputs
/// that expired no longer ago than that, whoever gets the row, is told that somebody else has it, or that it is not to be
/// had, gets [`Stale`](ClaimOutcome::Stale) in its place. The value stays in the row until another attempt succeeds, or the
/// row is claimed by somebody who would not take it. Time counts from the end of its `ttl` also while the row is running, or
/// an attempt at another has failed: such a failure has no time of its own. One that is recorded when the value's time, by the
/// [`stale`](Completion::stale) of its record, is over takes the value's place, and has its own `ttl`.
///
/// Where it was once claimed with `repeat_lost: false`, it is as if nobody asked for `replace`, `retry_failed` and
/// `repeat_lost`, until it expires. An attempt after a failure of code `rejected` has the next generation.
///
/// Every claim that is won counts as a start, one by `reconcile` too, since the step may run under it. An attempt has ended
/// when its holder has recorded how, were it with the words that nobody knows.
///
/// [`store_suite!`](crate::testing::store_suite) tests all of it.
pub trait Store: Send + Sync + 'static {
    /// What this store's settings let it promise, found when it was connected.
    fn durability(&self) -> Durability;

    /// Takes the row of `request`, or says who or what has it. One round trip where the database can.
    fn claim(
        &self,
        request: &ClaimRequest,
    ) -> impl Future<Output = Result<ClaimOutcome, StoreError>> + Send;

    /// Says what [`claim`](Store::claim) would answer to `request`, and changes nothing: no row is written, no lease is
    /// moved. `explain` of a graph asks it. Each store of Docket's can say it; of another, unless it does, it is an error.
    fn preview(
        &self,
        request: &ClaimRequest,
    ) -> impl Future<Output = Result<Preview, StoreError>> + Send {
        let _ = request;
        std::future::ready(Err(StoreError::refused(
            "this store has no `preview`: it can't say what a claim would come to without claiming",
        )))
    }

    /// Records success. Accepted for as long as `claim` holds the row, even after its lease has lapsed or the row was
    /// marked unknown; [`Write::Fenced`] when somebody else has it.
    fn complete(
        &self,
        claim: &ClaimRef,
        completion: &Completion,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// Records a failure or an outcome that is not known. Accepted like a success, but not after one; and an unknown outcome
    /// may become known, not the reverse. Of a row that was [marked](Store::mark_lost), that the outcome is not known is no
    /// news: it stays a row whose holder was lost.
    fn fail(
        &self,
        claim: &ClaimRef,
        failure: &Failure,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// Moves the leases of `claims` to `lease` from now, in one statement; returns those that are still held. A lease that
    /// has lapsed is renewed, too, while nobody has taken over.
    fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> impl Future<Output = Result<Vec<ClaimRef>, StoreError>> + Send;

    /// Marks a row `unknown` whose holder is lost: one that is running under `fence` with a lapsed lease. Of no effect on
    /// any other. The claim stays: its holder may still turn up and [`complete`](Store::complete) it.
    fn mark_lost(
        &self,
        key: &CacheKey,
        fence: i64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives back a claim whose step never started: the next may have the row at once. It is as if a first attempt had not
    /// been; a later one counts as an attempt, but not towards `max_attempts`. The same where the row was
    /// [marked](Store::mark_lost) in the meantime, since its holder is there and knows that nothing was started. A value
    /// that has expired stays in the row. Not for claims that were won by `reconcile`:
    /// of a first attempt nothing would be left, and with it the doubt.
    fn release(&self, claim: &ClaimRef) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes at most `limit` rows that have expired, but for those that are kept [longer](Completion::stale), and says how
    /// many. `running` and `unknown` never expire.
    fn purge(&self, limit: u32) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// What a store can promise under its present settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// An acknowledged write survives a crash of the process and of the machine.
    Durable,
    /// It lives as long as this process: for tests and for caches.
    Process,
    /// It can forget acknowledged writes. Steps with `repeat = "never"` are refused.
    Weak {
        /// The setting at fault, and what to set it to.
        reason: Cow<'static, str>,
    },
}

/// The call of a persisted step: what its row is found by, and what a reader of the table sees of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The primary key, made of all that tells this call from others.
    pub key: CacheKey,
    /// The namespace of the graph, `""` by default.
    pub namespace: Arc<str>,
    /// For whom the result counts.
    pub scope: Scope,
    /// The execution that asks. Part of the key in [`Scope::Workflow`]; for the reader's eye only in [`Scope::Global`].
    pub execution_id: Arc<str>,
    /// The step's name.
    pub step_name: &'static str,
    /// The step's version.
    pub step_version: u32,
    /// The hash of all inputs, compared under a `#[key]`.
    pub input_hash: InputHash,
}

/// A request to run a step's code for a [`Call`].
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// What is to be run.
    pub call: Call,
    /// Made by the client for one logical claim, and the same when the request is sent again.
    pub claim_id: ClaimId,
    /// The process that asks, for the reader's eye: random per process start, with host and process id.
    pub holder: Arc<str>,
    /// How long the claim is held without a renewal.
    pub lease: Duration,
    /// Whether a `failed` row may be taken over.
    pub retry_failed: bool,
    /// Whether a row may be taken over whose holder was lost, or whose outcome is unknown. A row that was ever claimed
    /// with `false` stays that way: the strictest policy wins.
    pub repeat_lost: bool,
    /// Whether a `succeeded` row may be taken over, too, because its reader could not decode the value. The attempt
    /// counts on and the generation stays, so that the idempotency key does. A row that was ever claimed with
    /// `repeat_lost: false` is not taken over: it is a [`ClaimOutcome::Hit`] again.
    pub replace: bool,
    /// Whether a row may be taken over whose holder was lost, or whose outcome is unknown, in order to find out what
    /// became of it: whoever wins such a claim asks before anything is run. Whatever the policy, this is allowed.
    pub reconcile: bool,
    /// How many attempts may start without one that ends, before the row counts as unknown even where `repeat_lost` is
    /// set: a step that kills its process must not kill one after the other. 1 at least.
    pub max_attempts: u32,
    /// Whether the step is a cache, `repeat = "free"`: more often read than claimed, and a copy of the value that is near
    /// at hand will do.
    pub is_cache: bool,
    /// How much longer than it counts a value may be used; `None` is not at all. Only for caches.
    pub stale: Option<Duration>,
}

/// What became of a [`ClaimRequest`].
#[derive(Clone, Debug)]
pub enum ClaimOutcome {
    /// The caller has the row, and is to run the step.
    Claimed(Claimed),
    /// The result is there.
    Hit(Stored),
    /// A result is there that has expired, and may be used for a while longer.
    Stale {
        /// The result.
        value: Stored,
        /// How long ago it expired.
        by: Duration,
        /// Where the row could be had: the caller has it, and is to run the step anew.
        claimed: Option<Claimed>,
    },
    /// Somebody else has it, and is alive as far as the lease tells.
    Busy {
        /// The fence of the attempt under way, by which a waiter knows it again.
        fence: i64,
        /// Who has it.
        holder: String,
        /// What is left of the lease.
        remaining: Duration,
    },
    /// The last attempt failed, and the request does not allow another.
    Failed {
        /// The fence of that attempt.
        fence: i64,
        /// How many attempts there were.
        attempt: u32,
        /// What it said.
        error: String,
        /// How long until another attempt is allowed, where it was put off.
        retry_in: Duration,
    },
    /// An attempt was started, and nobody knows its outcome.
    Unknown {
        /// The fence of that attempt.
        fence: i64,
        /// How many attempts there were.
        attempt: u32,
        /// What is known of it.
        error: String,
    },
    /// The row stands for other inputs than those of the request.
    Drift {
        /// The inputs of the row.
        stored: InputHash,
    },
}

impl ClaimOutcome {
    /// The claim, where it was won: with an expired value beside it or without.
    pub(crate) fn claimed(&self) -> Option<&Claimed> {
        match self {
            Self::Claimed(claimed) => Some(claimed),
            Self::Stale { claimed, .. } => claimed.as_ref(),
            Self::Hit(_)
            | Self::Busy { .. }
            | Self::Failed { .. }
            | Self::Unknown { .. }
            | Self::Drift { .. } => None,
        }
    }

    /// The same for a request that may use `stale`, the value behind the row and how long ago it expired.
    pub(crate) fn or_stale(self, stale: Option<(Stored, Duration)>) -> Self {
        let Some((value, by)) = stale else {
            return self;
        };
        let claimed = match self {
            Self::Claimed(claimed) => Some(claimed),
            Self::Busy { .. } | Self::Failed { .. } | Self::Unknown { .. } => None,
            Self::Hit(_) | Self::Stale { .. } | Self::Drift { .. } => return self,
        };
        Self::Stale { value, by, claimed }
    }
}

impl Completion {
    /// How long the row is kept, from now: as long as it counts, and for as long as it may be used after that.
    pub(crate) fn kept_for(&self) -> Option<Duration> {
        let stale = self.stale.unwrap_or_default();
        self.ttl.map(|ttl| ttl.saturating_add(stale))
    }
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

/// A claim that was won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Grows with every claim of the key: a token for resources that can refuse an old holder.
    pub fence: i64,
    /// From 1.
    pub attempt: u32,
    /// Grows when a failure that was definitely without effect is claimed anew; part of the idempotency key.
    pub generation: u32,
    /// How many have started since one last ended, this one included: from 1 on. More than 1 says that holders were lost
    /// before this one.
    pub starts: u32,
}

/// A result that was recorded.
#[derive(Clone)]
pub struct Stored {
    /// The encoded value; `None` if it was recorded without one, being too large or not encodable.
    pub bytes: Option<Arc<[u8]>>,
    /// How it was encoded: [`Value::CODEC`](crate::value::Value::CODEC).
    pub codec: i16,
    /// The value itself, where the store keeps it in memory and its reader need not decode.
    pub shared: Option<Arc<dyn Any + Send + Sync>>,
    /// In a [`Hit`](ClaimOutcome::Hit): how much longer it counts, by the store's clock; `None` is for ever. Of no meaning
    /// in a [`Completion`], whose `ttl` says it.
    pub expires_in: Option<Duration>,
}

/// The claim that a move is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimRef {
    /// The row.
    pub key: CacheKey,
    /// The claim.
    pub claim_id: ClaimId,
    /// What the store answered to it.
    pub fence: i64,
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
    /// How much longer it is kept: [`purge`](Store::purge) leaves it to those who may use it when it is
    /// [stale](ClaimOutcome::Stale). Of no meaning without a `ttl`.
    pub stale: Option<Duration>,
    /// The annotations of the step, as a JSON object, and what else goes to `metadata` beside `status`.
    pub metadata: Arc<str>,
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

/// 16 random bytes that name one claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimId([u8; 16]);

impl ClaimId {
    /// A new one.
    ///
    /// # Panics
    ///
    /// When the operating system has no randomness to give.
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// As bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for ClaimId {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Whoever knows a claim can end it, so it is not printed.
impl fmt::Debug for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimId(…)")
    }
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

/// Why a store did not answer.
pub struct StoreError {
    retryable: bool,
    message: Cow<'static, str>,
    source: Option<BoxError>,
}

impl StoreError {
    /// The store was not reached, or did not answer: the same request may be sent again.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self {
            retryable: true,
            message: "the store did not answer".into(),
            source: Some(source.into()),
        }
    }

    /// The store answered that it will not do this: sending it again is of no use.
    pub fn refused(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            retryable: false,
            message: message.into(),
            source: None,
        }
    }

    /// The same, with what the store said.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            retryable,
            message,
            source,
        } = self;
        f.debug_struct("StoreError")
            .field("message", message)
            .field("retryable", retryable)
            .field("source", source)
            .finish()
    }
}
