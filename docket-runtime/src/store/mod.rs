//! Where precious results are kept: the [`Store`] trait and the types it speaks.
//!
//! A store keeps one row per key and moves it through a few states, each move one atomic operation that is guarded by
//! the `claim_id` of whoever holds the row. It compares all times by its own clock. It knows nothing of plans, steps or
//! types: it sees names and bytes.

mod admin;
mod claim;
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
mod error;
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
mod record;
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

use std::borrow::Cow;
use std::time::Duration;

pub use crate::key::{CacheKey, InputHash, Scope};
pub use admin::{Admin, Filter, Finding, KeyPrefix, Resolution, RowStatus, RowView, Tally};
pub use claim::{Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Claimed};
pub use erased::AnyStore;
pub use error::StoreError;
pub use memory::MemoryStore;
#[cfg(feature = "mysql")]
pub use mysql::{MySqlOptions, MySqlStore};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStore};
pub use preview::{Preview, PreviewedRow};
pub use record::{Completion, Failure, FailureStatus, Stored, Write};
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
