//! Asking the store for a row, until it is this flight's, or somebody else's outcome is there, or nobody waits any more.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::sleep;

use crate::error::{Error, ErrorKind};
use crate::observe::{Asker, Observers, Operation, WaitingFor};
use crate::store::{
    ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Claimed, Store as _, StoreError, Stored,
};

use super::backoff::Backoff;
use super::flight::{Phase, Pilot};
use super::patience::Patience;
use super::release::settle;
use super::told::About;
use super::{Job, Keeper, Repeat, events};

/// How often a claim is sent before the store counts as down. The delays between are some 100 ms in all.
const CLAIM_TRIES: u32 = 3;

/// Before an unknown outcome is believed, the row is looked at once more: a heartbeat may have renewed its lease a moment
/// ago. A stale look is a matter of milliseconds, and everybody who finds an unknown row waits for this.
const SECOND_LOOK: Duration = Duration::from_millis(250);

/// The answer to the first request, on its way.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<ClaimOutcome, StoreError>> + Send>>;

/// The first request may have been sent before the flight had its task.
pub(super) enum Opening {
    Unsent,
    Sent(Answer),
    Answered(Result<ClaimOutcome, StoreError>),
}

/// What asking came to.
pub(super) enum Turn {
    /// The row is this flight's, and the step is to run.
    Won(Claimed),
    /// The row is this flight's, and what became of the last run is to be found out first.
    InDoubt(Claimed),
    /// The result is there; `waited` if it was not at first.
    Found { stored: Stored, waited: bool },
    /// A result is there that has expired and may be used; and where the row is this flight's, the step is to run.
    Stale {
        stored: Stored,
        claimed: Option<Claimed>,
    },
    /// The store could not be asked.
    Down(StoreError),
    /// The row says that there is no result.
    Refused(Error),
    /// The graph was shut down while another process had the row.
    Closed,
    /// Nobody waits any more, and the flight is over.
    Deserted,
}

/// The claim requests of one flight.
pub(super) struct Talk {
    keeper: Keeper,
    request: ClaimRequest,
    repeat: Repeat,
    asker: Asker,
    /// Whether the step can say what became of a lost run.
    reconciles: bool,
    opening: Opening,
    /// The fence of the attempt that the row was last seen in the hands of. From then on the outcome of that attempt is what
    /// the callers get, also if it is a failure: if each waiter started the next attempt, they would fail one after the
    /// other.
    waited_for: Option<i64>,
    has_looked_again: bool,
    has_replaced: bool,
    /// Whether this claim may have been won without our knowing.
    is_ambiguous: bool,
}

impl Talk {
    pub(super) fn new(keeper: &Keeper, job: &Job, reconciles: bool) -> Self {
        Self {
            keeper: keeper.clone(),
            request: keeper.request(job),
            repeat: job.repeat,
            asker: job.asker,
            reconciles,
            opening: Opening::Unsent,
            waited_for: None,
            has_looked_again: false,
            has_replaced: false,
            is_ambiguous: false,
        }
    }

    /// The first request, in a future of its own: the one who polls it need not be the one who sends the next.
    pub(super) fn first_answer(&self) -> Answer {
        let (keeper, request, patience) =
            (self.keeper.clone(), self.request.clone(), self.patience());
        let asker = self.asker;
        Box::pin(async move { claim(&keeper, asker, &request, patience).await })
    }

    pub(super) fn open_with(&mut self, opening: Opening) {
        self.opening = opening;
    }

    /// What to call a claim that was won.
    pub(super) fn claim(&self, claimed: &Claimed) -> ClaimRef {
        let ClaimRequest { call, claim_id, .. } = &self.request;
        ClaimRef {
            key: call.key,
            claim_id: *claim_id,
            fence: claimed.fence,
        }
    }

    /// From now on the row is asked for although it has a value, which could not be decoded. `false` if it was before:
    /// two releases of a service that can't read each other's rows must not run the step in turns for ever.
    pub(super) fn replace(&mut self) -> bool {
        self.request.replace = !std::mem::replace(&mut self.has_replaced, true);
        self.request.replace
    }

    /// From now on a value that has expired will not do: it could not be decoded.
    pub(super) fn refuse_stale(&mut self) {
        self.request.stale = None;
    }

    /// Starts over with a new claim, after the last one was lost.
    pub(super) fn start_over(&mut self) {
        self.request.claim_id = ClaimId::random();
        self.request.retry_failed = self.repeat.retries_failed();
        self.request.replace = false;
        self.request.reconcile = false;
        self.request.stale = None;
        self.waited_for = None;
        self.has_looked_again = false;
    }

