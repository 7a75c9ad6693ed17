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
use super::flight::{Landed, Pilot};
use super::packing::{pack, unpack};
use super::record::Recorder;
use super::release::release;
use super::{Annotations, Ended, Grant, How, Job, events};

/// Conducts a flight from its first request to its landing.
pub(super) async fn fly<T, F, Fut>(mut pilot: Pilot, job: Job, run: F, mut talk: Talk)
where
    T: Value,
    F: FnOnce(Grant) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, Ended>> + Send + 'static,
{
    let claimed = match ask::<T>(&mut pilot, &job, &mut talk).await {
        Clearance::Run(claimed) => claimed,
        Clearance::Land(outcome) => return pilot.land(outcome),
        Clearance::Deserted => return,
    };
    if !pilot.take_off() {
        events::deserted(&job);
        if let Some(claimed) = claimed {
            release(&pilot.keeper, talk.claim(&claimed)).await;
        }
        return;
    }
    let annotations = Annotations::new();
    let grant = Grant {
        idempotency_key: key::idempotency_key(&job.key, claimed.map_or(0, |it| it.generation))
            .into(),
        annotations: annotations.clone(),
        fence: claimed.map(|it| it.fence),
    };
    match claimed {
        None => {
            let outcome = guarded(run, grant)
                .await
                .map_err(|ended| ended.error)
                .and_then(pack);
            pilot.land(outcome.map(|it| Landed::new(it.value, &it.stored, How::Unrecorded)));
        }
        Some(claimed) => {
            let claim = talk.claim(&claimed);
            let hold = pilot.keeper.hold(claim, job.step_name);
            let run_outcome = guarded(run, grant).await;
            hold.recording();
            let recorder = Recorder {
                pilot,
                job,
                talk,
                claim,
                claimed,
                hold,
                annotations,
            };
            match run_outcome {
                Ok(value) => recorder.succeed(value).await,
                Err(ended) => recorder.fail(ended).await,
            }
        }
    }
}

enum Clearance {
    /// Under this claim, or unrecorded.
    Run(Option<Claimed>),
    Land(Result<Landed, Error>),
    Deserted,
}

async fn ask<T: Value>(pilot: &mut Pilot, job: &Job, talk: &mut Talk) -> Clearance {
    loop {
        let outcome = match talk.next(pilot).await {
            Turn::Won(claimed) => return Clearance::Run(Some(claimed)),
            Turn::Deserted => return Clearance::Deserted,
            Turn::Down(error) if job.repeat.runs_unrecorded() => {
                events::unrecorded(&pilot.keeper.inner, job, &error);
                return Clearance::Run(None);
            }
            Turn::Down(error) => Err(unclaimed(error)),
            Turn::Refused(error) => Err(error),
            Turn::Found { stored, waited } => match unpack::<T>(&stored) {
                Ok(value) => Ok(Landed::new(
                    value,
                    &stored,
                    if waited { How::Joined } else { How::Hit },
                )),
                // A row that was recorded without a value would come to the same again.
                Err(_)
                    if stored.bytes.is_some()
                        && job.repeat.replaces_undecodable()
                        && talk.replace() =>
                {
                    events::undecodable(job);
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        return Clearance::Land(outcome);
    }
}

/// Runs the step's code. A panic, also in the making of its future, is an end like others.
async fn guarded<T, F, Fut>(run: F, grant: Grant) -> Result<T, Ended>
where
    F: FnOnce(Grant) -> Fut,
    Fut: Future<Output = Result<T, Ended>>,
{
    let mut body = pin!(async move { run(grant).await });
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(panic) => {
                let words = panic.downcast_ref::<&str>().copied().map(str::to_owned);
                let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
                let error = Error::new(ErrorKind::Panicked).with_attempts(1);
                let error =
                    error.with_detail(words.unwrap_or_else(|| "without a message".to_owned()));
                Poll::Ready(Err(Ended {
                    error,
                    verdict: None,
                }))
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
