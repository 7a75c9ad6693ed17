//! What is told to `tracing`. The names are stable; values, inputs and claims are never told.

use std::error::Error;
use std::sync::atomic::Ordering;

use tracing::{debug, error, warn};

use crate::store::{ClaimRef, StoreError};

use super::Job;
use super::keeper::Inner;

/// A `free` step runs, or ran, and the store knows nothing of it.
pub(super) fn unrecorded(keeper: &Inner, job: &Job, error: &(dyn Error + 'static)) {
    keeper.unrecorded.fetch_add(1, Ordering::Relaxed);
    warn!(
        name: "docket.persist.unrecorded",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, error = chain(error),
        "the store is not used for this run"
    );
}

/// A run was not recorded yet; it is tried again.
pub(super) fn record_delayed(job: &Job, tries: u32, error: &StoreError) {
    warn!(
        name: "docket.persist.record_delayed",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, tries, error = chain(error),
        "the end of this run is not recorded yet"
    );
}

/// A run will not be recorded.
pub(super) fn record_refused(job: &Job, error: &StoreError) {
    error!(
        name: "docket.persist.record_refused",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, error = chain(error),
        "the store refuses to record the end of this run"
    );
}

/// A run found its row in other hands at the end.
pub(super) fn fenced(keeper: &Inner, job: &Job, fence: i64) {
    keeper.fenced.fetch_add(1, Ordering::Relaxed);
    error!(
        name: "docket.persist.duplicate_effect_possible",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, fence,
        "the row of this run was taken over or deleted while it ran: its effect may have taken place twice"
    );
}

/// A row is run anew because its value can't be decoded.
pub(super) fn undecodable(job: &Job) {
    warn!(
        name: "docket.persist.undecodable",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key,
        "the recorded value can't be decoded; the step runs again"
    );
}

/// Nobody waits any more for a claim that was just won.
pub(super) fn deserted(job: &Job) {
    debug!(
        name: "docket.persist.deserted",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key,
        "every caller left before the step started, so it does not start"
    );
}

/// A claim is no longer held although its step runs.
pub(super) fn claim_lost(step: &'static str, claim: &ClaimRef) {
    warn!(
        name: "docket.persist.claim_lost",
        step, key = ?claim.key, fence = claim.fence,
        "the row of this run is no longer held; whether its result counts is decided when it ends"
    );
}

/// The heartbeat did not reach the store.
pub(super) fn heartbeat_failed(claims: usize, error: &StoreError) {
    warn!(
        name: "docket.persist.heartbeat_failed",
        claims, error = chain(error),
        "the leases of this process were not renewed"
    );
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}
