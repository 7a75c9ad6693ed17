//! The operator's side: looking at rows. What changes them is in `repair.rs`.

use sqlx::mysql::MySqlRow;
use sqlx::{Row as _, SqlStr};

use super::error::store_error;
use super::filter::{bind, conditions};
use super::send::Bound;
use super::statements::statement;
use super::{Inner, MySqlStore, StoreError};
use crate::key::CacheKey;
use crate::store::sql::{Fields, not_ours};
use crate::store::{Admin, Filter, Finding, Resolution, RowView, Tally, Write};

/// The columns of a [`RowView`] but for the value. Times for people have milliseconds.
const VIEW: &str = "
SELECT cache_key, namespace, scope, COALESCE(execution_id, '') AS execution_id, step_name, step_version, status, fence,
       attempt, generation, holder,
       GREATEST(TIMESTAMPDIFF(MICROSECOND, {now}, lease_until), 0) AS lease,
       GREATEST(TIMESTAMPDIFF(MICROSECOND, created_at, {now}), 0) AS age,
       LEFT(CAST(created_at AS CHAR), 23) AS created_at, LEFT(CAST(finished_at AS CHAR), 23) AS finished_at,
       IF(status IN ('succeeded', 'failed'),
          GREATEST(TIMESTAMPDIFF(MICROSECOND, {now}, expires_at), 0), NULL) AS expires_in,
       codec, CAST(LENGTH(value) AS SIGNED) AS value_len, error, CAST(metadata AS CHAR) AS metadata";

const STATS: &str = "
SELECT step_name, status, CAST(COUNT(*) AS SIGNED) AS n_rows,
       CAST(COALESCE(SUM(LENGTH(value)), 0) AS SIGNED) AS n_bytes,
       GREATEST(TIMESTAMPDIFF(MICROSECOND, MIN(created_at), {now}), 0) AS oldest
  FROM {table} GROUP BY step_name, status";

impl Admin for MySqlStore {
    async fn migrate(&self) -> Result<(), StoreError> {
        self.inner.migrate().await
    }

    fn schema(&self) -> String {
        self.inner.schema()
    }

    async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<RowView>, StoreError> {
        self.inner.list(filter, limit).await
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        self.inner.show(key).await
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        self.inner.stats().await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.inner.count(filter).await
    }

    async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.inner.retry_failed(filter).await
    }

    async fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> Result<Write, StoreError> {
        self.inner.resolve(key, fence, resolution).await
    }

    async fn doctor(&self) -> Result<Vec<Finding>, StoreError> {
        self.inner.doctor().await
    }
}

impl Inner {
    async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<RowView>, StoreError> {
        let list = self.filtered(
            &[VIEW, " FROM {table} WHERE TRUE"],
            filter,
            " ORDER BY created_at DESC, cache_key LIMIT ?",
        );
        let rows = self
            .read(bind(Bound::new(&list), filter).bind(limit))
            .await?;
        rows.iter()
            .map(|row| Fields(row).view().map_err(not_ours))
            .collect()
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        const VALUE: &str = ", value, value_json FROM {table} WHERE cache_key = ?";
        let show = Bound::new(&statement(&[VIEW, VALUE], &self.table)).bind(&key.0[..]);
        let rows = self.read(show).await?;
        rows.first()
            .map(|row| Fields(row).view_with_value().map_err(not_ours))
            .transpose()
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        let rows = self
            .read(Bound::new(&statement(&[STATS], &self.table)))
            .await?;
        let tallies: Result<Vec<_>, _> = rows.iter().map(|row| Fields(row).tally()).collect();
        let mut tallies = tallies.map_err(not_ours)?;
        tallies.sort_by(|a, b| (&a.step_name, a.status).cmp(&(&b.step_name, b.status)));
        Ok(tallies)
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        const COUNT: &str = "SELECT CAST(COUNT(*) AS SIGNED) AS n FROM {table} WHERE TRUE";
        let count = self.filtered(&[COUNT], filter, "");
        let rows = self.read(bind(Bound::new(&count), filter)).await?;
        let n: Option<Result<i64, _>> = rows.first().map(|row| row.try_get("n"));
        let n = n.transpose().map_err(store_error)?.unwrap_or_default();
        Ok(n.unsigned_abs())
    }

    /// A statement with the conditions of `filter` before its `end`.
    pub(super) fn filtered(
        &self,
        beginning: &[&'static str],
        filter: &Filter,
        end: &'static str,
    ) -> SqlStr {
        let parts = [beginning, &conditions(filter), &[end]].concat();
        statement(&parts, &self.table)
    }

    async fn read(&self, statement: Bound) -> Result<Vec<MySqlRow>, StoreError> {
        statement.fetch(&self.claims).await.map_err(store_error)
    }
}
