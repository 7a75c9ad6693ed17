//! Copies of results that another store has, which [`Tiered`](crate::store::Tiered) keeps near at hand. A copy is a row that
//! has succeeded, may be evicted, and expires.

use super::{Entry, RowStatus, Shard};
use crate::key::{CacheKey, InputHash};
use crate::store::row::Row;
use crate::store::{ClaimId, Stored};

impl Shard {
    /// The copy for these inputs, and when it expires.
    pub(in crate::store::memory) fn copy_of(
        &self,
        key: &CacheKey,
        input_hash: &InputHash,
    ) -> Option<(Stored, i64)> {
        let entry = self.rows.get(key).filter(|it| it.is_copy())?;
        let is_of_these = entry.row.input_hash == *input_hash;
        let expires_at = entry.row.expires_at.filter(|_| is_of_these)?;
        Some((entry.value.clone()?, expires_at))
    }

    /// Of no effect where there is a row of another kind, or no room.
    pub(in crate::store::memory) fn put_copy(
        &mut self,
        key: CacheKey,
        copy: Copied,
        fence: i64,
        now: i64,
    ) {
        let found = self.rows.get(&key).map(Entry::is_copy);
        let has_place = found.unwrap_or_else(|| self.make_room(now).is_ok());
        if !has_place {
            return;
        }
        self.rows.insert(key, Entry::of_copy(copy, fence));
        self.evictable.push_back((key, fence));
        self.tidy();
    }

    pub(in crate::store::memory) fn drop_copy(&mut self, key: &CacheKey) {
        if self.rows.get(key).is_some_and(Entry::is_copy) {
            self.rows.remove(key);
        }
    }
}

/// What a copy is made of.
pub(in crate::store::memory) struct Copied {
    pub(in crate::store::memory) input_hash: InputHash,
    pub(in crate::store::memory) value: Stored,
    pub(in crate::store::memory) expires_at: i64,
}

impl Entry {
    fn of_copy(copy: Copied, fence: i64) -> Self {
        let Copied {
            input_hash,
            value,
            expires_at,
        } = copy;
        Self {
            row: Row {
                status: RowStatus::Succeeded,
                // Nobody holds it.
                claim_id: ClaimId::from([0; 16]),
                fence,
                attempt: 1,
                generation: 0,
                starts: 1,
                input_hash,
                repeat_never: false,
                is_rejected: false,
                lease_until: None,
                retry_at: None,
                expires_at: Some(expires_at),
                has_value: true,
            },
            holder: "".into(),
            value: Some(value),
            keep_until: None,
            error: String::new(),
        }
    }

    fn is_copy(&self) -> bool {
        self.row.status == RowStatus::Succeeded && !self.row.repeat_never
    }
}
