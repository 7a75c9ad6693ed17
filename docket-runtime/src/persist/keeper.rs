//! [`Keeper`]: a store, and what this process is doing with it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::store::{AnyStore, Call, ClaimId, ClaimRequest, Durability};

use super::Job;
use super::flight::Flights;
use super::heartbeat::Live;

/// How long a claim is held without a heartbeat.
const LEASE: Duration = Duration::from_secs(30);

/// How many processes a step may take with it, one after the other, before its row counts as unknown.
const MAX_ATTEMPTS: u32 = 3;

/// Shorter leases would be renewed all the time.
const SHORTEST_LEASE: Duration = Duration::from_millis(30);

/// A store, the flights of this process and its live claims. There is one per graph value; a clone is the same keeper.
///
/// Steps that are under way when the last clone is dropped still run to their end and are recorded.
#[derive(Clone)]
pub struct Keeper {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) store: AnyStore,
    pub(super) namespace: Arc<str>,
    pub(super) lease: Duration,
    /// Whether the store is in this process, so that its answer is there at once.
    pub(super) is_local: bool,
    pub(super) flights: Flights,
    pub(super) live: Live,
    pub(super) unrecorded: AtomicU64,
    pub(super) fenced: AtomicU64,
}

/// What a [`Keeper`] has counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Runs of `free` steps that the store knows nothing of.
    pub unrecorded: u64,
    /// Runs that found their row in other hands at the end: each may be a second effect.
    pub fenced: u64,
}

impl Keeper {
    /// A keeper of `store` for a graph of this namespace, with a lease of 30 seconds.
    pub fn new(store: AnyStore, namespace: Arc<str>) -> Self {
        let is_local = store.durability() == Durability::Process;
        Self {
            inner: Arc::new(Inner {
                store,
                namespace,
                lease: LEASE,
                is_local,
                flights: Flights::default(),
                live: Live::default(),
                unrecorded: AtomicU64::new(0),
                fenced: AtomicU64::new(0),
            }),
        }
    }

    /// The same store with another lease, 30 ms at least. For a keeper that nobody has used yet: what `self` has under
    /// way stays with its clones.
    pub fn with_lease(self, lease: Duration) -> Self {
        let Inner {
            store, namespace, ..
        } = &*self.inner;
        let mut keeper = Self::new(store.clone(), namespace.clone());
        if let Some(inner) = Arc::get_mut(&mut keeper.inner) {
            inner.lease = lease.max(SHORTEST_LEASE);
        }
        keeper
    }

    /// The store.
    pub fn store(&self) -> &AnyStore {
        &self.inner.store
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        Counts {
            unrecorded: self.inner.unrecorded.load(Ordering::Relaxed),
            fenced: self.inner.fenced.load(Ordering::Relaxed),
        }
    }

    /// The request of a new call.
    pub(super) fn request(&self, job: &Job) -> ClaimRequest {
        let Job {
            key,
            input_hash,
            scope,
            execution_id,
            step_name,
            step_version,
            ..
        } = job;
        ClaimRequest {
            call: Call {
                key: *key,
                namespace: self.inner.namespace.clone(),
                scope: *scope,
                execution_id: execution_id.clone(),
                step_name,
                step_version: *step_version,
                input_hash: *input_hash,
            },
            claim_id: ClaimId::random(),
            holder: holder(),
            lease: self.inner.lease,
            retry_failed: job.repeat.retries_failed(),
            repeat_lost: job.repeat.repeats_lost(),
            replace: false,
            reconcile: false,
            max_attempts: MAX_ATTEMPTS,
            is_cache: job.repeat == super::Repeat::Free,
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("store", &self.inner.store)
            .field("namespace", &self.inner.namespace)
            .field("lease", &self.inner.lease)
            .finish_non_exhaustive()
    }
}

/// Names this process to people who read the table. A part of it is random, because hosts and process ids are used again.
fn holder() -> Arc<str> {
    static HOLDER: OnceLock<Arc<str>> = OnceLock::new();
    let holder = HOLDER.get_or_init(|| {
        let host = std::env::var("HOSTNAME")
            .or_else(|_| std::fs::read_to_string("/proc/sys/kernel/hostname"));
        let host: String = host.unwrap_or_default().trim().chars().take(64).collect();
        let host = if host.is_empty() { "host" } else { &host };
        let [a, b, c, d, ..] = *ClaimId::random().as_bytes();
        let start = u32::from_le_bytes([a, b, c, d]);
        format!("{host}/{}/{start:08x}", std::process::id()).into()
    });
    holder.clone()
}
