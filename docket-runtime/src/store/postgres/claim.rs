//! Claiming rows: one statement, whatever comes of it.
//!
//! It first looks at the row and decides, by the rules of `Store`. Only where the row may be had does it go on to write, so
//! that a hit, or one more look at a row that is held, neither locks the row nor writes WAL. The write takes place only if
//! the row is still as it was when that was decided. Otherwise somebody else was faster, and the caller looks again.
//!
//! To be ready for all that costs the server more than what most claims need. So one that goes out alone makes the row, or
//! reads its result where it has one, by a statement that costs less. Where it can do neither, the one above follows; and
//! after that, it goes first, until a row is new again.

mod rules;

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::{PgRow, Postgres};
use sqlx::{Row as _, SqlStr, ValueRef as _, query};

use super::super::coalesce::Batch;
use super::super::hits::Look;
use super::super::sql::{
    Fields, Lender, MAX_LOOKS, SqlRow as _, changed_hands, in_order, not_ours,
};
use super::super::{ClaimOutcome, ClaimRequest, Claimed, Stored};
use super::error::store_error;
use super::lent::{Query, fetch};
use super::record::seconds;
use super::statements::Pair;
use super::text::clean;
use super::{Inner, StoreError};
use crate::key::{CacheKey, InputHash};

pub(super) use rules::{CLAIM, COLUMNS, INSERT, OR_PEEK};

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
    pub(super) insert: SqlStr,
    /// Whether the last row that was claimed alone had been there before, with no result to be had.
    pub(super) was_there: AtomicBool,
}

impl Claims {
    async fn send_one(&self, request: &ClaimRequest) -> Result<Option<ClaimOutcome>, StoreError> {
        if !self.was_there.load(Ordering::Relaxed) {
            if let Some(outcome) = self.insert(request).await? {
                return Ok(Some(outcome));
            }
            // Whoever waits for this row asks again and again, and is not to do so twice each time.
            self.was_there.store(true, Ordering::Relaxed);
        }
        let claim = bind(query(self.sql.of(1)), request);
        let rows = fetch(&self.pool, claim).await.map_err(store_error)?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let outcome = read(row).map_err(not_ours)?;
        if outcome.as_ref().is_some_and(|it| it.claimed().is_some()) {
            let held_hash = row.try_get_raw("held_hash").map_err(not_ours)?;
            self.was_there
                .store(!held_hash.is_null(), Ordering::Relaxed);
        }
        Ok(outcome)
    }

    /// Makes the row, or has its result. `None` where neither can be done: a claim says what there is.
    async fn insert(&self, request: &ClaimRequest) -> Result<Option<ClaimOutcome>, StoreError> {
        let insert = bind_call(query(self.insert.clone()), request).bind(request.repeat_lost);
        let rows = fetch(&self.pool, insert).await.map_err(store_error)?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        if let Some(fence) = row.try_get("made").map_err(not_ours)? {
            return Ok(Some(ClaimOutcome::Claimed(Claimed {
                fence,
                attempt: 1,
                generation: 0,
                starts: 1,
            })));
        }
        // A row that was made since the statement began is in its way, and not seen by it.
        let is_there = !row.try_get_raw("cache_key").map_err(not_ours)?.is_null();
        if request.replace || !is_there {
            return Ok(None);
        }
        let (_, peeked) = Fields(row).peeked().map_err(not_ours)?;
        Ok(peeked.hit(request))
    }
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
        if let [request] = requests {
            return Ok(vec![self.send_one(request).await?]);
        }
        let claims = bind_all(query(self.sql.of(requests.len())), requests);
        let rows = fetch(&self.pool, claims).await.map_err(store_error)?;
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
        call: _,
        claim_id: _,
        holder: _,
        lease: _,
        retry_failed,
        repeat_lost,
        replace,
        reconcile,
        max_attempts,
        is_cache: _,
        stale,
    } = request;
    bind_call(query, request)
        .bind(*retry_failed)
        .bind(*repeat_lost)
        .bind(*replace)
        .bind(*reconcile)
        .bind(i64::from(*max_attempts))
        .bind(stale.map(seconds))
}

/// Those of them that stand in the row.
fn bind_call<'q>(query: Query<'q>, request: &'q ClaimRequest) -> Query<'q> {
    let ClaimRequest {
        call,
        claim_id,
        holder,
        lease,
        ..
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
}

/// The parameters of many claims.
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
