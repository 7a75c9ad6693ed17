//! Peeking at results: a statement of few columns, for steps whose claims are likely to be hits. Those of many callers are one.
//!
//! A statement costs two changes of the thread, which take longer than to find a row; and each column costs an allocation.

use std::time::Duration;

use sqlx::{Sqlite, query};

use super::StoreError;
use super::error::store_error;
use super::statements::SIZES;
use crate::key::CacheKey;
use crate::store::coalesce::Limits;
use crate::store::hits::{Peek, Peeked};
use crate::store::sql::{BySize, Fields, Lender, in_order, padded};

/// More than two readers at once leave no time for anything else, on the machines that SQLite is used on.
pub(super) const LIMITS: Limits = Limits {
    lanes: 2,
    operations: SIZES[SIZES.len() - 1],
    bytes: 1 << 20,
    patience: Some(Duration::from_secs(15)),
};

/// How they are sent.
pub(super) struct Peeks {
    pub(super) reads: Lender<Sqlite>,
    pub(super) sql: BySize,
}

impl Peek for Peeks {
    async fn peek(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
        let (sql, size) = self.sql.of(keys.len());
        let peek = padded(keys, size).fold(query(sql.clone()), |peek, key| peek.bind(&key.0[..]));
        let mut lent = self.reads.lend().await.map_err(store_error)?;
        let rows = peek.fetch_all(&mut *lent).await;
        lent.end(&rows);
        in_order(
            &rows.map_err(store_error)?,
            keys,
            |key| key,
            |row| Fields(row).peeked(),
        )
    }
}
