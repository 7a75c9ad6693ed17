//! Making room: which rows may be evicted, and in what order.

use super::{Shard, StoreError};
use crate::key::CacheKey;
use crate::store::{ClaimRef, RowStatus};

impl Shard {
    /// Makes sure that one more row fits.
    pub(super) fn make_room(&mut self, now: i64) -> Result<(), StoreError> {
        while self.rows.len() >= self.max_rows {
            match self.evictable.pop_front() {
                Some((key, fence)) if self.is_evictable(&key, fence) => {
                    self.rows.remove(&key);
                }
                Some(_) => {}
                None if self.purge(usize::MAX, now) > 0 => {}
                None => {
                    return Err(StoreError::refused(
                        "the memory store is full of rows that must be kept; give it a greater capacity, or steps a `ttl`",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Puts a row that was just recorded at the end of the queue, if it may be evicted at all.
    pub(super) fn may_evict(&mut self, claim: &ClaimRef) {
        if self.is_evictable(&claim.key, claim.fence) {
            self.evictable.push_back((claim.key, claim.fence));
            self.tidy();
        }
    }

    pub(super) fn is_evictable(&self, key: &CacheKey, fence: i64) -> bool {
        self.rows.get(key).is_some_and(|entry| {
            let is_over = matches!(entry.row.status, RowStatus::Succeeded | RowStatus::Failed);
            is_over && entry.row.fence == fence && !entry.row.repeat_never
        })
    }

    /// Drops what is out of date from the queue once that is more than half of it.
    pub(super) fn tidy(&mut self) {
        if self.evictable.len() <= 2 * self.rows.len() + 16 {
            return;
        }
        let mut queue = std::mem::take(&mut self.evictable);
        queue.retain(|(key, fence)| self.is_evictable(key, *fence));
        self.evictable = queue;
    }
}
