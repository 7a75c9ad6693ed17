//! One row in the store and in its model, and all claims of it that were won.

use std::fmt::Debug;

use super::super::super::{
    ClaimOutcome, ClaimRef, ClaimRequest, Claimed, Completion, Failure, FailureStatus, MemoryStore,
    Preview, Store,
};
use super::super::{LONG, another, ask, claim_ref, request, success};
use super::moves::{Ask, Move, Time, Which};
use crate::key::InputHash;

pub(super) struct Pair<'a, S> {
    model: MemoryStore,
    store: &'a S,
    row: ClaimRequest,
    claims: Vec<Twin>,
    n_moves: usize,
}

/// One claim as each of the stores has answered it. Fences are each store's own.
struct Twin {
    request: ClaimRequest,
    in_model: ClaimRef,
    in_store: ClaimRef,
    records: Records,
}

/// What was said under a claim. A move may be repeated with the same arguments, so whoever says it again says the same.
#[derive(Default)]
struct Records {
    success: Option<Completion>,
    failure: Option<Failure>,
    doubt: Option<Failure>,
}

impl<'a, S: Store> Pair<'a, S> {
    pub(super) fn new(store: &'a S) -> Self {
        Self {
            model: MemoryStore::new(),
            store,
            row: request(),
            claims: Vec::new(),
            n_moves: 0,
        }
    }

    /// Makes a move in both. One under a claim is none as long as none was won.
    pub(super) async fn make(&mut self, step: &Move) -> Result<(), String> {
        self.n_moves += 1;
        match *step {
            Move::Claim(ref how) => self.claim(how).await,
            Move::Complete {
                which,
                value,
                ttl,
                stale,
            } => {
                let completion = Completion {
                    ttl: ttl.map(Time::duration),
                    stale: stale.map(Time::duration),
                    ..success(&[value])
                };
                self.complete(which, completion).await
            }
            Move::Fail {
                which,
                how,
                retry_in,
                ttl,
            } => {
                let failure = Failure {
                    error: format!("the error of move {}", self.n_moves),
                    retry_in: retry_in.duration(),
                    ttl: ttl.map(Time::duration),
                    ..how.failure()
                };
                self.fail(which, failure).await
            }
            Move::Renew { which, lease } => self.renew(which, lease).await,
            Move::MarkLost(which) => self.mark_lost(which).await,
            Move::Release(which) => self.release(which).await,
            Move::Purge => self.purge().await,
        }
    }

    async fn claim(&mut self, how: &Ask) -> Result<(), String> {
        let request = self.request(how);
        self.preview(&request).await?;
        let of_model = ask(&self.model, &request).await;
        let of_store = ask(self.store, &request).await;
        same(
            "the claim gave",
            self.told(&of_model, |it| it.in_model.fence),
            self.told(&of_store, |it| it.in_store.fence),
        )?;
        if let (Some(one), Some(other)) = (of_model.claimed(), of_store.claimed()) {
            self.won(request, *one, *other)?;
        }
        Ok(())
    }

    /// A store that can be looked at says what the claim is about to get.
    async fn preview(&self, request: &ClaimRequest) -> Result<(), String> {
        let Ok(of_store) = self.store.preview(request).await else {
            return Ok(());
        };
        let of_model = answer(self.model.preview(request).await)?;
        same(
            "looking gave",
            self.told(&of_model.outcome, |it| it.in_model.fence),
            self.told(&of_store.outcome, |it| it.in_store.fence),
        )?;
        let told = |preview: &Preview| {
            let row = preview.row.as_ref();
            row.map(|it| (it.status, it.attempt, it.has_expired))
        };
        same("the row was", told(&of_model), told(&of_store))
    }

    fn request(&self, how: &Ask) -> ClaimRequest {
        let Ask {
            lease,
            retry_failed,
            repeat_lost,
            replace,
            reconcile,
            max_attempts,
            drifts,
            uses_stale,
            is_sent_again,
        } = *how;
        if let Some(last) = self.claims.last().filter(|_| is_sent_again) {
            return ClaimRequest {
                lease: lease.duration(),
                ..last.request.clone()
            };
        }
        let mut request = ClaimRequest {
            holder: format!("holder {}", self.claims.len()).into(),
            lease: lease.duration(),
            retry_failed,
            repeat_lost,
            replace,
            reconcile,
            max_attempts,
            stale: uses_stale.then_some(LONG),
            ..another(&self.row)
        };
        if drifts {
            request.call.input_hash = InputHash([8; 32]);
        }
        request
    }

    fn won(&mut self, request: ClaimRequest, one: Claimed, other: Claimed) -> Result<(), String> {
        if let Some(last) = self.claims.last() {
            let is_same = one.fence == last.in_model.fence;
            let (before, now) = (last.in_store.fence, other.fence);
            if (is_same && now != before) || (!is_same && now <= before) {
                return Err(format!("the fence went from {before} to {now}"));
            }
            if is_same {
                return Ok(());
            }
        }
        self.claims.push(Twin {
            in_model: claim_ref(&request, one),
            in_store: claim_ref(&request, other),
            records: Records::default(),
            request,
        });
        Ok(())
    }

