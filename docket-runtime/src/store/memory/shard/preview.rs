//! Looking without claiming.

use super::{Entry, Shard};
use crate::store::seen::Seen;
use crate::store::{ClaimRequest, Preview};

impl Shard {
    pub(in crate::store::memory) fn preview(&self, request: &ClaimRequest, now: i64) -> Preview {
        let found = self.rows.get(&request.call.key);
        Preview::of(found.map(|entry| entry.seen(now)), request)
    }
}

impl Entry {
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
