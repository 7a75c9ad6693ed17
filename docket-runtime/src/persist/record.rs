//! Recording how a run ended, for as long as it takes.

use std::error::Error as _;

use crate::error::{BoxError, Error, ErrorKind};
use crate::store::{ClaimRef, Claimed, Completion, Failure, StoreError, Stored, Write};
use crate::value::Value;

use super::backoff::{Backoff, within};
use super::claim::{Talk, Turn};
use super::flight::{Landed, Phase, Pilot};
use super::heartbeat::Hold;
use super::packing::{pack, unpack};
use super::{Annotations, Ended, How, Job, Keeper, events};

/// A run that loses its row so often is not recorded: something else is wrong.
const MAX_CLAIMS: u32 = 3;

/// A run that has ended, on its way into its row.
pub(super) struct Recorder {
    pub(super) pilot: Pilot,
    pub(super) job: Job,
    pub(super) talk: Talk,
    pub(super) claim: ClaimRef,
    pub(super) claimed: Claimed,
    /// The row is kept until it is written.
    pub(super) hold: Hold,
    pub(super) annotations: Annotations,
}

type Outcome = Result<Landed, Error>;

/// What came of the look at a row that was found in other hands.
enum Reunion {
    /// It could be claimed anew.
    Claimed,
    Land(Outcome),
    Deserted,
}

impl Recorder {
    /// Records `value`, and lands with what a later hit will find: also if that is that it can't be stored. Its effect took
    /// place, so the row is then written without it, and nobody runs the step again.
    pub(super) async fn succeed<T: Value>(mut self, value: T) {
        let (stored, json, outcome) = match pack(value) {
            Ok(packed) => {
                let outcome = Landed::new(packed.value.clone(), &packed.stored, How::Ran);
                let stored = Stored {
                    shared: Some(packed.value),
                    ..packed.stored
                };
                (stored, packed.json, Ok(outcome))
            }
            Err(error) => (
                Stored {
                    bytes: None,
                    codec: T::CODEC,
                    shared: None,
                },
                None,
                Err(error),
            ),
        };
        for _ in 0..MAX_CLAIMS {
            self.pilot.report(Phase::Recording {
                failed: outcome.as_ref().err().cloned(),
            });
            let completion = Completion {
                value: stored.clone(),
                json: json.clone(),
                ttl: self.job.ttl,
                metadata: self
                    .annotations
                    .to_metadata([("attempt", self.claimed.attempt.into())]),
            };
            match self.complete(&completion).await {
                Recorded::Yes => return self.land(outcome),
                Recorded::No(error) => {
                    let outcome = self.without_record(outcome, error.into());
                    return self.land(outcome);
                }
                Recorded::Fenced => match self.reunite::<T>(&outcome).await {
                    Reunion::Claimed => {}
                    Reunion::Land(outcome) => return self.land(outcome),
                    Reunion::Deserted => return,
                },
            }
        }
        let outcome = self.without_record(outcome, "its row was taken away again and again".into());
        self.land(outcome);
    }

    /// Records the end of a run without a value, and lands with its error, which says more than ours if that fails.
    pub(super) async fn fail(self, ended: Ended) {
        let judgement = self.job.repeat.judge(&ended);
        self.pilot.report(Phase::Recording {
            failed: Some(ended.error.clone()),
        });
        let failure = Failure {
            status: judgement.status,
            code: judgement.code,
            error: words(&ended.error),
            retry_in: std::time::Duration::ZERO,
            ttl: self.job.ttl,
            metadata: self.annotations.to_metadata([
                ("attempt", self.claimed.attempt.into()),
                ("code", judgement.code.into()),
                ("kind", judgement.kind.into()),
            ]),
        };
        let store = self.pilot.keeper.store();
        match persevere(&self.pilot.keeper, &self.job, || {
            store.fail(&self.claim, &failure)
        })
        .await
        {
            Recorded::Yes | Recorded::No(_) => {}
            Recorded::Fenced => {
                events::fenced(&self.pilot.keeper.inner, &self.job, self.claim.fence);
            }
        }
        self.land(Err(ended.error));
    }

    async fn complete(&mut self, completion: &Completion) -> Recorded {
        let store = self.pilot.keeper.store();
        persevere(&self.pilot.keeper, &self.job, || {
            store.complete(&self.claim, completion)
        })
        .await
    }

    /// Finds out who has the row. If another holder succeeded, that is what all callers get; what is there is never
    /// written over. If nobody has it, or its holder failed or was lost, as the policy allows, this run's result goes in.
    async fn reunite<T: Value>(&mut self, ours: &Outcome) -> Reunion {
        events::fenced(&self.pilot.keeper.inner, &self.job, self.claim.fence);
        self.talk.start_over();
        let why: BoxError = match self.talk.next(&mut self.pilot).await {
            Turn::Won(claimed) => {
                self.claimed = claimed;
                self.claim = self.talk.claim(&claimed);
                self.hold = self.pilot.keeper.hold(self.claim, self.job.step_name);
                self.hold.recording();
                return Reunion::Claimed;
            }
            Turn::Deserted => return Reunion::Deserted,
            Turn::Found { stored, .. } => match unpack::<T>(&stored) {
                Ok(value) => return Reunion::Land(Ok(Landed::new(value, &stored, How::Joined))),
                Err(error) => error.into(),
            },
            Turn::Down(error) => error.into(),
            Turn::Refused(error) => error.into(),
        };
        Reunion::Land(self.without_record(ours.clone(), why))
    }

    /// The outcome of a run that is not in its row, and will not be.
    fn without_record(&self, outcome: Outcome, why: BoxError) -> Outcome {
        let landed = outcome?;
        if self.job.repeat.runs_unrecorded() {
            events::unrecorded(&self.pilot.keeper.inner, &self.job, &*why);
            return Ok(Landed {
                how: How::Unrecorded,
                ..landed
            });
        }
        Err(Error::new(ErrorKind::Store)
            .with_attempts(1)
            .with_detail("the step ran, but its result could not be recorded")
            .with_source(why))
    }

    fn land(self, outcome: Outcome) {
        let Self { pilot, hold, .. } = self;
        drop(hold);
        pilot.land(outcome);
    }
}

/// What became of a write.
enum Recorded {
    Yes,
    /// The row is in other hands.
    Fenced,
    /// It is not written, and is not tried again.
    No(StoreError),
}

/// Writes until the store has answered, as often as the policy allows. A write that is sent again is known by its claim,
/// so it does not matter whether an earlier one arrived.
async fn persevere<Fut>(keeper: &Keeper, job: &Job, mut write: impl FnMut() -> Fut) -> Recorded
where
    Fut: Future<Output = Result<Write, StoreError>>,
{
    let mut backoff = Backoff::of_records();
    let mut tries = 0;
    loop {
        tries += 1;
        match within(keeper.inner.lease / 3, write()).await {
            Ok(Write::Recorded) => return Recorded::Yes,
            Ok(Write::Fenced) => return Recorded::Fenced,
            Err(error) if !error.is_retryable() => {
                events::record_refused(job, &error);
                return Recorded::No(error);
            }
            Err(error) if job.repeat.record_tries() == Some(tries) => return Recorded::No(error),
            Err(error) => events::record_delayed(job, tries, &error),
        }
        backoff.pause().await;
    }
}

/// What the step said, with all its causes; else what we say of it.
fn words(error: &Error) -> String {
    let mut next = error.source();
    let mut words = Vec::new();
    while let Some(error) = next {
        words.push(error.to_string());
        next = error.source();
    }
    if words.is_empty() {
        error.to_string()
    } else {
        words.join(": ")
    }
}
