//! What a row of PostgreSQL says in its own way.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{ColumnIndex, Error, Row as _};

use super::super::sql::SqlRow;

impl SqlRow for PgRow {
    const MICROS: u64 = 1;

    /// It has no column for them that is less than 64 bits wide.
    fn count(&self, column: &'static str) -> Result<u32, Error> {
        let number: i64 = self.try_get(column)?;
        u32::try_from(number)
            .map_err(|_| Error::Decode(format!("`{column}` is not from 0 to 2^32 - 1").into()))
    }

    /// In seconds.
    fn duration(&self, column: impl ColumnIndex<Self>) -> Result<Option<Duration>, Error> {
        let seconds: Option<f64> = self.try_get(column)?;
        Ok(seconds.map(|it| Duration::try_from_secs_f64(it).unwrap_or_default()))
    }
}
