//! What is told to `tracing`. The names are stable; values, inputs and claims are never told. The words of the store are told,
//! those of a step are not: they may hold what the step was given.

use std::error::Error as StdError;

use tracing::{debug, error, info, warn};

use crate::error::{Error, words};
use crate::store::{Call, ClaimRef, StoreError};

use super::Job;
use super::keeper::Inner;

/// A `free` step runs, or ran, and the store knows nothing of it.
pub(super) fn unrecorded(keeper: &Inner, job: &Job, error: &(dyn StdError + 'static)) {
    keeper.counters.unrecorded.add();
    warn!(
        name: "docket.persist.unrecorded",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, error = of_the_store(error),
        "the store is not used for this run"
    );
}

/// A run was not recorded yet; it is tried again.
pub(super) fn record_delayed(keeper: &Inner, job: &Job, tries: u32, error: &StoreError) {
    keeper.counters.record_retries.add();
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
    keeper.counters.fenced.add();
    error!(
        name: "docket.persist.duplicate_effect_possible",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, fence,
        "the row of this run was taken over or deleted while it ran: its effect may have taken place twice"
    );
}

/// The value of a row can't be decoded.
pub(super) fn undecodable(keeper: &Inner, job: &Job, runs_again: bool) {
    keeper.counters.undecodable.add();
    warn!(
        name: "docket.persist.undecodable",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, runs_again,
        "the recorded value can't be decoded"
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

/// A holder was lost, and the row does not say so yet.
pub(super) fn not_marked(call: &Call, error: &StoreError) {
    debug!(
        name: "docket.persist.not_marked",
        step = call.step_name, execution_id = &*call.execution_id, key = ?call.key, error = chain(error),
        "the status of this row stays `running`, although its process was lost"
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
pub(super) fn heartbeat_failed(keeper: &Inner, claims: usize, error: &StoreError) {
    keeper.counters.heartbeats_missed.add();
    warn!(
        name: "docket.persist.heartbeat_failed",
        claims, error = chain(error),
        "the leases of this process were not renewed"
    );
}

/// A run is recorded whose row had been taken for lost.
pub(super) fn healed(keeper: &Inner, job: &Job, fence: i64) {
    keeper.counters.healed.add();
    warn!(
        name: "docket.persist.healed",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, fence,
        "this run was taken for lost, and is recorded all the same: nobody had taken its row over"
    );
}

/// It was found out how a lost run ended.
pub(super) fn reconciled(keeper: &Inner, job: &Job, is_applied: bool) {
    keeper.counters.reconciled.add();
    info!(
        name: "docket.persist.reconciled",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, is_applied,
        "it was found out what became of a run that was lost"
    );
}

/// It was not found out how a lost run ended.
pub(super) fn still_unknown(job: &Job) {
    warn!(
        name: "docket.persist.still_unknown",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key,
        "nobody knows what became of a run that was lost"
    );
}

/// What a step wrote beside its result is too large.
pub(super) fn annotations_dropped(job: &Job, dropped: u64) {
    warn!(
        name: "docket.persist.annotations_dropped",
        step = job.step_name, execution_id = &*job.execution_id, key = ?job.key, dropped,
        "the annotations of this run are too large, and not all are kept"
    );
}

/// The words of the store. Of an error that we make of what stands in a row, only the kind: its words may be those of a step
/// that failed, and its source may be an error of the code that decodes a value, which has the value at hand.
fn of_the_store(error: &(dyn StdError + 'static)) -> String {
    match error.downcast_ref::<Error>() {
        Some(ours) => format!("{:?}", ours.kind()),
        None => chain(error),
    }
}

/// The words of an error and all its causes.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    words(error).collect::<Vec<_>>().join(": ")
}
