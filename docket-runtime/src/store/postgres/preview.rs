//! Looking without claiming.

use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::super::row::Row;
use super::super::seen::Seen;
use super::claim::{count, fixed, not_ours};
use super::error::store_error;
use super::lent::fetch;
use super::statements::statement;
use super::{ClaimRequest, Inner, Preview, StoreError};
use crate::key::InputHash;
use crate::store::{ClaimId, RowStatus, Stored};

/// All times count from now, in microseconds.
const PREVIEW: &str = "
SELECT status, claim_id, fence, attempt, generation, starts, input_hash, repeat_never,
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
        let found = rows.first().map(seen).transpose().map_err(not_ours)?;
        Ok(Preview::of(found, request))
    }
}

fn seen(row: &PgRow) -> Result<Seen, sqlx::Error> {
    let status: &str = row.try_get("status")?;
    let status = RowStatus::parse(status)
        .ok_or_else(|| sqlx::Error::Decode(format!("there is no status {status:?}").into()))?;
    let bytes: Option<&[u8]> = row.try_get("value")?;
    let codec: Option<i16> = row.try_get("codec")?;
    let error: Option<String> = row.try_get("error")?;
    Ok(Seen {
        row: Row {
            status,
            claim_id: ClaimId::from(fixed(row, "claim_id")?),
            fence: row.try_get("fence")?,
            attempt: count(row, "attempt")?,
            generation: count(row, "generation")?,
            starts: count(row, "starts")?,
            input_hash: InputHash(fixed(row, "input_hash")?),
            repeat_never: row.try_get("repeat_never")?,
            is_rejected: row.try_get("is_rejected")?,
            lease_until: row.try_get("lease_until")?,
            retry_at: row.try_get("retry_at")?,
            expires_at: row.try_get("expires_at")?,
            has_value: bytes.is_some(),
        },
        now: 0,
        micros: 1,
        holder: row.try_get("holder")?,
        stored: Some(Stored {
            bytes: bytes.map(Into::into),
            codec: codec.unwrap_or_default(),
            shared: None,
            expires_in: None,
        }),
        error: error.unwrap_or_default(),
    })
}
