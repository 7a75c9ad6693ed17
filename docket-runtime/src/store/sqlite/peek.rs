//! Peeking at results: a statement of few columns, for steps whose claims are likely to be hits. Those of many callers are one.
//!
//! A statement costs two changes of the thread, which take longer than to find a row; and each column costs an allocation.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlStr, Sqlite, query};

use super::StoreError;
use super::claim::not_ours;
use super::error::store_error;
use super::statements::{SIZES, Statements};
use crate::key::{CacheKey, InputHash};
use crate::store::Stored;
use crate::store::coalesce::{Batch, Limits};
use crate::store::hits::Seen;
use crate::store::lender::Lender;

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
    type Answer = Option<Seen>;

    fn key(key: &CacheKey) -> &CacheKey {
        key
    }

    fn size(_: &CacheKey) -> usize {
        0
    }

    async fn send(&self, keys: &[CacheKey]) -> Result<Vec<Option<Seen>>, StoreError> {
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
        let mut answers: Vec<Option<Seen>> = keys.iter().map(|_| None).collect();
        for row in rows.map_err(store_error)? {
            let key = fixed(&row, 4).map_err(not_ours)?;
            // They are ordered by key.
            if let Ok(at) = keys.binary_search_by(|it| it.0.cmp(&key)) {
                answers[at] = Some(read(&row).map_err(not_ours)?);
            }
        }
        Ok(answers)
    }
}

fn read(row: &SqliteRow) -> Result<Seen, sqlx::Error> {
    let codec: Option<i16> = row.try_get(1)?;
    let bytes: Option<&[u8]> = row.try_get(2)?;
    let remaining: Option<i64> = row.try_get(3)?;
    Ok(Seen {
        input_hash: InputHash(fixed(row, 0)?),
        stored: Stored {
            bytes: bytes.map(Into::into),
            codec: codec.unwrap_or_default(),
            shared: None,
            expires_in: remaining.map(|it| Duration::from_millis(it.max(0).unsigned_abs())),
        },
    })
}

/// Columns by their place: to find one by its name takes longer than to read it.
fn fixed<const N: usize>(row: &SqliteRow, column: usize) -> Result<[u8; N], sqlx::Error> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode(format!("column {column} is not of {N} bytes").into()))
}