    pub(super) async fn next(&mut self, pilot: &mut Pilot) -> Turn {
        let mut backoff = Backoff::of_waiters();
        loop {
            let outcome = match self.ask().await {
                Ok(outcome) => outcome,
                Err(error) => return Turn::Down(error),
            };
            match outcome {
                // Also where it turned out to be a claim like any other, since the row had gone meanwhile.
                ClaimOutcome::Claimed(claimed) if self.request.reconcile => {
                    return Turn::InDoubt(claimed);
                }
                ClaimOutcome::Claimed(claimed) => return Turn::Won(claimed),
                ClaimOutcome::Hit(stored) => {
                    return Turn::Found {
                        stored,
                        waited: self.waited_for.is_some(),
                    };
                }
                ClaimOutcome::Stale { value, claimed, .. } => {
                    return Turn::Stale {
                        stored: value,
                        claimed,
                    };
                }
                ClaimOutcome::Busy { fence, holder, .. } => {
                    if self.waited_for != Some(fence) {
                        let on = WaitingFor::Process { holder: &holder };
                        self.about().waits(self.observers(), on);
                    }
                    self.wait_for(fence);
                    pilot.report(Phase::Waiting {
                        holder: holder.into(),
                    });
                    match wait(pilot, backoff.delay()).await {
                        Wait::Over => {}
                        Wait::Deserted => return Turn::Deserted,
                        Wait::Closed => return Turn::Closed,
                    }
                }
                ClaimOutcome::Unknown { .. } if !self.has_looked_again => {
                    self.has_looked_again = true;
                    sleep(SECOND_LOOK.min(self.request.lease / 3)).await;
                }
                ClaimOutcome::Unknown { fence, error, .. } if self.may_reconcile(fence, &error) => {
                    self.request.reconcile = true;
                }
                ClaimOutcome::Unknown {
                    fence,
                    attempt,
                    error,
                } => {
                    self.mark_lost(fence).await;
                    return Turn::Refused(self.in_doubt(attempt, &error));
                }
                ClaimOutcome::Failed {
                    attempt,
                    error,
                    retry_in,
                    ..
                } => {
                    return Turn::Refused(self.failed(attempt, &error, retry_in));
                }
                ClaimOutcome::Drift { .. } => return Turn::Refused(drift()),
            }
        }
    }

    fn wait_for(&mut self, fence: i64) {
        self.waited_for = Some(fence);
        self.has_looked_again = false;
        self.request.retry_failed = false;
        self.request.replace = false;
        self.request.reconcile = false;
    }

    /// Whether this flight is to find out what became of the attempt under `fence`. Not if that is the one it waited for,
    /// which ended with the words that nobody knows: that is its outcome, and what each waiter would ask has just been
    /// asked.
    fn may_reconcile(&self, fence: i64, error: &str) -> bool {
        let has_ended = !error.is_empty();
        let is_outcome = self.waited_for == Some(fence) && has_ended;
        self.reconciles && !self.request.reconcile && !is_outcome
    }

    /// Gives up `claim` as if its holder had been lost at once. Until the store has heard of it, its lease says the same a
    /// little later.
    pub(super) async fn lose(&mut self, claim: ClaimRef) {
        let claims = [claim];
        let given_up = self.about().answer(
            &self.keeper.inner,
            Operation::MarkLost,
            self.patience(),
            self.keeper.store().renew(&claims, Duration::ZERO),
        );
        match given_up.await {
            Ok(_) => self.mark_lost(claim.fence).await,
            Err(error) => events::not_marked(&self.request.call, &error),
        }
    }

    /// Lets those who read the table see that a holder was lost. The row means the same without it.
    async fn mark_lost(&mut self, fence: i64) {
        let marked = self.about().answer(
            &self.keeper.inner,
            Operation::MarkLost,
            self.patience(),
            self.keeper.store().mark_lost(&self.request.call.key, fence),
        );
        if let Err(error) = marked.await {
            events::not_marked(&self.request.call, &error);
        }
    }

    /// One answer of the store, for which the same request is sent up to three times.
    async fn ask(&mut self) -> Result<ClaimOutcome, StoreError> {
        let mut backoff = Backoff::of_claims();
        let mut tries = 1;
        loop {
            match self.send().await {
                Ok(outcome) => {
                    self.is_ambiguous = false;
                    self.count(&outcome);
                    return Ok(outcome);
                }
                Err(error) => {
                    self.is_ambiguous |= error.is_retryable();
                    if !error.is_retryable() || tries == CLAIM_TRIES {
                        self.settle();
                        return Err(error);
                    }
                }
            }
            tries += 1;
            backoff.pause().await;
        }
    }

