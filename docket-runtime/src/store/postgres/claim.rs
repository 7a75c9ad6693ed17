//! Claiming a row: one statement, whatever comes of it.
//!
//! It first looks at the row and decides, by the rules of `Store`. Only where the row may be had does it go on to write, so
//! that a hit, or one more look at a row that is held, neither locks the row nor writes WAL. The write takes place only if
//! the row is still as it was when that was decided. Otherwise somebody else was faster, and the caller looks again.

mod rules;

use sqlx::postgres::{PgRow, Postgres};
use sqlx::{Row as _, query};

use super::super::coalesce::Batch;
use super::super::hits::Look;
use super::super::sql::{Fields, Lender, MAX_LOOKS, SqlRow as _, changed_hands, in_order};
use super::super::{ClaimOutcome, ClaimRequest, Claimed, Stored};
use super::error::store_error;
use super::lent::{Query, fetch};
use super::record::seconds;
use super::statements::Pair;
use super::text::clean;
use super::{Inner, StoreError};
use crate::key::{CacheKey, InputHash};

pub(super) use rules::{CLAIM, COLUMNS};

impl Inner {
    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        if let Look::Hit(hit) = self.hits.look(request).await? {
            return Ok(hit);
        }
        for _ in 0..MAX_LOOKS {
            if let Some(outcome) = self.claims.send(request).await? {
                self.hits.note(request, &outcome);
                return Ok(outcome);
            }
        }
        Err(changed_hands())
    }
}

/// How claims are sent.
pub(super) struct Claims {
    pub(super) pool: Lender<Postgres>,
    pub(super) sql: Pair,
}

impl Batch for Claims {
    type Operation = ClaimRequest;
    /// `None` where somebody else was faster.
    type Answer = Option<ClaimOutcome>;

    fn key(request: &ClaimRequest) -> &CacheKey {
        &request.call.key
    }

    fn size(&self, request: &ClaimRequest) -> usize {
        let ClaimRequest { call, holder, .. } = request;
        call.namespace.len() + call.execution_id.len() + call.step_name.len() + holder.len()
    }

    async fn send(&self, requests: &[ClaimRequest]) -> Result<Vec<Self::Answer>, StoreError> {
        let query = query(self.sql.of(requests.len()));
        let rows = match requests {
            [request] => fetch(&self.pool, bind(query, request)).await,
            _ => fetch(&self.pool, bind_all(query, requests)).await,
        };
        let rows = rows.map_err(store_error)?;
        let answers = in_order(&rows, requests, Self::key, |row| {
            Ok((Fields(row).fixed("cache_key")?, read(row)?))
        })?;
        // Each request gives one row.
        Ok(answers.into_iter().flatten().collect())
    }
}

/// The parameters of a lone claim.
fn bind<'q>(query: Query<'q>, request: &'q ClaimRequest) -> Query<'q> {
    let ClaimRequest {
        call,
        claim_id,
        holder,
        lease,
        retry_failed,
        repeat_lost,
        replace,
        reconcile,
        max_attempts,
        is_cache: _,
        stale,
    } = request;
    query
        .bind(&call.key.0[..])
        .bind(clean(&call.namespace))
        .bind(call.scope.as_str())
        .bind(clean(&call.execution_id))
        .bind(clean(call.step_name))
        .bind(i64::from(call.step_version))
        .bind(&call.input_hash.0[..])
        .bind(&claim_id.as_bytes()[..])
        .bind(clean(holder))
        .bind(seconds(*lease))
        .bind(*retry_failed)
        .bind(*repeat_lost)
        .bind(*replace)
        .bind(*reconcile)
        .bind(i64::from(*max_attempts))
        .bind(stale.map(seconds))
}

/// The same as arrays.
fn bind_all<'q>(query: Query<'q>, requests: &'q [ClaimRequest]) -> Query<'q> {
    /// One column of all requests.
    fn all<'q, T>(requests: &'q [ClaimRequest], column: impl Fn(&'q ClaimRequest) -> T) -> Vec<T> {
        requests.iter().map(column).collect()
    }
    query
        .bind(all(requests, |it| &it.call.key.0[..]))
        .bind(all(requests, |it| clean(&it.call.namespace)))
        .bind(all(requests, |it| it.call.scope.as_str()))
        .bind(all(requests, |it| clean(&it.call.execution_id)))
        .bind(all(requests, |it| clean(it.call.step_name)))
        .bind(all(requests, |it| i64::from(it.call.step_version)))
        .bind(all(requests, |it| &it.call.input_hash.0[..]))
        .bind(all(requests, |it| &it.claim_id.as_bytes()[..]))
        .bind(all(requests, |it| clean(&it.holder)))
        .bind(all(requests, |it| seconds(it.lease)))
        .bind(all(requests, |it| it.retry_failed))
        .bind(all(requests, |it| it.repeat_lost))
        .bind(all(requests, |it| it.replace))
        .bind(all(requests, |it| it.reconcile))
        .bind(all(requests, |it| i64::from(it.max_attempts)))
        .bind(all(requests, |it| it.stale.map(seconds)))
}

/// `None` where the row was to be had, and was gone.
fn read(row: &PgRow) -> Result<Option<ClaimOutcome>, sqlx::Error> {
    let fence = || row.try_get("fence");
    let remaining = || row.duration("remaining");
    let error = || -> Result<String, sqlx::Error> {
        let error: Option<String> = row.try_get("error")?;
        Ok(error.unwrap_or_default())
    };
    let stored = |expires_in| -> Result<Stored, sqlx::Error> {
        let bytes: Option<&[u8]> = row.try_get("value")?;
        let codec: Option<i16> = row.try_get("codec")?;
        Ok(Stored {
            bytes: bytes.map(Into::into),
            codec: codec.unwrap_or_default(),
            shared: None,
            expires_in,
        })
    };
    let stale = match row.duration("stale_by")? {
        Some(by) => Some((stored(None)?, by)),
        None => None,
    };
    let outcome = match row.try_get("outcome")? {
        "claimed" => ClaimOutcome::Claimed(Claimed {
            fence: fence()?,
            attempt: row.count("attempt")?,
            generation: row.count("generation")?,
            starts: row.count("starts")?,
        }),
        "hit" => ClaimOutcome::Hit(stored(remaining()?)?),
        "busy" => ClaimOutcome::Busy {
            fence: fence()?,
            holder: row.try_get("held_by")?,
            remaining: remaining()?.unwrap_or_default(),
        },
        "failed" => ClaimOutcome::Failed {
            fence: fence()?,
            attempt: row.count("attempt")?,
            error: error()?,
            retry_in: remaining()?.unwrap_or_default(),
        },
        "unknown" => ClaimOutcome::Unknown {
            fence: fence()?,
            attempt: row.count("attempt")?,
            error: error()?,
        },
        "drift" => ClaimOutcome::Drift {
            stored: InputHash(Fields(row).fixed("held_hash")?),
        },
        _ => return Ok(None),
    };
    Ok(Some(outcome.or_stale(stale)))
}
