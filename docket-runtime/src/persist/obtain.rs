//! [`obtain`]: a caller's way to the result of a persisted step.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use crate::error::{Error, ErrorKind};
use crate::observe::WaitingFor;
use crate::store::{ClaimOutcome, Stored};
use crate::value::Value;

use super::claim::{Answer, Opening, Talk, drift_of_joiner};
use super::code::Code;
use super::flight::{Boarding, Landed, Phase, Pilot, Seat};
use super::packing::unpack;
use super::run::fly;
use super::shutdown::is_shut_down;
use super::{How, Job, Keeper, Obtained};

/// Takes the result of `job` from the store, or waits for whoever is making it, or has `code` make it.
///
/// `code` is run at most once, in a task of its own and under a claim that the store has acknowledged; then it goes to its
/// end and is recorded, also when this future is dropped. Dropped before, it starts nothing. Where the row is in doubt,
/// `code` is asked to reconcile it first, if it can.
///
/// The caller waits until `job.wait_until`. What it gets then says how far it was: `DeadlineExceeded` if its own `code` is
/// under way, `Busy` if another caller's is, and `Store` if the store has not answered, or has not yet recorded a run that
/// has ended.
pub async fn obtain<T, C>(keeper: &Keeper, job: Job, code: C) -> Result<Obtained<T>, Error>
where
    T: Value,
    C: Code<T>,
{
    obtain_noting(keeper, job, code, || {}).await
}

/// The same. `note` hears, maybe more than once, that `code` does not run soon: the result is there, or somebody else is
/// at it.
pub(crate) async fn obtain_noting<T, C>(
    keeper: &Keeper,
    job: Job,
    code: C,
    note: impl Fn() + Send + Sync,
) -> Result<Obtained<T>, Error>
where
    T: Value,
    C: Code<T>,
{
    let (step_name, execution_id) = (job.step_name, job.execution_id.clone());
    let outcome = loop {
        match keeper.board(&job) {
            Boarding::Opened(pilot, seat) => {
                let mut caller = Caller {
                    seat,
                    wait_until: job.wait_until,
                    is_own: true,
                };
                launch(pilot, job, code).await;
                break caller.wait(&note).await;
            }
            Boarding::Joined(seat) => {
                let observers = &keeper.inner.observers;
                job.about().waits(observers, WaitingFor::Caller);
                let mut caller = Caller {
                    seat,
                    wait_until: job.wait_until,
                    is_own: false,
                };
                let outcome = caller.wait(&note).await;
                // The runtime of the other caller is gone, and this one's is not: so this one waits for what is left of the
                // lease, as it would if a process were lost.
                if caller.is_lost() && job.repeat.repeats_lost() {
                    continue;
                }
                break outcome;
            }
            Boarding::Drift => break Err(drift_of_joiner()),
            Boarding::Closed => break Err(is_shut_down()),
        }
    };
    // Each caller gets an error of its own execution, of the same cause.
    outcome
        .and_then(typed)
        .map_err(|error| error.with_step(step_name).with_execution(&execution_id))
}

/// Sends the flight on its way. It never waits, so a caller can't be dropped in the middle.
async fn launch<T: Value, C: Code<T>>(pilot: Pilot, job: Job, code: C) {
    let mut talk = Talk::new(&pilot.keeper, &job, C::RECONCILES);
    if pilot.keeper.inner.is_local {
        let opening = open(talk.first_answer()).await;
        // A hit in this process's memory needs no task.
        if let Opening::Answered(Ok(ClaimOutcome::Hit(stored))) = &opening
            && let Ok(value) = unpack::<T>(stored)
        {
            pilot.keeper.inner.counters.hit.add();
            return pilot.land(Ok(Landed::new(value, stored, How::Hit)));
        }
        talk.open_with(opening);
    }
    tokio::spawn(fly::<T, C>(pilot, job, code, talk).in_current_span());
}

/// Polls the first request once. Whatever came of it goes on in the task: above all a claim that was won.
async fn open(mut answer: Answer) -> Opening {
    match poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await {
        Poll::Ready(outcome) => Opening::Answered(outcome),
        Poll::Pending => Opening::Sent(answer),
    }
}

