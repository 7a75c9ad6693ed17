//! Peeking at results: a statement of few columns, for steps whose claims are likely to be hits. Those of many callers are one.
//!
//! A statement costs two changes of the thread, which take longer than to find a row; and each column costs an allocation.

use std::time::Duration;

use sqlx::{SqlStr, Sqlite, query};

use super::StoreError;
use super::error::store_error;
use super::statements::{SIZES, Statements};
use crate::key::CacheKey;
use crate::store::coalesce::{Batch, Limits};
use crate::store::hits::Peeked;
use crate::store::sql::{Fields, Lender, in_order};

/// More than two readers at once leave no time for anything else, on the machines that SQLite is used on.
pub(super) const LIMITS: Limits = Limits {
    lanes: 2,
    operations: SIZES[SIZES.len() - 1],
    bytes: usize::MAX,
    patience: Some(Duration::from_secs(15)),
};

/// How they are sent.
pub(super) struct Peeks {
    reads: Lender<Sqlite>,
    one: SqlStr,
    /// For so many as [`SIZES`] says.
    many: [SqlStr; SIZES.len()],
}

impl Peeks {
    pub(super) fn new(reads: Lender<Sqlite>, sql: &Statements) -> Self {
        Self {
            reads,
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
        let fits = SIZES.iter().zip(&self.many).find(|it| *it.0 >= keys.len());
        let (size, sql) = match fits {
            Some((size, sql)) if keys.len() > 1 => (*size, sql),
            _ => (keys.len(), &self.one),
        };
        // What is left over is the last one once more.
        let padding = std::iter::repeat_n(keys.last(), size - keys.len());
        let padded = keys.iter().chain(padding.flatten());
        let peek = padded.fold(query(sql.clone()), |peek, key| peek.bind(&key.0[..]));
        let mut lent = self.reads.lend().await.map_err(store_error)?;
        let rows = peek.fetch_all(&mut *lent).await;
        lent.end(&rows);
        in_order(&rows.map_err(store_error)?, keys, Self::key, |row| {
            Fields(row).peeked()
        })
    }
}
