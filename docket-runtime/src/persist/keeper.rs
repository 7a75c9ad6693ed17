//! [`Keeper`]: a store, and what this process is doing with it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::store::{AnyStore, Call, ClaimId, ClaimRequest, Durability, Store as _};

use super::counts::{Counters, Counts};
use super::flight::Flights;
use super::heartbeat::Live;
use super::patience::Heard;
use super::shutdown::Gate;
use super::{Job, Repeat, Settings};
use crate::observe::{Observers, ObserversBuilder};

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
    pub(super) settings: Settings,
    /// Whether the store is in this process, so that its answer is there at once.
    pub(super) is_local: bool,
    pub(super) flights: Flights,
    pub(super) gate: Gate,
    pub(super) heard: Heard,
    pub(super) live: Live,
    pub(super) counters: Counters,
    pub(super) observers: Observers,
}

impl Keeper {
    /// A keeper of `store` for a graph of this namespace.
    pub fn new(store: AnyStore, namespace: Arc<str>, settings: Settings) -> Self {
        let nobody = ObserversBuilder::default().build(&[]);
        Self::observed(store, namespace, settings, nobody)
    }

    /// One of a graph that `observers` observe.
    pub(crate) fn observed(
        store: AnyStore,
        namespace: Arc<str>,
        settings: Settings,
        observers: Observers,
    ) -> Self {
        let is_local = store.durability() == Durability::Process;
        Self {
            inner: Arc::new(Inner {
                store,
                namespace,
                settings: settings.bounded(),
                is_local,
                flights: Flights::default(),
                gate: Gate::default(),
                heard: Heard::default(),
                live: Live::default(),
                counters: Counters::default(),
                observers,
            }),
        }
    }

    /// The store.
    pub fn store(&self) -> &AnyStore {
        &self.inner.store
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.inner.counters.read()
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
            stale,
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
            lease: self.inner.settings.lease,
            retry_failed: job.repeat.retries_failed(),
            repeat_lost: job.repeat.repeats_lost(),
            replace: false,
            reconcile: false,
            max_attempts: self.inner.settings.max_attempts,
            is_cache: job.repeat == Repeat::Free,
            stale: stale.filter(|_| job.repeat == Repeat::Free),
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("store", &self.inner.store)
            .field("namespace", &self.inner.namespace)
            .field("settings", &self.inner.settings)
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
