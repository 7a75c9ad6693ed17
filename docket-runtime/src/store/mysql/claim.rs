//! Claiming a row.

use super::super::hits::Look;
use super::super::row::{Row, Takeover};
use super::super::seen::Seen;
use super::super::sql::by_reading::{self, ByReading};
use super::super::{Call, ClaimOutcome, ClaimRequest, Claimed};
use super::error::store_error;
use super::send::Bound;
use super::statements::KEPT_COLUMNS;
use super::{Inner, StoreError, micros};
use crate::key::CacheKey;

/// What the columns of names hold, in characters.
const MAX_NAME: usize = 190;
/// The same of execution ids: what the library takes.
const MAX_EXECUTION_ID: usize = 255;

impl Inner {
    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<ClaimOutcome, StoreError> {
        refuse_long_names(&request.call)?;
        let mut looks_first = request.is_cache || self.lately.mostly_found();
        match self.hits.look(request).await? {
            Look::Hit(hit) => return Ok(hit),
            // There is likely to be no row; or one that has just expired, for those who use such values.
            Look::InVain => looks_first = request.stale.is_some(),
            Look::Unlikely => {}
        }
        let outcome = by_reading::claim(self, request, looks_first).await?;
        self.hits.note(request, &outcome);
        Ok(outcome)
    }
}

impl ByReading for Inner {
    async fn find(&self, key: &CacheKey) -> Result<Option<Seen>, StoreError> {
        let found = self.looks.send(key).await?;
        if found.is_some() {
            self.lately.note(true);
        }
        Ok(found)
    }

    async fn insert(&self, request: &ClaimRequest) -> Result<Option<Claimed>, StoreError> {
        let claimed = self.inserts.send(request).await?;
        if claimed.is_some() {
            self.lately.note(false);
        }
        Ok(claimed)
    }

    async fn take(
        &self,
        request: &ClaimRequest,
        row: &Row,
        takeover: Takeover,
        keeps: bool,
    ) -> Result<Option<Claimed>, StoreError> {
        let Takeover {
            attempt,
            generation,
            starts,
            repeat_never,
            is_new,
        } = takeover;
        let mut take = bind_call(Bound::new(&self.sql.take), request)
            .bind(repeat_never)
            .bind(attempt)
            .bind(generation)
            .bind(starts)
            .bind(is_new)
            .bind(attempt);
        for _ in 0..KEPT_COLUMNS {
            take = take.bind(keeps);
        }
        let done = take
            .bind(&request.call.key.0[..])
            .bind(&row.claim_id.as_bytes()[..])
            .bind(row.fence)
            .bind(row.status.as_str())
            .bind(row.lease_until)
            .bind(row.expires_at)
            .execute(&self.claims)
            .await
            .map_err(store_error)?;
        Ok((done.rows_affected() > 0).then(|| Claimed {
            fence: self.last_fence.note(done.last_insert_id()),
            attempt,
            generation,
            starts,
        }))
    }

    async fn prolong(
        &self,
        request: &ClaimRequest,
        row: &Row,
    ) -> Result<Option<Claimed>, StoreError> {
        let done = Bound::new(&self.sql.prolong)
            .bind(micros(request.lease))
            .bind(&request.call.key.0[..])
            .bind(&request.claim_id.as_bytes()[..])
            .execute(&self.claims)
            .await
            .map_err(store_error)?;
        Ok((done.rows_affected() > 0).then_some(Claimed {
            fence: row.fence,
            attempt: row.attempt,
            generation: row.generation,
            starts: row.starts,
        }))
    }
}

/// What both ways to a row write of it, from the namespace to the lease.
pub(super) fn bind_call(statement: Bound, request: &ClaimRequest) -> Bound {
    let ClaimRequest {
        call,
        claim_id,
        holder,
        lease,
        retry_failed: _,
        repeat_lost: _,
        replace: _,
        reconcile: _,
        max_attempts: _,
        is_cache: _,
        stale: _,
    } = request;
    statement
        .bind(&*call.namespace)
        .bind(call.scope.as_str())
        .bind(&*call.execution_id)
        .bind(call.step_name)
        .bind(call.step_version)
        .bind(&call.input_hash.0[..])
        .bind(&claim_id.as_bytes()[..])
        .bind(cut(holder))
        .bind(micros(*lease))
}

/// By the connections of an application, a server may be told to cut what is too long. So it is not asked.
fn refuse_long_names(call: &Call) -> Result<(), StoreError> {
    let names = [
        ("name of the step", call.step_name, MAX_NAME),
        ("namespace", &*call.namespace, MAX_NAME),
        ("execution id", &*call.execution_id, MAX_EXECUTION_ID),
    ];
    for (what, name, max) in names {
        // No text has more characters than bytes.
        if name.len() > max && name.chars().count() > max {
            return Err(StoreError::refused(format!(
                "the {what} is longer than {max} characters, and MySqlStore keeps no more"
            )));
        }
    }
    Ok(())
}

/// The holder, for the reader's eye.
fn cut(holder: &str) -> &str {
    match holder.char_indices().nth(MAX_NAME) {
        Some((end, _)) => &holder[..end],
        None => holder,
    }
}
