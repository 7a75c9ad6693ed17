//! Asking the store for a row, until it is this flight's, or somebody else's outcome is there, or nobody waits any more.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::sleep;

use crate::error::{Error, ErrorKind};
use crate::store::{ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Claimed, StoreError, Stored};

use super::backoff::{Backoff, within};
use super::flight::{Phase, Pilot};
use super::release::settle;
use super::{Job, Keeper, Repeat};

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
    /// The result is there; `waited` if it was not at first.
    Found { stored: Stored, waited: bool },
    /// The store could not be asked.
    Down(StoreError),
    /// The row says that there is no result.
    Refused(Error),
    /// Nobody waits any more, and the flight is over.
    Deserted,
}

/// The claim requests of one flight.
pub(super) struct Talk {
    keeper: Keeper,
    request: ClaimRequest,
    repeat: Repeat,
    opening: Opening,
    /// Set once the row was seen in other hands. From then on the outcome of that attempt is what the callers get, also
    /// if it is a failure: if each waiter started the next attempt, they would fail one after the other.
    has_waited: bool,
    has_looked_again: bool,
    has_replaced: bool,
    /// Whether this claim may have been won without our knowing.
    is_ambiguous: bool,
}

impl Talk {
    pub(super) fn new(keeper: &Keeper, job: &Job) -> Self {
        Self {
            keeper: keeper.clone(),
            request: keeper.request(job),
            repeat: job.repeat,
            opening: Opening::Unsent,
            has_waited: false,
            has_looked_again: false,
            has_replaced: false,
            is_ambiguous: false,
        }
    }

    /// The first request, in a future of its own: the one who polls it need not be the one who sends the next.
    pub(super) fn first_answer(&self) -> Answer {
        let (keeper, request, patience) =
            (self.keeper.clone(), self.request.clone(), self.patience());
        Box::pin(async move { within(patience, keeper.store().claim(&request)).await })
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

    /// Starts over with a new claim, after the last one was lost.
    pub(super) fn start_over(&mut self) {
        self.request.claim_id = ClaimId::random();
        self.request.retry_failed = self.repeat.retries_failed();
        self.request.replace = false;
        self.has_waited = false;
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
                ClaimOutcome::Claimed(claimed) => return Turn::Won(claimed),
                ClaimOutcome::Hit(stored) => {
                    return Turn::Found {
                        stored,
                        waited: self.has_waited,
                    };
                }
                ClaimOutcome::Busy { holder, .. } => {
                    self.wait_from_now_on();
                    pilot.report(Phase::Waiting {
                        holder: holder.into(),
                    });
                    if is_deserted_within(pilot, backoff.delay()).await {
                        return Turn::Deserted;
                    }
                }
                ClaimOutcome::Unknown { .. } if !self.has_looked_again => {
                    self.has_looked_again = true;
                    sleep(SECOND_LOOK.min(self.request.lease / 3)).await;
                }
                ClaimOutcome::Unknown { attempt, error, .. } => {
                    return Turn::Refused(in_doubt(attempt, &error));
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

    fn wait_from_now_on(&mut self) {
        self.has_waited = true;
        self.has_looked_again = false;
        self.request.retry_failed = false;
        self.request.replace = false;
    }

    /// One answer of the store, for which the same request is sent up to three times.
    async fn ask(&mut self) -> Result<ClaimOutcome, StoreError> {
        let mut backoff = Backoff::of_claims();
        let mut tries = 1;
        loop {
            match self.send().await {
                Ok(outcome) => {
                    self.is_ambiguous = false;
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
                within(self.patience(), self.keeper.store().claim(&self.request)).await
            }
            Opening::Sent(answer) => answer.await,
            Opening::Answered(answer) => answer,
        }
    }

    fn settle(&self) {
        if self.is_ambiguous {
            settle(self.keeper.clone(), self.request.clone());
        }
    }

    fn patience(&self) -> Duration {
        self.repeat.claim_patience(self.request.lease)
    }

    fn failed(&self, attempt: u32, error: &str, retry_in: Duration) -> Error {
        let what_now = if self.has_waited {
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
}

/// Waits for `delay`, or less if every caller leaves.
async fn is_deserted_within(pilot: &mut Pilot, delay: Duration) -> bool {
    tokio::select! {
        () = sleep(delay) => {}
        () = pilot.desertion() => {}
    }
    pilot.is_deserted()
}

fn in_doubt(attempt: u32, error: &str) -> Error {
    let what = if error.is_empty() {
        "its process was lost"
    } else {
        error
    };
    Error::new(ErrorKind::InDoubt).with_attempts(attempt).with_detail(format!(
        "it was started and nobody knows how it ended ({what}); find out, and set its row to what it was, or delete it to \
         have the step run again"
    ))
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
