//! What runs a persisted step: at most one run per record, however many callers, tasks and processes ask for it.
//!
//! ```text
//! caller ──► flight (one per key and process) ──► claim ──► run ──► record
//!   ▲                     │                         │                 │
//!   └── outcome, or the ──┘                         └── wait while another process has it
//!       end of its own time
//! ```
//!
//! - A *flight* (`flight.rs`) is the one conversation that this process has with the store about a key. It lives in a task
//!   of its own; callers hold a seat, from which they see how far it is. A caller that goes away takes nothing with it.
//! - A *claim* (`claim.rs`) is acknowledged by the store before the step's code starts. While another process has it, the
//!   flight asks again and again, and ends when its last caller has left.
//! - The *run* (`run.rs`) goes to its end and is recorded (`record.rs`) once it has started, whoever is still there. Whether
//!   anybody is there is asked once, at the moment the claim was won: if not, the claim is given back and nothing starts,
//!   since an effect that nobody wants any more had better not begin.
//! - The heartbeat keeps all claims of the process alive with one statement.
//! - Where nobody knows how a run ended, `reconcile` is asked (`reconcile.rs`) before anything is run again, if the step has
//!   one.
//! - What may happen again is the table of [`Repeat`], and nowhere else.
//! - A process that is about to end closes the gate (`shutdown.rs`): nothing new starts, what is under way is recorded.

mod annotations;
mod backoff;
mod claim;
mod code;
mod counts;
mod events;
mod flight;
mod heartbeat;
mod keeper;
mod look;
mod obtain;
mod packing;
mod patience;
mod policy;
mod reconcile;
mod record;
mod release;
mod run;
mod settings;
mod shutdown;
#[cfg(test)]
mod tests;
mod told;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Verdict};
use crate::key::{CacheKey, InputHash};
use crate::observe::Asker;
use crate::store::{Scope, Stored};
use crate::value::Value;

pub use annotations::Annotations;
pub use code::{Code, Reconciled};
pub use counts::Counts;
pub use keeper::Keeper;
pub use obtain::obtain;
pub(crate) use obtain::obtain_noting;
pub(crate) use packing::unpack;
pub use policy::Repeat;
pub use settings::{Settings, check_execution_id};
pub(crate) use told::Told;

/// One caller's request for the result of a persisted step.
#[derive(Clone, Debug)]
pub struct Job {
    /// The row.
    pub key: CacheKey,
    /// The hash of all inputs: another one under the same key is [`InputDrift`](crate::ErrorKind::InputDrift).
    pub input_hash: InputHash,
    /// For whom the result counts.
    pub scope: Scope,
    /// The execution that asks.
    pub execution_id: Arc<str>,
    /// The step's name.
    pub step_name: &'static str,
    /// The step's version.
    pub step_version: u32,
    /// What may happen again.
    pub repeat: Repeat,
    /// How long the record counts, a failure's too; `None` is for ever.
    pub ttl: Option<Duration>,
    /// How much longer a value is used while another is made; `None` is not at all. For `free` only.
    pub stale: Option<Duration>,
    /// Who asks, for those who observe.
    pub asker: Asker,
    /// When this caller stops waiting. A run that has started goes on; `None` waits for as long as it takes.
    pub wait_until: Option<Instant>,
}

/// What the step's code gets to know of its record.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The same for each run of one call, until a provider has rejected it.
    pub idempotency_key: Arc<str>,
    /// Where `annotate` writes to.
    pub annotations: Annotations,
    /// Grows with every claim of the key; `None` in a run that is not recorded.
    pub fence: Option<i64>,
}

/// How the step's code ended without a value, all its retries done.
///
/// The kind of `error` is what the caller gets, and what decides how the run is recorded where there is no `verdict`.
#[derive(Debug)]
pub struct Ended {
    /// What the callers get.
    pub error: Error,
    /// What the step said of its own failure.
    pub verdict: Option<Verdict>,
}

/// The result of a persisted step.
pub struct Obtained<T> {
    /// The value: decoded from its stored form, also in the run that made it.
    pub value: Arc<T>,
    /// The stored form, from which an owned value can be decoded.
    pub stored: Stored,
    /// Where it comes from.
    pub how: How,
}

/// Where a result comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// This caller's code ran, and its result is recorded.
    Ran,
    /// The store had it.
    Hit,
    /// The store had it, and it had expired. Another is made in the background, in this process or another.
    Stale,
    /// Another caller's code ran, in this process or another, and this caller waited for it.
    Joined,
    /// This caller's code ran, and the store knows nothing of it, which only `free` allows.
    Unrecorded,
    /// A run that was lost had made it, as this caller's `reconcile` found out.
    Reconciled,
}

impl<T: Value> Obtained<T> {
    /// The value as the caller's own: without a copy where nobody shares it, else decoded once more.
    pub fn into_value(self) -> Result<T, Error> {
        let Self {
            value,
            stored,
            how: _,
        } = self;
        Arc::try_unwrap(value).or_else(|_| packing::decode(&stored))
    }
}

/// Values are not printed.
impl<T> fmt::Debug for Obtained<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            value: _,
            stored,
            how,
        } = self;
        f.debug_struct("Obtained")
            .field("stored", stored)
            .field("how", how)
            .finish()
    }
}
