//! The operator's side: setting right what is failed or in doubt.

use sqlx::query;

use super::super::row::{LOST, millis};
use super::filter::bind;
use super::statements::statement;
use super::{Inner, StoreError};
use crate::key::CacheKey;
use crate::store::{Filter, Resolution, Write};

const RETRY: &str = "
UPDATE {table} SET expires_at = {now}, keep_until = {now}
 WHERE status = 'failed' AND (expires_at IS NULL OR expires_at > {now})";

/// Annotations stay, and the words of the failure go.
const APPLIED: &str = "
UPDATE {table} SET
       status = 'succeeded', lease_until = NULL, retry_at = NULL, error = NULL,
       codec = ?4, value = ?5, value_json = ?6, finished_at = {now_text},
       expires_at = {now} + ?7, keep_until = {now} + ?7,
       metadata = json_patch(metadata, json_object('status', 'succeeded', 'attempt', attempt,
                                                   'code', NULL, 'kind', NULL, 'note', ?3))";

/// The kind is not `rejected`, so the idempotency key stays: if the operator was wrong, the provider still has a say.
const NOT_APPLIED: &str = "
UPDATE {table} SET
       status = 'failed', lease_until = NULL, retry_at = NULL, error = COALESCE(error, ?4),
       codec = NULL, value = NULL, value_json = NULL, finished_at = {now_text}, expires_at = {now}, keep_until = {now},
       metadata = json_patch(metadata, json_object('status', 'failed', 'attempt', attempt,
                                                   'code', 'not_applied', 'kind', 'transient', 'note', ?3))";

const IN_DOUBT: &str = "
 WHERE cache_key = ?1 AND fence = ?2
   AND (status = 'unknown' OR status = 'running' AND lease_until <= {now})";

impl Inner {
    pub(super) async fn retry_failed(&self, filter: &Filter) -> Result<u64, StoreError> {
        let retry = self.filtered(&[RETRY], filter, "");
        self.write(bind(query(retry).persistent(false), filter))
            .await
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
            .bind(note);
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
                .bind(json.as_deref())
                .bind(ttl.map(millis)),
            Resolution::NotApplied { note: _ } => resolve.bind(LOST),
        };
        Ok(match self.write(resolve).await? {
            0 => Write::Fenced,
            _ => Write::Recorded,
        })
    }
}
