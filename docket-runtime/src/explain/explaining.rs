//! [`Explaining`]: an execution under way in which no step runs, and what is noted of it.

use std::sync::{Mutex, PoisonError};

use super::{Forecast, Reason};
use crate::error::{Error, words};
use crate::execution::{Ended, Filled, Frame, Made};
use crate::graph::Graph;
use crate::observe::Origin;
use crate::persist::{Job, Keeper, unpack};
use crate::step::StepIn;
use crate::store::{ClaimOutcome, Preview, PreviewedRow, RowStatus, StoreError};
use crate::value::Value;

/// What was found out of each step.
#[derive(Debug, Default)]
pub struct Explaining {
    notes: Mutex<Vec<Note>>,
}

/// So many items had it in store.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) step: &'static str,
    pub(super) forecast: Forecast,
    pub(super) times: usize,
}

impl Explaining {
    /// What was noted so far, in no order.
    pub(super) fn notes(&self) -> Vec<Note> {
        self.lock().clone()
    }

    /// A step needs a value that is not known.
    pub(crate) fn waits(&self, step: &'static str) {
        self.note(step, Forecast::Waits { on: Vec::new() });
    }

    /// A persisted step has no key.
    pub(crate) fn refused(&self, step: &'static str, error: &Error) -> Ended {
        self.unknown(step, Forecast::Fails { error: said(error) })
    }

    /// What is said of a step whose inputs are there, unless the store is to be asked.
    pub(crate) fn instead<G: Graph, S: StepIn<G>, H: Frame<G>>(&self, frame: &H) -> Option<Error> {
        let mut slices = S::NEEDS.iter().filter(|need| need.all);
        if slices.any(|need| frame.items_missing(need.node) > 0) {
            self.waits(S::NAME);
        } else if S::OPTIONS.persist.is_some() {
            return None;
        } else {
            self.note(S::NAME, Forecast::Runs(Reason::NotPersisted));
        }
        Some(Error::not_run())
    }

    /// Asks the store about `job`, and takes the value from there if it has one.
    pub(crate) async fn look<T: Value>(
        &self,
        keeper: &Keeper,
        job: &Job,
        reconciles: bool,
    ) -> Result<Made<T>, Ended> {
        let step = job.step_name;
        let preview = match keeper.look(job).await {
            Ok(preview) => preview,
            Err(error) => return Err(self.unknown(step, of_silence(job, &error))),
        };
        let (stored, forecast, origin) = match preview {
            Preview {
                outcome: ClaimOutcome::Hit(stored),
                ..
            } => {
                let expires_in = stored.expires_in;
                (stored, Forecast::Hit { expires_in }, Origin::Hit)
            }
            Preview {
                outcome: ClaimOutcome::Stale { value, by, claimed },
                ..
            } => {
                let refreshes = claimed.is_some();
                (value, Forecast::Stale { by, refreshes }, Origin::Stale)
            }
            other => return Err(self.unknown(step, of_row(other, reconciles))),
        };
        match unpack::<T>(&stored) {
            Ok(value) => {
                self.note(step, forecast);
                let stored = crate::store::Stored {
                    shared: None,
                    ..stored
                };
                Ok(Made {
                    value: Filled::shared(value, stored),
                    origin,
                })
            }
            // A row that was recorded without a value would come to the same again.
            Err(error) if job.repeat.replaces_undecodable() && stored.bytes.is_some() => {
                let error = said(&error);
                Err(self.unknown(step, Forecast::Runs(Reason::Unreadable { error })))
            }
            Err(error) => Err(self.refused(step, &error)),
        }
    }

    fn unknown(&self, step: &'static str, forecast: Forecast) -> Ended {
        self.note(step, forecast);
        Error::not_run().into()
    }

    fn note(&self, step: &'static str, forecast: Forecast) {
        let mut notes = self.lock();
        let like = |it: &&mut Note| it.step == step && it.forecast.is_like(&forecast);
        match notes.iter_mut().find(like) {
            Some(note) => note.times += 1,
            None => notes.push(Note {
                step,
                forecast,
                times: 1,
            }),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Note>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the store does not answer.
fn of_silence(job: &Job, error: &StoreError) -> Forecast {
    let is_retryable = error.is_retryable();
    let error = words(error).collect::<Vec<_>>().join(": ");
    match (is_retryable, job.repeat.runs_unrecorded()) {
        (false, _) => Forecast::Unseen { error },
        (true, true) => Forecast::Runs(Reason::StoreDown { error }),
        (true, false) => Forecast::Fails { error },
    }
}

/// Where there is no value.
fn of_row(preview: Preview, reconciles: bool) -> Forecast {
    let Preview { outcome, row } = preview;
    match outcome {
        ClaimOutcome::Claimed(_) => Forecast::Runs(match row {
            None => Reason::NotRecorded,
            Some(row) => because(row),
        }),
        ClaimOutcome::Busy {
            holder, remaining, ..
        } => Forecast::Busy {
            holder,
            lease: remaining,
        },
        ClaimOutcome::Failed {
            attempt,
            error,
            retry_in,
            ..
        } => {
            let next = if retry_in.is_zero() {
                "and that is final".to_owned()
            } else {
                format!("and another is allowed in {retry_in:?}")
            };
            Forecast::Fails {
                error: format!("attempt {attempt} failed, {next}: {error}"),
            }
        }
        ClaimOutcome::Unknown { attempt, error, .. } => Forecast::InDoubt {
            attempt,
            error,
            reconciles,
        },
        ClaimOutcome::Drift { .. } => Forecast::Fails {
            error: "the row of this `#[key]` was made from other inputs".to_owned(),
        },
        ClaimOutcome::Hit(_) | ClaimOutcome::Stale { .. } => {
            unreachable!("it has a value, and was read before")
        }
    }
}

fn because(row: PreviewedRow) -> Reason {
    let PreviewedRow {
        status,
        attempt,
        has_expired,
        error,
        ..
    } = row;
    match status {
        _ if has_expired => Reason::Expired,
        RowStatus::Failed => Reason::Failed { attempt, error },
        RowStatus::Running | RowStatus::Unknown => Reason::Lost { attempt },
        RowStatus::Succeeded => Reason::NotRecorded,
    }
}

/// What happened, without the step, which is known, and with its cause.
fn said(error: &Error) -> String {
    format!("{error:#}")
}
