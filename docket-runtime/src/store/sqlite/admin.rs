//! The operator's side: looking at rows. What changes them is in `repair.rs`.

use sqlx::{Row as _, SqlStr, query};

use super::error::store_error;
use super::filter::{bind, conditions};
use super::statements::statement;
use super::{Inner, SqliteStore, StoreError};
use crate::key::CacheKey;
use crate::store::sql::{Fields, not_ours};
use crate::store::{Admin, Filter, Finding, Resolution, RowView, Tally, Write};

/// The columns of a [`RowView`] but for the value.
const VIEW: &str = "
SELECT cache_key, namespace, scope, COALESCE(execution_id, '') AS execution_id, step_name, step_version, status, fence,
       attempt, generation, holder, MAX(lease_until - {now}, 0) AS lease,
       MAX({now} - CAST(unixepoch(created_at, 'subsec') * 1000 AS INTEGER), 0) AS age, created_at, finished_at,
       CASE WHEN status IN ('succeeded', 'failed') THEN MAX(expires_at - {now}, 0) END AS expires_in,
       codec, length(value) AS value_len, error, metadata";

const STATS: &str = "
SELECT step_name, status, count(*) AS n_rows, COALESCE(sum(length(value)), 0) AS n_bytes,
       MAX({now} - CAST(unixepoch(min(created_at), 'subsec') * 1000 AS INTEGER), 0) AS oldest
  FROM {table} GROUP BY step_name, status";

impl Admin for SqliteStore {
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
            " ORDER BY created_at DESC, cache_key LIMIT ?8",
        );
        let list = bind(query(list).persistent(false), filter).bind(limit);
        let rows = list.fetch_all(&self.reads).await.map_err(store_error)?;
        rows.iter()
            .map(|row| Fields(row).view().map_err(not_ours))
            .collect()
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        const VALUE: &str = ", value, value_json FROM {table} WHERE cache_key = ?1";
        let row = query(statement(&[VIEW, VALUE], &self.table))
            .persistent(false)
            .bind(&key.0[..])
            .fetch_optional(&self.reads)
            .await
            .map_err(store_error)?;
        row.map(|row| Fields(&row).view_with_value().map_err(not_ours))
            .transpose()
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        let rows = query(statement(&[STATS], &self.table))
            .persistent(false)
            .fetch_all(&self.reads)
            .await
            .map_err(store_error)?;
        let tallies: Result<Vec<_>, _> = rows.iter().map(|row| Fields(row).tally()).collect();
        let mut tallies = tallies.map_err(not_ours)?;
        tallies.sort_by(|a, b| (&a.step_name, a.status).cmp(&(&b.step_name, b.status)));
        Ok(tallies)
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let count = self.filtered(
            &["SELECT count(*) AS n FROM {table} WHERE TRUE"],
            filter,
            "",
        );
        let row = bind(query(count).persistent(false), filter)
            .fetch_one(&self.reads)
            .await
            .map_err(store_error)?;
        let n: i64 = row.try_get("n").map_err(store_error)?;
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
}
