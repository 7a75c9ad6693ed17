//! [`Fields`]: a row of any of the databases, by the columns that their tables have in common.

use std::fmt::Display;
use std::time::Duration;

use sqlx::error::Error;
use sqlx::{ColumnIndex, Decode, Type};

use super::super::hits::Peeked;
use super::super::row::Row;
use super::super::seen::Seen;
use super::super::{ClaimId, RowStatus, RowView, Stored, Tally};
use crate::key::{CacheKey, InputHash};

/// What each database says in its own way.
pub(in crate::store) trait SqlRow: sqlx::Row {
    /// The unit of the times that a row is decided by, in microseconds.
    const MICROS: u64;

    /// A number that is a `u32` in the library.
    fn count(&self, column: &'static str) -> Result<u32, Error>;

    /// The time until something, or since; below zero it is zero.
    fn duration(&self, column: impl ColumnIndex<Self>) -> Result<Option<Duration>, Error>;
}

/// A row that a statement has returned.
pub(in crate::store) struct Fields<'r, R>(pub(in crate::store) &'r R);

impl<'r, R> Fields<'r, R>
where
    R: SqlRow,
    &'static str: ColumnIndex<R>,
    usize: ColumnIndex<R>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    i16: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    /// An identity of so many bytes.
    pub(in crate::store) fn fixed<const N: usize, I>(&self, column: I) -> Result<[u8; N], Error>
    where
        I: ColumnIndex<R> + Display + Copy,
    {
        let bytes: &[u8] = self.0.try_get(column)?;
        bytes
            .try_into()
            .map_err(|_| Error::Decode(format!("column `{column}` is not of {N} bytes").into()))
    }

    /// The row as a claim sees it.
    pub(in crate::store) fn seen(&self) -> Result<Seen, Error> {
        let row = self.0;
        let bytes: Option<&[u8]> = row.try_get("value")?;
        let codec: Option<i16> = row.try_get("codec")?;
        let error: Option<String> = row.try_get("error")?;
        Ok(Seen {
            row: Row {
                status: self.status()?,
                claim_id: ClaimId::from(self.fixed("claim_id")?),
                fence: row.try_get("fence")?,
                attempt: row.count("attempt")?,
                generation: row.count("generation")?,
                starts: row.count("starts")?,
                input_hash: InputHash(self.fixed("input_hash")?),
                repeat_never: row.try_get("repeat_never")?,
                is_rejected: row.try_get("is_rejected")?,
                lease_until: row.try_get("lease_until")?,
                retry_at: row.try_get("retry_at")?,
                expires_at: row.try_get("expires_at")?,
                has_value: bytes.is_some(),
            },
            now: row.try_get("now")?,
            micros: R::MICROS,
            holder: row.try_get("holder")?,
            stored: Some(Stored {
                bytes: bytes.map(Into::into),
                codec: codec.unwrap_or_default(),
                shared: None,
                expires_in: None,
            }),
            error: error.unwrap_or_default(),
        })
    }

    /// A key and a claim, which are the first two columns.
    pub(in crate::store) fn pair(&self) -> Result<(&'r [u8], &'r [u8]), Error> {
        Ok((self.0.try_get(0)?, self.0.try_get(1)?))
    }

    /// A result and its key: its hash of inputs, codec, value, what is left of its time, and the key, in this order. To find a
    /// column by its name takes longer than to read it.
    pub(in crate::store) fn peeked(&self) -> Result<([u8; 32], Peeked), Error> {
        let bytes: Option<&[u8]> = self.0.try_get(2)?;
        let codec: Option<i16> = self.0.try_get(1)?;
        let peeked = Peeked {
            input_hash: InputHash(self.fixed(0)?),
            stored: Stored {
                bytes: bytes.map(Into::into),
                codec: codec.unwrap_or_default(),
                shared: None,
                expires_in: self.0.duration(3)?,
            },
        };
        Ok((self.fixed(4)?, peeked))
    }

    /// The row as people see it, but for its value.
    pub(in crate::store) fn view(&self) -> Result<RowView, Error> {
        let row = self.0;
        let value_len: Option<i64> = row.try_get("value_len")?;
        Ok(RowView {
            key: CacheKey(self.fixed("cache_key")?),
            namespace: row.try_get("namespace")?,
            scope: row.try_get("scope")?,
            execution_id: row.try_get("execution_id")?,
            step_name: row.try_get("step_name")?,
            step_version: row.count("step_version")?,
            status: self.status()?,
            fence: row.try_get("fence")?,
            attempt: row.count("attempt")?,
            generation: row.count("generation")?,
            holder: row.try_get("holder")?,
            lease: row.duration("lease")?,
            age: row.duration("age")?.unwrap_or_default(),
            created_at: row.try_get("created_at")?,
            finished_at: row.try_get("finished_at")?,
            expires_in: row.duration("expires_in")?,
            codec: row.try_get("codec")?,
            value_len: value_len.map(i64::unsigned_abs),
            value: None,
            value_json: None,
            error: row.try_get("error")?,
            metadata: row.try_get("metadata")?,
        })
    }

    /// The same with its value.
    pub(in crate::store) fn view_with_value(&self) -> Result<RowView, Error> {
        let value: Option<&[u8]> = self.0.try_get("value")?;
        Ok(RowView {
            value: value.map(Into::into),
            value_json: self.0.try_get("value_json")?,
            ..self.view()?
        })
    }

    /// How many rows of one step have one status.
    pub(in crate::store) fn tally(&self) -> Result<Tally, Error> {
        let n_rows: i64 = self.0.try_get("n_rows")?;
        let n_bytes: i64 = self.0.try_get("n_bytes")?;
        Ok(Tally {
            step_name: self.0.try_get("step_name")?,
            status: self.status()?,
            rows: n_rows.unsigned_abs(),
            bytes: n_bytes.unsigned_abs(),
            oldest: self.0.duration("oldest")?.unwrap_or_default(),
        })
    }

    fn status(&self) -> Result<RowStatus, Error> {
        let text: &str = self.0.try_get("status")?;
        RowStatus::parse(text)
            .ok_or_else(|| Error::Decode(format!("there is no status {text:?}").into()))
    }
}