/// The output of `future`, or `None` at `until`. The clock is what counts: the execution has a timer for the same moment,
/// and when that one is the first to be heard, this one may say that it is not time yet.
async fn before<F: Future>(until: Instant, future: F) -> Option<F::Output> {
    let (mut future, mut timer) = (pin!(future), pin!(sleep_until(until)));
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        if timer.as_mut().poll(cx).is_ready() || Instant::now() >= until {
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await
}

fn typed<T: Value>(landed: Landed) -> Result<Obtained<T>, Error> {
    let Landed { value, stored, how } = landed;
    match value.downcast::<T>() {
        Ok(value) => Ok(Obtained { value, stored, how }),
        Err(_) => Err(Error::new(ErrorKind::Encoding).with_detail(
            "another step of the same name and version makes a value of another type",
        )),
    }
}

impl Landed {
    pub(super) fn new<T: Value>(value: Arc<T>, stored: &Stored, how: How) -> Self {
        // Without the store's own handle, so that a value nobody else has can be taken without a copy.
        let stored = Stored {
            shared: None,
            ..stored.clone()
        };
        Self { value, stored, how }
    }
}

struct Caller {
    seat: Seat,
    wait_until: Option<Instant>,
    /// Whether it is this caller's code that the flight runs.
    is_own: bool,
}

impl Caller {
    async fn wait(&mut self, note: &(impl Fn() + Sync)) -> Result<Landed, Error> {
        let outcome = match self.wait_until {
            None => self.outcome(note).await,
            Some(until) => match before(until, self.outcome(note)).await {
                Some(outcome) => outcome,
                None => {
                    let phase = self.seat.borrow().clone();
                    return self.too_late(phase);
                }
            },
        };
        outcome.map(|landed| {
            let how = match landed.how {
                How::Ran | How::Unrecorded | How::Reconciled if !self.is_own => How::Joined,
                how => how,
            };
            Landed { how, ..landed }
        })
    }

    async fn outcome(&mut self, note: &(impl Fn() + Sync)) -> Result<Landed, Error> {
        let is_own = self.is_own;
        let is_over = |phase: &Phase| {
            if phase.is_elsewhere(is_own) {
                note();
            }
            matches!(phase, Phase::Landed(_) | Phase::Lost(_))
        };
        match self.seat.wait_for(is_over).await.map(|phase| phase.clone()) {
            Ok(Phase::Landed(outcome)) => outcome,
            Ok(phase) => Err(phase.lost()),
            // The pilot tells before it goes, so this does not happen.
            Err(_) => Err(Phase::Asking.lost()),
        }
    }

    /// Whether the task of the flight went away before it ended.
    fn is_lost(&self) -> bool {
        matches!(*self.seat.borrow(), Phase::Lost(_))
    }

    fn too_late(&self, phase: Phase) -> Result<Landed, Error> {
        let (kind, detail) = match phase {
            Phase::Landed(outcome) => return outcome,
            Phase::Lost(error) => return Err(error),
            // It has ended, and only its record is not written: its own error says more than ours.
            Phase::Recording { failed: Some(error) } => return Err(error),
            Phase::Recording { failed: None } => (
                ErrorKind::Store,
                "the step ran, but its result is not recorded yet; that goes on in the background, so ask again".into(),
            ),
            Phase::Asking => (ErrorKind::Store, "it did not answer in time, and the step was not started".into()),
            Phase::Waiting { holder } => (
                ErrorKind::Busy,
                format!("process `{holder}` runs it and was not done in time; ask again, or give it more time"),
            ),
            Phase::Running if self.is_own => (
                ErrorKind::DeadlineExceeded,
                "it runs on and will be recorded, so ask again, or give it more time".into(),
            ),
            Phase::Running => (
                ErrorKind::Busy,
                "this process runs it and was not done in time; ask again, or give it more time".into(),
            ),
        };
        Err(Error::new(kind).with_detail(detail))
    }
}
