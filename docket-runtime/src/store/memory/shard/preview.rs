//! Looking without claiming.

use super::Shard;
use crate::store::preview::Seen;
use crate::store::{ClaimRequest, Preview};

impl Shard {
    pub(in crate::store::memory) fn preview(&self, request: &ClaimRequest, now: i64) -> Preview {
        let found = self.rows.get(&request.call.key).map(|entry| Seen {
            row: entry.row,
            now,
            micros: 1,
            holder: entry.holder.to_string(),
            stored: entry.value.clone(),
            error: entry.error.clone(),
        });
        Preview::of(found, request)
    }
}
