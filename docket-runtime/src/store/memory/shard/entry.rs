//! [`Entry`]: a row in memory.

use std::sync::Arc;

use super::super::micros;
use crate::key::CacheKey;
use crate::store::row::{Row, Takeover};
use crate::store::seen::Seen;
use crate::store::{ClaimRequest, Claimed, RowStatus, Stored};

pub(super) struct Entry {
    pub(super) row: Row,
    pub(super) holder: Arc<str>,
    /// Of a row that has succeeded; or one that has expired, of a row that is to get another.
    pub(super) value: Option<Stored>,
    /// Until when a value that has expired is kept.
    pub(super) keep_until: Option<i64>,
    pub(super) error: String,
}

impl Entry {
    pub(super) fn new(request: &ClaimRequest, fence: i64, now: i64) -> (CacheKey, Self) {
        let row = Row {
            status: RowStatus::Running,
            claim_id: request.claim_id,
            fence,
            attempt: 1,
            generation: 0,
            starts: 1,
            input_hash: request.call.input_hash,
            repeat_never: !request.repeat_lost,
            is_rejected: false,
            lease_until: Some(now + micros(request.lease)),
            retry_at: None,
            expires_at: None,
            has_value: false,
        };
        let entry = Self {
            row,
            holder: request.holder.clone(),
            value: None,
            keep_until: None,
            error: String::new(),
        };
        (request.call.key, entry)
    }

    /// `keeps` says whether its value stays.
    pub(super) fn take(
        &mut self,
        request: &ClaimRequest,
        takeover: Takeover,
        fence: i64,
        now: i64,
        keeps: bool,
    ) {
        let Takeover {
            attempt,
            generation,
            starts,
            repeat_never,
            is_new: _,
        } = takeover;
        let (_, new) = Self::new(request, fence.max(self.row.fence + 1), now);
        let old = std::mem::replace(self, new);
        if keeps {
            self.row.expires_at = old.row.expires_at;
            self.row.has_value = true;
            self.value = old.value;
            self.keep_until = old.keep_until;
        }
        self.row.attempt = attempt;
        self.row.generation = generation;
        self.row.starts = starts;
        self.row.repeat_never = repeat_never;
    }

    /// Whether it has expired, and nobody has any more use for it.
    pub(super) fn is_over(&self, now: i64) -> bool {
        self.row.has_expired(now) && self.keep_until.is_none_or(|at| at <= now)
    }

    pub(super) fn claimed(&self) -> Claimed {
        Claimed {
            fence: self.row.fence,
            attempt: self.row.attempt,
            generation: self.row.generation,
            starts: self.row.starts,
        }
    }

    pub(super) fn seen(&self, now: i64) -> Seen {
        Seen {
            row: self.row,
            now,
            micros: 1,
            holder: self.holder.to_string(),
            stored: self.value.clone(),
            error: self.error.clone(),
        }
    }
}
