//! Peeking at results: a statement that only reads, for steps whose claims are likely to be hits.
//!
//! The statement of a claim has to be ready to write, which takes the server longer than to find the row.

use sqlx::postgres::Postgres;
use sqlx::query;

use super::super::hits::{Peek, Peeked};
use super::super::sql::{Fields, Lender, in_order};
use super::StoreError;
use super::error::store_error;
use super::lent::fetch;
use super::statements::Pair;
use crate::key::CacheKey;

pub(super) const PEEK: &str = "
SELECT input_hash, codec, value, date_part('epoch', expires_at - clock_timestamp()), cache_key
  FROM {table}
 WHERE status = 'succeeded' AND (expires_at IS NULL OR expires_at > clock_timestamp())";
/// Goes to its end, for one row or for many.
pub(super) const ONE_ROW: &str = " AND cache_key = $1";
pub(super) const ROWS: &str = " AND cache_key = ANY ($1)";

/// How they are sent.
pub(super) struct Peeks {
    pub(super) pool: Lender<Postgres>,
    pub(super) sql: Pair,
}

impl Peek for Peeks {
    async fn peek(&self, keys: &[CacheKey]) -> Result<Vec<Option<Peeked>>, StoreError> {
        let query = query(self.sql.of(keys.len()));
        let query = match keys {
            [key] => query.bind(&key.0[..]),
            _ => query.bind(keys.iter().map(|it| &it.0[..]).collect::<Vec<_>>()),
        };
        let rows = fetch(&self.pool, query).await.map_err(store_error)?;
        in_order(&rows, keys, |it| it, |row| Fields(row).peeked())
    }
}
