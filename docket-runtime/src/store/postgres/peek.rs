//! Peeking at results: a statement that only reads, for steps whose claims are likely to be hits.
//!
//! The statement of a claim has to be ready to write, which takes the server longer than to find the row.

use std::time::Duration;

use sqlx::postgres::{PgRow, Postgres};
use sqlx::{Row as _, query};

use super::super::coalesce::Batch;
use super::super::hits::Seen;
use super::super::lender::Lender;
use super::StoreError;
use super::claim::not_ours;
use super::error::store_error;
use super::lent::fetch;
use super::statements::Pair;
use crate::key::{CacheKey, InputHash};
use crate::store::Stored;

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

impl Batch for Peeks {
    type Operation = CacheKey;
    /// `None` where there is no result, or it has expired.
    type Answer = Option<Seen>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(_: &CacheKey) -> usize {
        0
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Seen>>, StoreError> {
        let query = query(self.sql.of(keys.len()));
        let query = match keys {
            [key] => query.bind(&key.0[..]),
            _ => query.bind(keys.iter().map(|it| &it.0[..]).collect::<Vec<_>>()),
        };
        let rows = fetch(&self.pool, query).await.map_err(store_error)?;
        let mut answers: Vec<Option<Seen>> = keys.iter().map(|_| None).collect();
        for row in &rows {
            let key = fixed(row, 4).map_err(not_ours)?;
            // They are ordered by key.
            if let Ok(at) = keys.binary_search_by(|it| it.0.cmp(&key)) {
                answers[at] = Some(read(row).map_err(not_ours)?);
            }
        }
        Ok(answers)
    }
}

fn read(row: &PgRow) -> Result<Seen, sqlx::Error> {
    let codec: Option<i16> = row.try_get(1)?;
    let bytes: Option<&[u8]> = row.try_get(2)?;
    let remaining: Option<f64> = row.try_get(3)?;
    Ok(Seen {
        input_hash: InputHash(fixed(row, 0)?),
        stored: Stored {
            bytes: bytes.map(Into::into),
            codec: codec.unwrap_or_default(),
            shared: None,
            expires_in: remaining.map(|it| Duration::try_from_secs_f64(it).unwrap_or_default()),
        },
    })
}

/// Columns by their place: to find one by its name takes longer than to read it.
fn fixed<const N: usize>(row: &PgRow, column: usize) -> Result<[u8; N], sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode(format!("column {column} is not of {N} bytes").into()))
}
