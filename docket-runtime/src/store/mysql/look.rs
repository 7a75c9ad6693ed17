//! Looking at rows: those that are asked for at the same time are one statement.

use std::time::Duration;

use sqlx::mysql::MySql;

use super::super::coalesce::{Batch, Limits};
use super::super::seen::Seen;
use super::super::sql::{BySize, Fields, Lender, in_order, padded};
use super::StoreError;
use super::error::store_error;
use super::send::Bound;
use super::statements::SIZES;
use crate::key::CacheKey;

/// More than a few connections would keep small statements from growing into one.
pub(super) const LIMITS: Limits = Limits {
    lanes: 4,
    operations: SIZES[SIZES.len() - 1],
    bytes: usize::MAX,
    patience: Some(Duration::from_secs(30)),
};

/// What sends them.
pub(super) struct Looks {
    pub(super) pool: Lender<MySql>,
    pub(super) sql: BySize,
}

impl Batch for Looks {
    type Operation = CacheKey;
    type Answer = Option<Seen>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(&self, _: &CacheKey) -> usize {
        0
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Seen>>, StoreError> {
        let find = of_keys(&self.sql, keys);
        let rows = find.fetch(&self.pool).await.map_err(store_error)?;
        in_order(&rows, keys, Self::key, |row| {
            let row = Fields(row);
            Ok((row.fixed("cache_key")?, row.seen()?))
        })
    }
}

/// The statement for `keys`, with them.
pub(super) fn of_keys(sql: &BySize, keys: &[CacheKey]) -> Bound {
    let (sql, size) = sql.of(keys.len());
    padded(keys, size).fold(Bound::new(sql), |bound, key| bound.bind(&key.0[..]))
}
