//! What a row of SQLite says in its own way.

use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Error, Row as _};

use super::super::sql::SqlRow;

impl SqlRow for SqliteRow {
    const MICROS: u64 = 1000;

    fn count(&self, column: &'static str) -> Result<u32, Error> {
        self.try_get(column)
    }

    /// In milliseconds.
    fn duration(&self, column: impl ColumnIndex<Self>) -> Result<Option<Duration>, Error> {
        let millis: Option<i64> = self.try_get(column)?;
        Ok(millis.map(|it| Duration::from_millis(it.max(0).unsigned_abs())))
    }
}
