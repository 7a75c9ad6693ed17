//! The task of a flight: claim, run, record, land.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::error::{Error, ErrorKind};
use crate::key;
use crate::store::{Claimed, StoreError};
use crate::value::Value;

use super::claim::{Talk, Turn};
use super::code::Code;
use super::flight::{Landed, Pilot, TakeOff};
use super::packing::{pack, unpack};
use super::reconcile::reconcile;
use super::record::Recorder;
use super::release::release;
use super::shutdown::is_shut_down;
use super::{Annotations, Ended, Grant, How, Job, events};

/// Conducts a flight from its first request to its landing.
pub(super) async fn fly<T, C>(mut pilot: Pilot, job: Job, code: C, mut talk: Talk)
where
    T: Value,
    C: Code<T>,
{
    match ask::<T>(&mut pilot, &job, &mut talk).await {
        Clearance::Run(claimed) => recorded(pilot, job, code, talk, claimed).await,
        Clearance::Reconcile(claimed) => {
            reconcile(Recorder::new(pilot, job, talk, claimed), code).await;
        }
        Clearance::Refresh(stale, claimed) => {
            let refresh = pilot.land_and_go_on(stale);
            refreshed(refresh, job, code, talk, claimed).await;
        }
        Clearance::RunUnrecorded => unrecorded(pilot, &job, code).await,
        Clearance::Land(outcome) => pilot.land(outcome),
        Clearance::Deserted => {}
    }
}

enum Clearance {
    Run(Claimed),
    /// Not before it is known what became of the last run.
    Reconcile(Claimed),
    /// While the callers have what has expired.
    Refresh(Landed, Claimed),
    RunUnrecorded,
    Land(Result<Landed, Error>),
    Deserted,
}

async fn ask<T: Value>(pilot: &mut Pilot, job: &Job, talk: &mut Talk) -> Clearance {
    loop {
        let outcome = match talk.next(pilot).await {
            Turn::Won(claimed) => return Clearance::Run(claimed),
            Turn::InDoubt(claimed) => return Clearance::Reconcile(claimed),
            Turn::Deserted => return Clearance::Deserted,
            Turn::Closed => Err(is_shut_down()),
            Turn::Down(error) if job.repeat.runs_unrecorded() => {
                events::unrecorded(&pilot.keeper.inner, job, &error);
                return Clearance::RunUnrecorded;
            }
            Turn::Down(error) => Err(unclaimed(error)),
            Turn::Refused(error) => Err(error),
            Turn::Stale { stored, claimed } => match (unpack::<T>(&stored), claimed) {
                (Ok(value), claimed) => {
                    let stale = Landed::new(value, &stored, How::Stale);
                    match claimed {
                        Some(claimed) => return Clearance::Refresh(stale, claimed),
                        None => Ok(stale),
                    }
                }
                // It is as if it had not been there.
                (Err(_), claimed) => {
                    events::undecodable(&pilot.keeper.inner, job, true);
                    talk.refuse_stale();
                    match claimed {
                        Some(claimed) => return Clearance::Run(claimed),
                        None => continue,
                    }
                }
            },
            Turn::Found { stored, waited } => match unpack::<T>(&stored) {
                Ok(value) => Ok(Landed::new(
                    value,
                    &stored,
                    if waited { How::Joined } else { How::Hit },
                )),
                // A row that was recorded without a value would come to the same again.
                Err(error) if stored.bytes.is_none() => Err(error),
                Err(error) => {
                    let runs_again = job.repeat.replaces_undecodable() && talk.replace();
                    events::undecodable(&pilot.keeper.inner, job, runs_again);
                    if runs_again {
                        continue;
                    }
                    Err(error)
                }
            },
        };
        return Clearance::Land(outcome);
    }
}

/// Runs the step under a claim that was just won.
async fn recorded<T, C>(mut pilot: Pilot, job: Job, code: C, talk: Talk, claimed: Claimed)
where
    T: Value,
    C: Code<T>,
{
    match pilot.take_off() {
        TakeOff::Cleared => Recorder::new(pilot, job, talk, claimed).run(code).await,
        TakeOff::Deserted => {
            events::deserted(&job);
            release(&pilot.keeper, job.about(), talk.claim(&claimed)).await;
        }
        TakeOff::Closed => {
            // The process does not end before the claim is given back, but its callers need not wait for that.
            let (keeper, _pass) = (pilot.keeper.clone(), pilot.keeper.pass());
            pilot.land(Err(is_shut_down()));
            release(&keeper, job.about(), talk.claim(&claimed)).await;
        }
    }
}

/// Runs the step under a claim that was just won, and nobody waits for it.
async fn refreshed<T, C>(pilot: Pilot, job: Job, code: C, talk: Talk, claimed: Claimed)
where
    T: Value,
    C: Code<T>,
{
    if pilot.keeper.inner.gate.is_closed() {
        return release(&pilot.keeper, job.about(), talk.claim(&claimed)).await;
    }
    Recorder::new(pilot, job, talk, claimed).run(code).await;
}

/// Runs the step while its store can't be asked.
async fn unrecorded<T, C>(mut pilot: Pilot, job: &Job, code: C)
where
    T: Value,
    C: Code<T>,
{
    match pilot.take_off() {
        TakeOff::Cleared => {}
        TakeOff::Deserted => return events::deserted(job),
        TakeOff::Closed => return pilot.land(Err(is_shut_down())),
    }
    let grant = Grant {
        idempotency_key: key::idempotency_key(&job.key, 0).into(),
        annotations: Annotations::new(),
        fence: None,
    };
    let max_bytes = pilot.keeper.inner.settings.max_value_bytes;
    let outcome = run(code, grant).await.map_err(|ended| ended.error);
    let outcome = outcome.and_then(|value| pack(value, max_bytes));
    pilot.land(outcome.map(|it| Landed::new(it.value, &it.stored, How::Unrecorded)));
}

/// Runs the step's code. A panic is an end like others.
pub(super) async fn run<T, C: Code<T>>(code: C, grant: Grant) -> Result<T, Ended> {
    match guarded(async move { code.run(grant).await }).await {
        Ok(outcome) => outcome,
        Err(words) => Err(Ended {
            error: Error::new(ErrorKind::Panicked)
                .with_attempts(1)
                .with_detail(words),
            verdict: None,
        }),
    }
}

/// The output of a future that is the user's code, or what it said when it panicked.
pub(super) async fn guarded<T>(body: impl Future<Output = T>) -> Result<T, String> {
    let mut body = pin!(body);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => {
                let words = panic.downcast_ref::<&str>().copied().map(str::to_owned);
                let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
                Poll::Ready(Err(words.unwrap_or_else(|| "without a message".to_owned())))
            }
        },
    )
    .await
}

fn unclaimed(error: StoreError) -> Error {
    Error::new(ErrorKind::Store)
        .with_detail("the step was not started")
        .with_source(error)
}
