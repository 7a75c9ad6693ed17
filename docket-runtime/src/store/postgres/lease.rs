//! Leases: renewed, lapsed, given back. And the purge of what is over.

use std::time::Duration;

use sqlx::query;

use super::super::row::LOST;
use super::super::sql::{Fields, Held};
use super::error::store_error;
use super::lent::{execute, fetch};
use super::record::seconds;
use super::{ClaimRef, Inner, StoreError};
use crate::key::CacheKey;

/// After [`LOCK`](super::record::LOCK), with pairs of a key and a claim as arrays.
pub(super) const RENEW: &str = "
UPDATE {table} AS held SET lease_until = {now} + make_interval(secs => $3)
  FROM unnest($1::bytea[], $2::bytea[]) AS given (cache_key, claim_id)
 WHERE held.cache_key = given.cache_key AND held.claim_id = given.claim_id AND held.status = 'running'
   AND held.cache_key IN (SELECT cache_key FROM locked)
RETURNING held.cache_key, held.claim_id";

pub(super) const MARK_LOST: &str = "
UPDATE {table} SET
       status = 'unknown', lease_until = NULL, error = $3, finished_at = {now},
       metadata = jsonb_build_object('status', 'unknown', 'attempt', attempt, 'code', 'lost', 'kind', 'transient')
 WHERE cache_key = $1 AND fence = $2 AND status = 'running' AND lease_until <= {now}";

/// The row is in one of the two cases; a first attempt in the second leaves a value behind, which has expired. It may have been
/// marked: its holder is there, and says that nothing was started.
pub(super) const RELEASE: &str = "
WITH first AS (
  DELETE FROM {table}
   WHERE cache_key = $1 AND claim_id = $2 AND fence = $3 AND attempt = 1 AND value IS NULL
     AND (status = 'running' OR status = 'unknown' AND metadata ->> 'code' = 'lost')
)
UPDATE {table} SET
       status = CASE attempt WHEN 1 THEN 'succeeded' ELSE 'running' END,
       lease_until = CASE attempt WHEN 1 THEN NULL ELSE 'epoch'::timestamptz END, starts = starts - 1, error = NULL,
       finished_at = CASE WHEN value IS NULL THEN NULL ELSE finished_at END,
       metadata = jsonb_build_object('status', CASE attempt WHEN 1 THEN 'succeeded' ELSE 'running' END, 'attempt', attempt)
 WHERE cache_key = $1 AND claim_id = $2 AND fence = $3 AND (attempt > 1 OR value IS NOT NULL)
   AND (status = 'running' AND lease_until > 'epoch' OR status = 'unknown' AND metadata ->> 'code' = 'lost')";

/// Rows that somebody is taking over are left to him.
pub(super) const PURGE: &str = "
DELETE FROM {table} WHERE cache_key IN (
  SELECT cache_key FROM {table}
   WHERE keep_until <= {now} AND status IN ('succeeded', 'failed')
   ORDER BY keep_until LIMIT $1 FOR UPDATE SKIP LOCKED)";

impl Inner {
    pub(super) async fn renew(
        &self,
        claims: &[ClaimRef],
        lease: Duration,
    ) -> Result<Vec<ClaimRef>, StoreError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let held = Held::new(claims);
        let (keys, ids): (Vec<_>, Vec<_>) = held.pairs().unzip();
        let renew = query(self.sql.renew.clone())
            .bind(keys)
            .bind(ids)
            .bind(seconds(lease));
        let rows = fetch(&self.holders, renew).await.map_err(store_error)?;
        held.among(rows.iter().map(|row| Fields(row).pair()))
    }

    pub(super) async fn release(&self, claim: &ClaimRef) -> Result<(), StoreError> {
        let release = query(self.sql.release.clone())
            .bind(&claim.key.0[..])
            .bind(&claim.claim_id.as_bytes()[..])
            .bind(claim.fence);
        let released = execute(&self.holders, release).await;
        released.map(drop).map_err(store_error)
    }

    pub(super) async fn mark_lost(&self, key: &CacheKey, fence: i64) -> Result<(), StoreError> {
        let mark_lost = query(self.sql.mark_lost.clone())
            .bind(&key.0[..])
            .bind(fence)
            .bind(LOST);
        let marked = execute(&self.pool, mark_lost).await;
        marked.map(drop).map_err(store_error)
    }

    pub(super) async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let purge = query(self.sql.purge.clone()).bind(i64::from(limit));
        execute(&self.pool, purge).await.map_err(store_error)
    }
}
