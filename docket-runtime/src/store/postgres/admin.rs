//! The operator's side: looking at rows. What changes them is in `repair.rs`.

use sqlx::{Row as _, query};

use super::error::store_error;
use super::filter::{FILTER, bind};
use super::lent::fetch;
use super::statements::statement;
use super::{Inner, PostgresStore, StoreError};
use crate::key::CacheKey;
use crate::store::sql::{Fields, not_ours};
use crate::store::{Admin, Filter, Finding, Resolution, RowView, Tally, Write};

/// The columns of a [`RowView`] but for the value.
const VIEW: &str = "
SELECT cache_key, namespace, scope, COALESCE(execution_id, '') AS execution_id, step_name, step_version, status, fence,
       attempt, generation, holder, EXTRACT(EPOCH FROM lease_until - {now})::float8 AS lease,
       EXTRACT(EPOCH FROM {now} - created_at)::float8 AS age,
       to_char(created_at {utc}) AS created_at, to_char(finished_at {utc}) AS finished_at,
       CASE WHEN status IN ('succeeded', 'failed') THEN EXTRACT(EPOCH FROM expires_at - {now})::float8 END AS expires_in,
       codec, octet_length(value)::bigint AS value_len, error, metadata::text AS metadata";

const STATS: &str = "
SELECT step_name, status, count(*) AS n_rows, COALESCE(sum(octet_length(value)), 0)::bigint AS n_bytes,
       EXTRACT(EPOCH FROM {now} - min(created_at))::float8 AS oldest
  FROM {table} GROUP BY step_name, status";

impl Admin for PostgresStore {
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
        const ORDER: &str = " ORDER BY created_at DESC, cache_key LIMIT $9";
        let list = query(statement(
            &[VIEW, " FROM {table}", FILTER, ORDER],
            &self.table,
        ));
        let list = bind(list.persistent(false), filter).bind(i64::from(limit));
        let rows = fetch(&self.pool, list).await.map_err(store_error)?;
        rows.iter()
            .map(|row| Fields(row).view().map_err(not_ours))
            .collect()
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        const VALUE: &str = ", value, value_json FROM {table} WHERE cache_key = $1";
        let show = query(statement(&[VIEW, VALUE], &self.table))
            .persistent(false)
            .bind(&key.0[..]);
        let rows = fetch(&self.pool, show).await.map_err(store_error)?;
        rows.first()
            .map(|row| Fields(row).view_with_value().map_err(not_ours))
            .transpose()
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        let stats = query(statement(&[STATS], &self.table)).persistent(false);
        let rows = fetch(&self.pool, stats).await.map_err(store_error)?;
        let tallies: Result<Vec<_>, _> = rows.iter().map(|row| Fields(row).tally()).collect();
        let mut tallies = tallies.map_err(not_ours)?;
        // The server's order of texts may be another.
        tallies.sort_by(|a, b| (&a.step_name, a.status).cmp(&(&b.step_name, b.status)));
        Ok(tallies)
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let count = statement(&["SELECT count(*) AS n FROM {table}", FILTER], &self.table);
        let count = bind(query(count).persistent(false), filter);
        let rows = fetch(&self.pool, count).await.map_err(store_error)?;
        // There is one row.
        let n: Result<i64, _> = rows.iter().map(|row| row.try_get::<i64, _>("n")).sum();
        n.map(i64::unsigned_abs).map_err(store_error)
    }
}
