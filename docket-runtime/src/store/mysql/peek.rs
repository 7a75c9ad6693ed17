//! Peeking at results: a statement of few columns, for steps whose claims are likely to be hits.

use std::time::Duration;

use sqlx::mysql::{MySql, MySqlRow};
use sqlx::{Row as _, SqlStr};

use super::super::coalesce::Batch;
use super::super::hits::Seen;
use super::super::lender::Lender;
use super::StoreError;
use super::error::store_error;
use super::found::not_ours;
use super::look::padded;
use super::statements::{SIZES, Statements};
use crate::key::{CacheKey, InputHash};
use crate::store::Stored;

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
    type Answer = Option<Seen>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(_: &CacheKey) -> usize {
        0
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Seen>>, StoreError> {
        let peek = padded(keys, &self.one, &self.many);
        let rows = peek.fetch(&self.pool).await.map_err(store_error)?;
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

fn read(row: &MySqlRow) -> Result<Seen, sqlx::Error> {
    let codec: Option<i16> = row.try_get(1)?;
    let bytes: Option<&[u8]> = row.try_get(2)?;
    let remaining: Option<i64> = row.try_get(3)?;
    Ok(Seen {
        input_hash: InputHash(fixed(row, 0)?),
        stored: Stored {
            bytes: bytes.map(Into::into),
            codec: codec.unwrap_or_default(),
            shared: None,
            expires_in: remaining.map(|it| Duration::from_micros(it.max(0).unsigned_abs())),
        },
    })
}

/// Columns by their place: to find one by its name takes longer than to read it.
fn fixed<const N: usize>(row: &MySqlRow, column: usize) -> Result<[u8; N], sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode(format!("column {column} is not of {N} bytes").into()))
}
