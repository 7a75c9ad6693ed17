//! Claiming a row.

use super::super::hits::Look;
use super::super::row::{Decision, Row, Takeover};
use super::super::{Call, ClaimOutcome, ClaimRequest, Claimed};
use super::error::store_error;
use super::send::Bound;
use super::statements::KEPT_COLUMNS;
use super::{Inner, StoreError, micros};

/// Each further look means that somebody else has got something done with the row.
const MAX_LOOKS: u32 = 100;

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
            // There is likely to be no row.
            Look::InVain => looks_first = false,
            Look::Unlikely => {}
        }
        let outcome = self.claim_in_full(request, looks_first).await?;
        self.hits.note(request, &outcome);
        Ok(outcome)
    }

    async fn claim_in_full(
        &self,
        request: &ClaimRequest,
        mut looks_first: bool,
    ) -> Result<ClaimOutcome, StoreError> {
        for _ in 0..MAX_LOOKS {
            let found = if looks_first {
                self.looks.send(&request.call.key).await?
            } else {
                None
            };
            // Whoever has inserted in vain looks next.
            looks_first = true;
            let stale = found.as_ref().and_then(|it| it.stale(request));
            let claimed = match found {
                None => {
                    let claimed = self.inserts.send(request).await?;
                    if claimed.is_some() {
                        self.lately.note(false);
                    }
                    claimed
                }
                Some(found) => {
                    self.lately.note(true);
                    match found.decide(request) {
                        Decision::Mine => self.prolong(request, &found.row).await?,
                        Decision::Take(takeover) => {
                            self.take(request, &found.row, takeover, stale.is_some())
                                .await?
                        }
                        settled => return Ok(found.outcome(settled).or_stale(stale)),
                    }
                }
            };
            if let Some(claimed) = claimed {
                return Ok(ClaimOutcome::Claimed(claimed).or_stale(stale));
            }
        }
        Err(StoreError::unavailable(
            "the row changed hands each time it was looked at",
        ))
    }

    /// `None` if somebody else was faster. `keeps` says whether the row's value stays.
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
            fence: self.fence(done.last_insert_id()),
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

    /// The fence that came back with the answer.
    fn fence(&self, last_insert_id: u64) -> i64 {
        self.last_fence.note(last_insert_id)
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
