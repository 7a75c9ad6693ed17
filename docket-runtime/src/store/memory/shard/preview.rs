//! Looking without claiming.

use super::Shard;
use crate::store::{ClaimRequest, Preview};

impl Shard {
    pub(in crate::store::memory) fn preview(&self, request: &ClaimRequest, now: i64) -> Preview {
        let found = self.rows.get(&request.call.key);
        Preview::of(found.map(|entry| entry.seen(now)), request)
    }
}
