//! Peeking at results: a statement of few columns, for steps whose claims are likely to be hits.

use sqlx::mysql::MySql;

use super::super::coalesce::Limits;
use super::super::hits::{Peek, Peeked};
use super::super::sql::{BySize, Fields, Lender, in_order};
use super::StoreError;
use super::error::store_error;
use super::look::{self, of_keys};
use crate::key::CacheKey;

pub(super) const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    ..look::LIMITS
};

/// How they are sent.
pub(super) struct Peeks {
    pub(super) pool: Lender<MySql>,
    pub(super) sql: BySize,
}

impl Peek for Peeks {
    async fn peek(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
        let peek = of_keys(&self.sql, keys);
        let rows = peek.fetch(&self.pool).await.map_err(store_error)?;
        in_order(&rows, keys, |it| it, |row| Fields(row).peeked())
    }
}
