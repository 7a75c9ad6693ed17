//! The operator's side: setting right what is failed or in doubt.

use sqlx::query;

use super::super::row::LOST;
use super::error::store_error;
use super::filter::{FILTER, bind};
use super::lent::execute;
use super::record::seconds;
use super::statements::statement;
use super::text::clean;
use super::{Inner, StoreError};
use crate::key::CacheKey;
use crate::store::{Filter, Resolution, Write};

/// The rows are locked in the order of their keys, as batches lock them.
const RETRY: [&str; 3] = [
    "WITH locked AS MATERIALIZED (SELECT cache_key FROM {table}",
    FILTER,
    " AND status = 'failed' AND (expires_at IS NULL OR expires_at > {now}) ORDER BY cache_key FOR NO KEY UPDATE)
UPDATE {table} SET expires_at = {now}, keep_until = {now} WHERE cache_key IN (SELECT cache_key FROM locked)",
];

/// Annotations stay, and the words of the failure go.
const APPLIED: &str = "
UPDATE {table} SET
       status = 'succeeded', lease_until = NULL, retry_at = NULL, error = NULL,
       codec = $4, value = $5, value_json = $6, finished_at = {now},
       expires_at = {now} + make_interval(secs => $7), keep_until = {now} + make_interval(secs => $7),
       metadata = metadata - 'code' - 'kind'
                  || jsonb_build_object('status', 'succeeded', 'attempt', attempt, 'note', $3::text)";

/// The kind is not `rejected`, so the idempotency key stays: if the operator was wrong, the provider still has a say.
const NOT_APPLIED: &str = "
UPDATE {table} SET
       status = 'failed', lease_until = NULL, retry_at = NULL, error = COALESCE(error, $4),
       codec = NULL, value = NULL, value_json = NULL, finished_at = {now}, expires_at = {now}, keep_until = {now},
       metadata = metadata || jsonb_build_object('status', 'failed', 'attempt', attempt, 'code', 'not_applied',
                                                 'kind', 'transient', 'note', $3::text)";

const IN_DOUBT: &str = "
 WHERE cache_key = $1 AND fence = $2
   AND (status = 'unknown' OR status = 'running' AND lease_until <= {now})";

impl Inner {
    pub(super) async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        let retry = statement(&RETRY, &self.table);
        let retry = bind(query(retry).persistent(false), filter);
        execute(&self.pool, retry).await.map_err(store_error)
    }

    pub(super) async fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> Result<Write, StoreError> {
        let (change, note) = match resolution {
            Resolution::Applied { note, .. } => (APPLIED, note),
            Resolution::NotApplied { note } => (NOT_APPLIED, note),
        };
        let resolve = query(statement(&[change, IN_DOUBT], &self.table))
            .persistent(false)
            .bind(&key.0[..])
            .bind(fence)
            .bind(clean(note));
        let resolve = match resolution {
            Resolution::Applied {
                value,
                codec,
                json,
                ttl,
                note: _,
            } => resolve
                .bind(*codec)
                .bind(&value[..])
                .bind(json.as_deref().map(clean))
                .bind(ttl.map(seconds)),
            Resolution::NotApplied { note: _ } => resolve.bind(LOST),
        };
        let n_rows = execute(&self.pool, resolve).await.map_err(store_error)?;
        Ok(match n_rows {
            0 => Write::Fenced,
            _ => Write::Recorded,
        })
    }
}
