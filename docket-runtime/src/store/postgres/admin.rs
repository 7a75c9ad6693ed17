//! The operator's side: looking at rows. What changes them is in `repair.rs`.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::claim::{count, fixed, not_ours};
use super::error::store_error;
use super::filter::{FILTER, bind};
use super::lent::fetch;
use super::statements::statement;
use super::{Inner, PostgresStore, StoreError};
use crate::key::CacheKey;
use crate::store::{Admin, Filter, Finding, Resolution, RowStatus, RowView, Tally, Write};

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
        rows.iter().map(|row| view(row).map_err(not_ours)).collect()
    }

    async fn show(&self, key: &CacheKey) -> Result<Option<RowView>, StoreError> {
        const VALUE: &str = ", value, value_json FROM {table} WHERE cache_key = $1";
        let show = query(statement(&[VIEW, VALUE], &self.table))
            .persistent(false)
            .bind(&key.0[..]);
        let rows = fetch(&self.pool, show).await.map_err(store_error)?;
        rows.first()
            .map(|row| with_value(row).map_err(not_ours))
            .transpose()
    }

    async fn stats(&self) -> Result<Vec<Tally>, StoreError> {
        let stats = query(statement(&[STATS], &self.table)).persistent(false);
        let rows = fetch(&self.pool, stats).await.map_err(store_error)?;
        let tallies: Result<Vec<_>, _> = rows.iter().map(tally).collect();
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

fn view(row: &PgRow) -> Result<RowView, sqlx::Error> {
    Ok(RowView {
        key: CacheKey(fixed(row, "cache_key")?),
        namespace: row.try_get("namespace")?,
        scope: row.try_get("scope")?,
        execution_id: row.try_get("execution_id")?,
        step_name: row.try_get("step_name")?,
        step_version: count(row, "step_version")?,
        status: status(row)?,
        fence: row.try_get("fence")?,
        attempt: count(row, "attempt")?,
        generation: count(row, "generation")?,
        holder: row.try_get("holder")?,
        lease: duration(row, "lease")?,
        age: duration(row, "age")?.unwrap_or_default(),
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
        expires_in: duration(row, "expires_in")?,
        codec: row.try_get("codec")?,
        value_len: row
            .try_get::<Option<i64>, _>("value_len")?
            .map(i64::unsigned_abs),
        value: None,
        value_json: None,
        error: row.try_get("error")?,
        metadata: row.try_get("metadata")?,
    })
}

fn with_value(row: &PgRow) -> Result<RowView, sqlx::Error> {
    Ok(RowView {
        value: row.try_get("value")?,
        value_json: row.try_get("value_json")?,
        ..view(row)?
    })
}

fn tally(row: &PgRow) -> Result<Tally, sqlx::Error> {
    let n_rows: i64 = row.try_get("n_rows")?;
    let n_bytes: i64 = row.try_get("n_bytes")?;
    Ok(Tally {
        step_name: row.try_get("step_name")?,
        status: status(row)?,
        rows: n_rows.unsigned_abs(),
        bytes: n_bytes.unsigned_abs(),
        oldest: duration(row, "oldest")?.unwrap_or_default(),
    })
}

fn status(row: &PgRow) -> Result<RowStatus, sqlx::Error> {
    let text: &str = row.try_get("status")?;
    RowStatus::parse(text)
        .ok_or_else(|| sqlx::Error::Decode(format!("there is no status {text:?}").into()))
}

/// A number of seconds; what is below zero is zero.
pub(super) fn duration(row: &PgRow, column: &str) -> Result<Option<Duration>, sqlx::Error> {
    let seconds: Option<f64> = row.try_get(column)?;
    Ok(seconds.map(|it| Duration::try_from_secs_f64(it).unwrap_or_default()))
}
