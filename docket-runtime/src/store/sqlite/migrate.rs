//! Making the table, and finding out that it is ours.

use sqlx::{AssertSqlSafe, query};

use super::error::store_error;
use super::{Inner, StoreError};

impl Inner {
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        for statement in &self.sql.migrate {
            self.write(query(statement.clone())).await?;
        }
        self.check().await
    }

    /// Whether the table has the columns that the statements name.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let statements = [
            &self.sql.find,
            &self.sql.insert,
            &self.sql.take,
            &self.sql.complete,
            &self.sql.fail,
        ];
        for statement in statements {
            // Explaining a statement compiles it, and that needs all of its columns.
            let explain = format!("EXPLAIN {}", statement.as_str());
            query(AssertSqlSafe(explain))
                .persistent(false)
                .fetch_all(&self.writes)
                .await
                .map_err(|error| {
                    let retryable = store_error(error);
                    if retryable.is_retryable() {
                        return retryable;
                    }
                    StoreError::refused(format!(
                        "the table `{}` is not one of Docket's; choose another name by `SqliteOptions::table`",
                        self.table
                    ))
                    .with_source(retryable)
                })?;
        }
        Ok(())
    }
}
