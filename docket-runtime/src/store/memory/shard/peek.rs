//! Looking without claiming.

use super::Shard;
use crate::store::peek::Seen;
use crate::store::{ClaimRequest, Peek};

impl Shard {
    pub(in crate::store::memory) fn peek(&self, request: &ClaimRequest, now: i64) -> Peek {
        let found = self.rows.get(&request.call.key).map(|entry| Seen {
            row: entry.row,
            now,
            micros: 1,
            holder: entry.holder.to_string(),
            stored: entry.value.clone(),
            error: entry.error.clone(),
        });
        Peek::of(found, request)
    }
}
