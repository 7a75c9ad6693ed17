//! Looking without claiming.

use sqlx::query;

use super::super::sql::{Fields, not_ours};
use super::error::store_error;
use super::lent::fetch;
use super::statements::statement;
use super::{ClaimRequest, Inner, Preview, StoreError};

/// A row as a claim sees it. All times count from now, in microseconds.
const PREVIEW: &str = "
SELECT 0::bigint AS now, status, claim_id, fence, attempt, generation, starts, input_hash, repeat_never,
       (metadata ->> 'kind') IS NOT DISTINCT FROM 'rejected' AS is_rejected,
       (EXTRACT(EPOCH FROM lease_until - {now}) * 1000000)::bigint AS lease_until,
       (EXTRACT(EPOCH FROM retry_at - {now}) * 1000000)::bigint AS retry_at,
       (EXTRACT(EPOCH FROM expires_at - {now}) * 1000000)::bigint AS expires_at,
       holder, codec, value, error
  FROM {table} WHERE cache_key = $1";

impl Inner {
    pub(super) async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        let preview = query(statement(&[PREVIEW], &self.table))
            .persistent(false)
            .bind(&request.call.key.0[..]);
        let rows = fetch(&self.pool, preview).await.map_err(store_error)?;
        let found = rows.first().map(|row| Fields(row).seen());
        let found = found.transpose().map_err(not_ours)?;
        Ok(Preview::of(found, request))
    }
}
