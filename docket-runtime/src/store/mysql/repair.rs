//! The operator's side: setting right what is failed or in doubt.

use super::super::row::LOST;
use super::filter::bind;
use super::send::Bound;
use super::statements::statement;
use super::{Inner, StoreError, micros};
use crate::key::CacheKey;
use crate::store::{Filter, Resolution, Write};

const RETRY: &str = "
UPDATE {table} SET expires_at = {now}, keep_until = {now}
 WHERE status = 'failed' AND (expires_at IS NULL OR expires_at > {now})";

/// Annotations stay, and the words of the failure go.
const APPLIED: &str = "
UPDATE {table} SET
       lease_until = NULL, retry_at = NULL, error = NULL,
       codec = ?, value = ?, value_json = ?, finished_at = {now},
       expires_at = {now} + INTERVAL ? MICROSECOND, keep_until = {now} + INTERVAL ? MICROSECOND,
       metadata = JSON_MERGE_PATCH(metadata, JSON_OBJECT('status', 'succeeded', 'attempt', attempt,
                                                         'code', NULL, 'kind', NULL, 'note', ?)),
       status = 'succeeded'";

/// The kind is not `rejected`, so the idempotency key stays: if the operator was wrong, the provider still has a say.
const NOT_APPLIED: &str = "
UPDATE {table} SET
       lease_until = NULL, retry_at = NULL, error = COALESCE(error, ?),
       codec = NULL, value = NULL, value_json = NULL, finished_at = {now}, expires_at = {now}, keep_until = {now},
       metadata = JSON_MERGE_PATCH(metadata, JSON_OBJECT('status', 'failed', 'attempt', attempt,
                                                         'code', 'not_applied', 'kind', 'transient', 'note', ?)),
       status = 'failed'";

const IN_DOUBT: &str = "
 WHERE cache_key = ? AND fence = ?
   AND (status = 'unknown' OR status = 'running' AND lease_until <= {now})";

impl Inner {
    pub(super) async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        let retry = Bound::new(&self.filtered(&[RETRY], filter, ""));
        self.write(bind(retry, filter)).await
    }

    pub(super) async fn resolve(
        &self,
        key: &CacheKey,
        fence: i64,
        resolution: &Resolution,
    ) -> Result<Write, StoreError> {
        let resolve = |change| Bound::new(&statement(&[change, IN_DOUBT], &self.table));
        let resolve = match resolution {
            Resolution::Applied {
                value,
                codec,
                json,
                ttl,
                note,
            } => resolve(APPLIED)
                .bind(*codec)
                .bind(&value[..])
                .bind(json.as_deref())
                .bind(ttl.map(micros))
                .bind(ttl.map(micros))
                .bind(&**note),
            Resolution::NotApplied { note } => resolve(NOT_APPLIED).bind(LOST).bind(&**note),
        };
        self.record(resolve.bind(&key.0[..]).bind(fence)).await
    }
}