    async fn complete(&mut self, which: Which, completion: Completion) -> Result<(), String> {
        let Some(claim) = find(&mut self.claims, which) else {
            return Ok(());
        };
        let completion = &*claim.records.success.get_or_insert(completion);
        let of_model = self.model.complete(&claim.in_model, completion).await;
        let of_store = self.store.complete(&claim.in_store, completion).await;
        same("the success was", answer(of_model)?, answer(of_store)?)
    }

    async fn fail(&mut self, which: Which, failure: Failure) -> Result<(), String> {
        let Some(claim) = find(&mut self.claims, which) else {
            return Ok(());
        };
        let said = match failure.status {
            FailureStatus::Failed => &mut claim.records.failure,
            FailureStatus::Unknown => &mut claim.records.doubt,
        };
        let failure = &*said.get_or_insert(failure);
        let of_model = self.model.fail(&claim.in_model, failure).await;
        let of_store = self.store.fail(&claim.in_store, failure).await;
        same("the failure was", answer(of_model)?, answer(of_store)?)
    }

    async fn renew(&mut self, which: Which, lease: Time) -> Result<(), String> {
        let Some(claim) = find(&mut self.claims, which) else {
            return Ok(());
        };
        let lease = lease.duration();
        let of_model = self.model.renew(&[claim.in_model], lease).await;
        let of_store = self.store.renew(&[claim.in_store], lease).await;
        let (n_of_model, n_of_store) = (answer(of_model)?.len(), answer(of_store)?.len());
        same("so many leases were renewed:", n_of_model, n_of_store)
    }

    async fn mark_lost(&mut self, which: Which) -> Result<(), String> {
        let Some(claim) = find(&mut self.claims, which) else {
            return Ok(());
        };
        let ClaimRef { key, fence, .. } = claim.in_model;
        answer(self.model.mark_lost(&key, fence).await)?;
        answer(self.store.mark_lost(&key, claim.in_store.fence).await)
    }

    async fn release(&mut self, which: Which) -> Result<(), String> {
        let Some(claim) = find(&mut self.claims, which) else {
            return Ok(());
        };
        answer(self.model.release(&claim.in_model).await)?;
        answer(self.store.release(&claim.in_store).await)
    }

    /// The store has rows of other histories, too: their number says nothing.
    async fn purge(&mut self) -> Result<(), String> {
        answer(self.model.purge(u32::MAX).await)?;
        while answer(self.store.purge(1000).await)? > 0 {}
        Ok(())
    }

    /// An outcome in words that are the same for both: a fence is named by the claim that got it, a time by whether it is
    /// over.
    fn told(&self, outcome: &ClaimOutcome, fence_of: impl Fn(&Twin) -> i64) -> String {
        let claim = |fence: i64| self.claims.iter().position(|it| fence_of(it) == fence);
        match outcome {
            ClaimOutcome::Claimed(Claimed {
                fence: _,
                attempt,
                generation,
                starts,
            }) => format!("claimed: attempt {attempt}, generation {generation}, starts {starts}"),
            ClaimOutcome::Stale { value, by, claimed } => {
                let (bytes, by) = (&value.bytes, Time::told(*by));
                let row = match claimed {
                    Some(claimed) => self.told(&ClaimOutcome::Claimed(*claimed), fence_of),
                    None => "not to be had".to_owned(),
                };
                format!("stale: {bytes:?}, codec {}, by {by:?}; {row}", value.codec)
            }
            ClaimOutcome::Hit(it) => {
                let left = it.expires_in.map(Time::told);
                format!("hit: {:?}, codec {}, expires {left:?}", it.bytes, it.codec)
            }
            ClaimOutcome::Busy {
                fence,
                holder,
                remaining,
            } => {
                let (claim, left) = (claim(*fence), Time::told(*remaining));
                format!("busy: claim {claim:?}, {holder}, lease {left:?}")
            }
            ClaimOutcome::Failed {
                fence,
                attempt,
                error,
                retry_in,
            } => {
                let (claim, left) = (claim(*fence), Time::told(*retry_in));
                format!("failed: claim {claim:?}, attempt {attempt}, {error:?}, retry {left:?}")
            }
            ClaimOutcome::Unknown {
                fence,
                attempt,
                error,
            } => {
                let claim = claim(*fence);
                format!("unknown: claim {claim:?}, attempt {attempt}, {error:?}")
            }
            ClaimOutcome::Drift { stored } => format!("drift: {stored:?}"),
        }
    }
}

/// What the caller of the claim knows of it: where the claim was sent again and won anew, the last answer.
fn find(claims: &mut [Twin], which: Which) -> Option<&mut Twin> {
    let last = claims.len().checked_sub(1)?;
    let index = match which {
        Which::Last => last,
        Which::Nth(number) => number % claims.len(),
    };
    let claim_id = claims[index].request.claim_id;
    let mut from_the_last = claims.iter_mut().rev();
    from_the_last.find(|it| it.request.claim_id == claim_id)
}

fn same<T: PartialEq + Debug>(what: &str, of_model: T, of_store: T) -> Result<(), String> {
    if of_model == of_store {
        Ok(())
    } else {
        Err(format!("{what} {of_store:?}, and should {of_model:?}"))
    }
}

fn answer<T>(result: Result<T, impl Debug>) -> Result<T, String> {
    result.map_err(|error| format!("the store did not answer: {error:?}"))
}
