//! A part of the rows, under one lock.

mod copies;
mod entry;
mod preview;
mod room;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::super::row::{Decision, LOST, REJECTED, cut};
use super::super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Completion, Failure, RowStatus, StoreError, Stored, Write,
};
use super::{BuildKeyHasher, micros};
use crate::key::CacheKey;

pub(super) use copies::Copied;
use entry::Entry;

/// The lease of a row that was given back: over since ever, by which a claim that is given back twice is known.
const RELEASED: i64 = i64::MIN;

pub(super) struct Shard {
    rows: HashMap<CacheKey, Entry, BuildKeyHasher>,
    max_rows: usize,
    /// The rows that may be evicted, in the order of their recording, by key and fence: results and failures of steps
    /// that may be repeated. It may name rows that have changed since; they are passed over.
    evictable: VecDeque<(CacheKey, i64)>,
}

impl Shard {
    pub(super) fn new(max_rows: usize) -> Self {
        Self {
            rows: HashMap::default(),
            max_rows,
            evictable: VecDeque::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.evictable.clear();
    }

    /// The clock is read only where it counts: a hit that never expires does without.
    pub(super) fn claim(
        &mut self,
        request: &ClaimRequest,
        now: impl Fn() -> i64,
        next_fence: impl Fn() -> i64,
    ) -> Result<ClaimOutcome, StoreError> {
        let Some(entry) = self.rows.get_mut(&request.call.key) else {
            let now = now();
            self.make_room(now)?;
            let (key, entry) = Entry::new(request, next_fence(), now);
            let claimed = entry.claimed();
            self.rows.insert(key, entry);
            return Ok(ClaimOutcome::Claimed(claimed));
        };
        let row = &entry.row;
        let is_timeless = row.status == RowStatus::Succeeded && row.expires_at.is_none();
        let now = if is_timeless && !request.replace {
            0
        } else {
            now()
        };
        let stale_by = row.stale_by(request, now, request.stale.map(micros));
        let stale = stale_by.and_then(|by| {
            let by = Duration::from_micros(by.unsigned_abs());
            Some((entry.value.clone()?, by))
        });
        let outcome = match row.decide(request, now) {
            Decision::Hit => match &entry.value {
                Some(value) => ClaimOutcome::Hit(Stored {
                    expires_in: row
                        .expires_at
                        .map(|at| Duration::from_micros((at - now).max(0).unsigned_abs())),
                    ..value.clone()
                }),
                None => return Err(StoreError::refused("a succeeded row has lost its value")),
            },
            Decision::Mine => {
                entry.row.lease_until = Some(now + micros(request.lease));
                ClaimOutcome::Claimed(entry.claimed())
            }
            Decision::Take(takeover) => {
                entry.take(request, takeover, next_fence(), now, stale.is_some());
                ClaimOutcome::Claimed(entry.claimed())
            }
            settled => entry.seen(now).outcome(settled),
        };
        Ok(outcome.or_stale(stale))
    }

    pub(super) fn complete(
        &mut self,
        claim: &ClaimRef,
        completion: &Completion,
        now: i64,
    ) -> Write {
        let Some(entry) = self.held(claim) else {
            return Write::Fenced;
        };
        match entry.row.status {
            RowStatus::Failed => return Write::Fenced,
            // The first record stands; this is its repetition.
            RowStatus::Succeeded => return Write::Recorded,
            RowStatus::Running | RowStatus::Unknown => {}
        }
        entry.row.status = RowStatus::Succeeded;
        entry.row.lease_until = None;
        entry.row.retry_at = None;
        entry.row.expires_at = completion.ttl.map(|ttl| now + micros(ttl));
        entry.row.has_value = completion.value.bytes.is_some();
        entry.keep_until = completion.kept_for().map(|it| now + micros(it));
        entry.value = Some(completion.value.clone());
        entry.error = String::new();
        self.may_evict(claim);
        Write::Recorded
    }

    pub(super) fn fail(&mut self, claim: &ClaimRef, failure: &Failure, now: i64) -> Write {
        let Some(entry) = self.held(claim) else {
            return Write::Fenced;
        };
        let status = failure.row_status();
        match entry.row.status {
            same if same == status => return Write::Recorded,
            RowStatus::Running | RowStatus::Unknown => {}
            RowStatus::Succeeded | RowStatus::Failed => return Write::Fenced,
        }
        entry.row.status = status;
        entry.row.lease_until = None;
        entry.row.starts = 0;
        entry.row.is_rejected = failure.code == REJECTED;
        entry.row.retry_at = Some(now + micros(failure.retry_in));
        // A value that may be used although it has expired keeps its times.
        if entry.keep_until.is_none_or(|at| at <= now) {
            entry.row.has_value = false;
            entry.value = None;
            entry.row.expires_at = failure.kept_for().map(|it| now + micros(it));
            entry.keep_until = entry.row.expires_at;
        }
        entry.error = cut(&failure.error).to_owned();
        self.may_evict(claim);
        Write::Recorded
    }

    pub(super) fn renew(&mut self, claim: &ClaimRef, lease_until: i64) -> bool {
        match self.held(claim) {
            Some(entry) if entry.row.status == RowStatus::Running => {
                entry.row.lease_until = Some(lease_until);
                true
            }
            _ => false,
        }
    }

    pub(super) fn release(&mut self, claim: &ClaimRef) {
        let Some(entry) = self.held(claim) else {
            return;
        };
        let row = &mut entry.row;
        let is_held = row.status == RowStatus::Running && row.lease_until != Some(RELEASED);
        // Its holder is there after all, and says that nothing was started.
        let is_marked = row.status == RowStatus::Unknown && entry.error == LOST;
        if !is_held && !is_marked {
            return;
        }
        if row.attempt == 1 && !row.has_value {
            self.rows.remove(&claim.key);
            return;
        }
        if row.attempt == 1 {
            // Its value is there, and has expired.
            row.status = RowStatus::Succeeded;
            row.lease_until = None;
            entry.error = String::new();
            self.may_evict(claim);
            return;
        }
        row.status = RowStatus::Running;
        row.lease_until = Some(RELEASED);
        row.starts -= 1;
        entry.error = String::new();
    }

    pub(super) fn mark_lost(&mut self, key: &CacheKey, fence: i64, now: i64) {
        let Some(entry) = self.rows.get_mut(key) else {
            return;
        };
        let row = &mut entry.row;
        let has_lapsed = row.lease_until.is_some_and(|until| until <= now);
        if row.status == RowStatus::Running && row.fence == fence && has_lapsed {
            row.status = RowStatus::Unknown;
            row.lease_until = None;
            entry.error = LOST.to_owned();
        }
    }

    pub(super) fn purge(&mut self, limit: usize, now: i64) -> usize {
        let expired = self.rows.iter().filter(|(_, it)| it.is_over(now));
        let keys: Vec<CacheKey> = expired.map(|(key, _)| *key).take(limit).collect();
        for key in &keys {
            self.rows.remove(key);
        }
        keys.len()
    }

    fn held(&mut self, claim: &ClaimRef) -> Option<&mut Entry> {
        let entry = self.rows.get_mut(&claim.key)?;
        let is_held = entry.row.claim_id == claim.claim_id && entry.row.fence == claim.fence;
        is_held.then_some(entry)
    }
}
