//! What a row of MySQL says in its own way.

use std::time::Duration;

use sqlx::mysql::MySqlRow;
use sqlx::{ColumnIndex, Error, Row as _};

use super::super::sql::SqlRow;

impl SqlRow for MySqlRow {
    const MICROS: u64 = 1;

    fn count(&self, column: &'static str) -> Result<u32, Error> {
        self.try_get(column)
    }

    /// In microseconds.
    fn duration(&self, column: impl ColumnIndex<Self>) -> Result<Option<Duration>, Error> {
        let micros: Option<i64> = self.try_get(column)?;
        Ok(micros.map(|it| Duration::from_micros(it.max(0).unsigned_abs())))
    }
}
