//! Peeking at results: a statement of few columns, for steps whose claims are likely to be hits.

use sqlx::SqlStr;
use sqlx::mysql::MySql;

use super::super::coalesce::Batch;
use super::super::hits::Peeked;
use super::super::sql::{Fields, Lender, in_order};
use super::StoreError;
use super::error::store_error;
use super::look::padded;
use super::statements::{SIZES, Statements};
use crate::key::CacheKey;

/// How they are sent.
pub(super) struct Peeks {
    pool: Lender<MySql>,
    one: SqlStr,
    /// For so many as [`SIZES`] says.
    many: [SqlStr; SIZES.len()],
}

impl Peeks {
    pub(super) fn new(pool: Lender<MySql>, sql: &Statements) -> Self {
        Self {
            pool,
            one: sql.peek.clone(),
            many: sql.peek_many.clone(),
        }
    }
}

impl Batch for Peeks {
    type Operation = CacheKey;
    /// `None` where there is no result, or it has expired.
    type Answer = Option<Peeked>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(_: &CacheKey) -> usize {
        0
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
        let peek = padded(keys, &self.one, &self.many);
        let rows = peek.fetch(&self.pool).await.map_err(store_error)?;
        in_order(&rows, keys, Self::key, |row| Fields(row).peeked())
    }
}
