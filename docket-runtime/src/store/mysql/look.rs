//! Looking at rows: those that are asked for at the same time are one statement.

use std::time::Duration;

use sqlx::SqlStr;
use sqlx::mysql::MySql;

use super::super::coalesce::{Batch, Limits};
use super::super::seen::Seen;
use super::super::sql::{Fields, Lender, in_order};
use super::StoreError;
use super::error::store_error;
use super::send::Bound;
use super::statements::{SIZES, Statements};
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
    pool: Lender<MySql>,
    one: SqlStr,
    /// For so many as [`SIZES`] says.
    many: [SqlStr; SIZES.len()],
}

impl Looks {
    pub(super) fn new(pool: Lender<MySql>, sql: &Statements) -> Self {
        Self {
            pool,
            one: sql.find.clone(),
            many: sql.find_many.clone(),
        }
    }
}

impl Batch for Looks {
    type Operation = CacheKey;
    type Answer = Option<Seen>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(_: &CacheKey) -> usize {
        0
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Seen>>, StoreError> {
        let find = padded(keys, &self.one, &self.many);
        let rows = find.fetch(&self.pool).await.map_err(store_error)?;
        in_order(&rows, keys, Self::key, |row| {
            let row = Fields(row);
            Ok((row.fixed("cache_key")?, row.seen()?))
        })
    }
}

/// The statement for so many keys, with their values.
pub(super) fn padded(keys: &[CacheKey], one: &SqlStr, many: &[SqlStr; SIZES.len()]) -> Bound {
    let fits = SIZES.iter().zip(many).find(|it| *it.0 >= keys.len());
    let (size, sql) = match fits {
        Some((size, sql)) if keys.len() > 1 => (*size, sql),
        _ => (keys.len(), one),
    };
    // What is left over is the last one once more.
    let padding = std::iter::repeat_n(keys.last(), size - keys.len());
    let keys = keys.iter().chain(padding.flatten());
    keys.fold(Bound::new(sql), |bound, key| bound.bind(&key.0[..]))
}
