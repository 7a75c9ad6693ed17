//! What a store is asked for before a step runs, and what it answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{CacheKey, InputHash, Scope, Stored};

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
