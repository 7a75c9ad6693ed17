//! Recording how a run ended, for as long as it takes.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::error::{BoxError, Error, ErrorKind};
use crate::key;
use crate::observe::Operation;
use crate::store::{
    ClaimRef, Claimed, Completion, Failure, FailureStatus, Store as _, StoreError, Stored, Write,
};
use crate::value::Value;

use super::backoff::Backoff;
use super::claim::{Talk, Turn};
use super::code::Code;
use super::flight::{Landed, Phase, Pilot};
use super::heartbeat::Hold;
use super::packing::{pack, unpack};
use super::patience::Patience;
use super::policy::Judgement;
use super::run::run;
use super::settings::MAX_ERROR_BYTES;
use super::shutdown::is_shut_down;
use super::{Annotations, Ended, Grant, How, Job, Keeper, events};

/// A run that loses its row so often is not recorded: something else is wrong.
const MAX_CLAIMS: u32 = 3;

/// A claim that is held, for a run that is to end in its row.
pub(super) struct Recorder {
    pub(super) pilot: Pilot,
    pub(super) job: Job,
    talk: Talk,
    claim: ClaimRef,
    pub(super) claimed: Claimed,
    /// The row is kept until it is written.
    pub(super) hold: Hold,
    annotations: Annotations,
    /// Whether the step's code ran under the claim: then a second effect is possible where the row is in other hands.
    has_run: bool,
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
    /// Holds the row that `talk` has won.
    pub(super) fn new(pilot: Pilot, job: Job, talk: Talk, claimed: Claimed) -> Self {
        let claim = talk.claim(&claimed);
        let hold = pilot.keeper.hold(claim, job.step_name);
        Self {
            pilot,
            job,
            talk,
            claim,
            claimed,
            hold,
            annotations: Annotations::new(),
            has_run: false,
        }
    }

    /// What the step's code gets to know of it.
    pub(super) fn grant(&self) -> Grant {
        Grant {
            idempotency_key: key::idempotency_key(&self.job.key, self.claimed.generation).into(),
            annotations: self.annotations.clone(),
            fence: Some(self.claim.fence),
        }
    }

    /// Runs the step, and records what came of it.
    pub(super) async fn run<T: Value, C: Code<T>>(mut self, code: C) {
        self.has_run = true;
        let outcome = run(code, self.grant()).await;
        self.hold.recording();
        match outcome {
            Ok(value) => self.succeed(value, How::Ran).await,
            Err(ended) => self.fail(ended).await,
        }
    }

    /// Records `value`, and lands with what a later hit will find: also if that is that it can't be stored. Its effect took
    /// place, so the row is then written without it, and nobody runs the step again.
    pub(super) async fn succeed<T: Value>(mut self, value: T, how: How) {
        let max_bytes = self.pilot.keeper.inner.settings.max_value_bytes;
        let (stored, json, outcome) = match pack(value, max_bytes) {
            Ok(packed) => {
                let outcome = Landed::new(packed.value.clone(), &packed.stored, how);
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
                    expires_in: None,
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
                stale: self.job.stale,
                metadata: match how {
                    How::Reconciled => self.metadata([("reconciled", true.into())]),
                    _ => self.metadata([]),
                },
            };
            match self.complete(&completion).await {
                Recorded::Yes => {
                    self.note_healing();
                    return self.land(outcome);
                }
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
        let words = words(&ended.error);
        self.end(&judgement, words, ended.error).await;
    }

    /// Records that it is still not known how the last run ended, and why; lands with `error`.
    pub(super) async fn leave_in_doubt(self, words: String, error: Error) {
        self.hold.recording();
        let judgement = Judgement {
            status: FailureStatus::Unknown,
            code: "in_doubt",
            kind: "transient",
        };
        self.end(&judgement, words, error).await;
    }

    /// Leaves the row as that of a lost holder, for whom nothing is recorded: so it keeps the count of those that were lost
    /// before. Lands with `error`.
    pub(super) async fn give_up(mut self, error: Error) {
        self.hold.abandon();
        self.talk.lose(self.claim).await;
        self.land(Err(error));
    }

    async fn end(self, judgement: &Judgement, mut words: String, error: Error) {
        self.pilot.report(Phase::Recording {
            failed: Some(error.clone()),
        });
        words.truncate(words.floor_char_boundary(MAX_ERROR_BYTES));
        let failure = Failure {
            status: judgement.status,
            code: judgement.code,
            retry_in: Duration::ZERO,
            ttl: self.job.ttl,
            metadata: self.metadata([
                ("code", judgement.code.into()),
                ("kind", judgement.kind.into()),
                ("error", words.clone().into()),
            ]),
            error: words,
        };
        let store = self.pilot.keeper.store();
        match persevere(&self.pilot.keeper, &self.job, || {
            store.fail(&self.claim, &failure)
        })
        .await
        {
            Recorded::Yes => self.note_healing(),
            Recorded::No(_) => {}
            Recorded::Fenced => self.note_fence(),
        }
        self.land(Err(error));
    }

    /// What is written beside the result.
    fn metadata<const N: usize>(&self, own: [(&str, Json); N]) -> Arc<str> {
        let attempt = ("attempt", self.claimed.attempt.into());
        let own = own.into_iter().chain([attempt]);
        let own: Map<_, _> = own
            .map(|(key, value): (&str, Json)| (key.to_owned(), value))
            .collect();
        let metadata = self.annotations.to_metadata(own);
        if metadata.dropped > 0 {
            events::annotations_dropped(&self.job, metadata.dropped);
        }
        metadata.json
    }

    fn note_fence(&self) {
        if self.has_run {
            events::fenced(&self.pilot.keeper.inner, &self.job, self.claim.fence);
        }
    }

    fn note_healing(&self) {
        if self.hold.was_lost() {
            events::healed(&self.pilot.keeper.inner, &self.job, self.claim.fence);
        }
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
        self.note_fence();
        self.talk.start_over();
        let why: BoxError = match self.talk.next(&mut self.pilot).await {
            // How the run ended that the row is in doubt of, nobody knows better than this one.
            Turn::Won(claimed) | Turn::InDoubt(claimed) => {
                self.claimed = claimed;
                self.claim = self.talk.claim(&claimed);
                self.hold = self.pilot.keeper.hold(self.claim, self.job.step_name);
                self.hold.recording();
                return Reunion::Claimed;
            }
            Turn::Deserted => return Reunion::Deserted,
            Turn::Closed => is_shut_down().into(),
            // What has expired is not asked for; of a store that gives it all the same, it is what it has.
            Turn::Found { stored, .. } | Turn::Stale { stored, .. } => match unpack::<T>(&stored) {
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
        let answer = job.about().answer(
            &keeper.inner,
            Operation::Record,
            Patience::of(keeper.inner.settings.lease / 3),
            write(),
        );
        match answer.await {
            Ok(Write::Recorded) => return Recorded::Yes,
            Ok(Write::Fenced) => return Recorded::Fenced,
            Err(error) if !error.is_retryable() => {
                events::record_refused(job, &error);
                return Recorded::No(error);
            }
            Err(error) if job.repeat.record_tries() == Some(tries) => return Recorded::No(error),
            Err(error) => events::record_delayed(&keeper.inner, job, tries, &error),
        }
        backoff.pause().await;
    }
}

/// What the step said, with all its causes; else what we say of it.
fn words(error: &Error) -> String {
    match error.source() {
        Some(source) => events::chain(source),
        None => error.to_string(),
    }
}