    async fn send(&mut self) -> Result<ClaimOutcome, StoreError> {
        match std::mem::replace(&mut self.opening, Opening::Unsent) {
            Opening::Unsent => {
                claim(&self.keeper, self.asker, &self.request, self.patience()).await
            }
            Opening::Sent(answer) => answer.await,
            Opening::Answered(answer) => answer,
        }
    }

    fn count(&self, outcome: &ClaimOutcome) {
        let counters = &self.keeper.inner.counters;
        if let Some(claimed) = outcome.claimed() {
            counters.claimed.add();
            if claimed.attempt > 1 {
                counters.reclaimed.add();
            }
            if claimed.starts > 1 {
                counters.taken_over.add();
            }
        }
        match outcome {
            ClaimOutcome::Claimed(_) => {}
            ClaimOutcome::Stale { .. } => counters.stale.add(),
            ClaimOutcome::Hit(_) => counters.hit.add(),
            ClaimOutcome::Busy { .. } => counters.busy.add(),
            ClaimOutcome::Failed { .. } => counters.failed.add(),
            ClaimOutcome::Unknown { .. } => counters.unknown.add(),
            ClaimOutcome::Drift { .. } => counters.drift.add(),
        }
    }

    fn settle(&self) {
        if self.is_ambiguous {
            settle(self.keeper.clone(), self.request.clone(), self.asker);
        }
    }

    fn about(&self) -> About<'_> {
        self.asker.about(&self.request.call)
    }

    fn observers(&self) -> &Observers {
        &self.keeper.inner.observers
    }

    fn patience(&self) -> Patience {
        let patience = self.repeat.claim_patience(self.request.lease);
        match self.waited_for {
            None => patience,
            // Somebody runs the step, and a moment of silence is no reason to run it beside him.
            Some(_) => Patience::of(patience.most),
        }
    }

    fn failed(&self, attempt: u32, error: &str, retry_in: Duration) -> Error {
        let what_now = if self.waited_for.is_some() {
            "the attempt of another caller that was waited for".to_owned()
        } else if self.request.retry_failed {
            format!("another attempt is allowed in {retry_in:?}")
        } else {
            "a failure is final under `repeat = \"never\"`, until its row expires or is deleted"
                .to_owned()
        };
        Error::new(ErrorKind::Failed)
            .with_attempts(attempt)
            .with_detail(format!("{error} (recorded; {what_now})"))
    }

    fn in_doubt(&self, attempt: u32, error: &str) -> Error {
        let max_attempts = self.request.max_attempts;
        let detail = if self.request.repeat_lost && attempt >= max_attempts {
            format!(
                "{max_attempts} processes were lost while they ran it, which is as many as `max_attempts` allows; find out \
                 whether it is what ends them, and whether it took effect, and say so by `docket resolve`"
            )
        } else {
            let what = if error.is_empty() {
                "its process was lost"
            } else {
                error
            };
            let or_ask = if self.reconciles {
                ""
            } else {
                ", or give the step a `reconcile` that asks"
            };
            format!(
                "it was started and nobody knows how it ended ({what}); find out whether it took effect, and say so by \
                 `docket resolve`{or_ask}"
            )
        };
        Error::new(ErrorKind::InDoubt)
            .with_attempts(attempt)
            .with_detail(detail)
    }
}

/// Sends a claim once.
async fn claim(
    keeper: &Keeper,
    asker: Asker,
    request: &ClaimRequest,
    patience: Patience,
) -> Result<ClaimOutcome, StoreError> {
    let answer = keeper.store().claim(request);
    let about = asker.about(&request.call);
    about
        .answer(&keeper.inner, Operation::Claim, patience, answer)
        .await
}

enum Wait {
    Over,
    /// Every caller has left.
    Deserted,
    /// The graph was shut down.
    Closed,
}

/// Waits for `delay`, or less if nobody waits any more.
async fn wait(pilot: &mut Pilot, delay: Duration) -> Wait {
    let gate = &pilot.keeper.inner.gate;
    tokio::select! {
        () = sleep(delay) => {}
        () = pilot.desertion() => {}
        () = gate.closed() => return Wait::Closed,
    }
    if pilot.is_deserted() {
        Wait::Deserted
    } else {
        Wait::Over
    }
}

fn drift() -> Error {
    Error::new(ErrorKind::InputDrift).with_detail(
        "the row of this `#[key]` was made from other inputs; make what differs part of the key, or delete the row",
    )
}

/// The same among the callers of one process.
pub(super) fn drift_of_joiner() -> Error {
    Error::new(ErrorKind::InputDrift).with_detail(
        "another caller is running it for the same `#[key]` with other inputs; make what differs part of the key",
    )
}
