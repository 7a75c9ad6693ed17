//! A flight: the one conversation of this process about a key, and those who wait for its outcome.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::error::{Error, ErrorKind};
use crate::key::{CacheKey, InputHash};
use crate::store::Stored;

use super::shutdown::Pass;
use super::{How, Job, Keeper};

/// The flights under way. Callers enter and take seats under this lock, and whether a flight is deserted is found under
/// it, so that nobody boards a flight that has just been given up.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<CacheKey, Arc<Flight>>>);

pub(super) struct Flight {
    input_hash: InputHash,
    /// Its receivers are the seats: only callers have one, so their number is the number of callers.
    phase: watch::Sender<Phase>,
}

/// A caller's view of a flight.
pub(super) type Seat = watch::Receiver<Phase>;

/// How far a flight is.
#[derive(Clone)]
pub(super) enum Phase {
    /// The store is being asked.
    Asking,
    /// Another process has the row.
    Waiting { holder: Arc<str> },
    /// The step's code runs in this process, or its `reconcile` does.
    Running,
    /// It has ended, and that is being recorded; `failed` is what its callers will get.
    Recording { failed: Option<Error> },
    /// All is over.
    Landed(Result<Landed, Error>),
    /// Its task went away.
    Lost(Error),
}

/// The result of a flight, without its type.
#[derive(Clone)]
pub(super) struct Landed {
    pub(super) value: Arc<dyn Any + Send + Sync>,
    pub(super) stored: Stored,
    pub(super) how: How,
}

/// What a caller finds at the gate.
pub(super) enum Boarding {
    /// Nobody was there: the caller is to send the pilot on its way.
    Opened(Pilot, Seat),
    /// Another caller's flight is under way.
    Joined(Seat),
    /// Another caller's flight is under way, with other inputs.
    Drift,
    /// No flight starts any more.
    Closed,
}

/// Whether a run may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakeOff {
    Cleared,
    /// Every caller is gone, and the flight is over.
    Deserted,
    /// The graph was shut down.
    Closed,
}

impl Keeper {
    /// Joins the flight of `job`, or opens it.
    pub(super) fn board(&self, job: &Job) -> Boarding {
        let mut flights = self.inner.flights.lock();
        match flights.entry(job.key) {
            Entry::Occupied(entry) if entry.get().input_hash != job.input_hash => Boarding::Drift,
            Entry::Occupied(entry) => Boarding::Joined(entry.get().phase.subscribe()),
            Entry::Vacant(entry) => {
                // It counts before it is asked whether it may: so it is waited for, or refused.
                let pass = self.pass();
                if self.inner.gate.is_closed() {
                    return Boarding::Closed;
                }
                let (phase, seat) = watch::channel(Phase::Asking);
                let flight = Arc::new(Flight {
                    input_hash: job.input_hash,
                    phase,
                });
                entry.insert(flight.clone());
                let pilot = Pilot {
                    keeper: self.clone(),
                    key: job.key,
                    flight,
                    is_over: false,
                    _pass: pass,
                };
                Boarding::Opened(pilot, seat)
            }
        }
    }
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<CacheKey, Arc<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }
}

/// Whoever has it conducts the flight. However it goes out of scope, the flight leaves the map and its callers hear of
/// it: no panic and no shutdown of the runtime leaves them waiting.
pub(super) struct Pilot {
    pub(super) keeper: Keeper,
    key: CacheKey,
    flight: Arc<Flight>,
    is_over: bool,
    _pass: Pass,
}

impl Pilot {
    /// Tells the callers how far the flight is. Of one that is over they have heard the last.
    pub(super) fn report(&self, phase: Phase) {
        if !self.is_over {
            self.flight.phase.send_replace(phase);
        }
    }

    /// Starts the run, if there is still somebody who wants it and it is not too late.
    pub(super) fn take_off(&mut self) -> TakeOff {
        if self.keeper.inner.gate.is_closed() {
            return TakeOff::Closed;
        }
        if self.is_deserted() {
            return TakeOff::Deserted;
        }
        self.report(Phase::Running);
        TakeOff::Cleared
    }

    /// Whether every caller is gone. If so, the flight is over, and the next caller opens another.
    pub(super) fn is_deserted(&mut self) -> bool {
        if self.is_over {
            return true;
        }
        let mut flights = self.keeper.inner.flights.lock();
        if self.flight.phase.receiver_count() > 0 {
            return false;
        }
        flights.remove(&self.key);
        self.is_over = true;
        true
    }

    /// Waits until every caller is gone. They may be back a moment later: ask [`is_deserted`](Pilot::is_deserted).
    pub(super) async fn desertion(&self) {
        self.flight.phase.closed().await;
    }

    /// Ends the flight and tells the callers. Of no effect on one that is over.
    pub(super) fn land(mut self, outcome: Result<Landed, Error>) {
        self.end(Phase::Landed(outcome));
    }

    /// Ends the flight and tells the callers. What goes on is nobody's flight: the next caller opens another. It is waited for
    /// at a shutdown all the same.
    pub(super) fn land_and_go_on(mut self, landed: Landed) -> Self {
        self.end(Phase::Landed(Ok(landed)));
        self
    }

    fn end(&mut self, last: Phase) {
        if self.is_over {
            return;
        }
        // First out of the map: who comes after the outcome is known asks the store for it.
        self.keeper.inner.flights.lock().remove(&self.key);
        self.report(last);
        self.is_over = true;
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        if !self.is_over {
            let lost = self.flight.phase.borrow().lost();
            self.end(Phase::Lost(lost));
        }
    }
}

impl Phase {
    /// Whether the code of a caller, whose flight it is or not, does not run soon.
    pub(super) fn is_elsewhere(&self, is_own: bool) -> bool {
        match self {
            Phase::Asking => false,
            Phase::Running => !is_own,
            Phase::Waiting { .. } | Phase::Recording { .. } | Phase::Landed(_) | Phase::Lost(_) => {
                true
            }
        }
    }

    /// What callers hear when the task of the flight went away in this phase: its runtime was shut down, or it panicked
    /// outside of the step's code.
    pub(super) fn lost(&self) -> Error {
        let (kind, detail) = match self {
            Phase::Landed(Err(error))
            | Phase::Lost(error)
            | Phase::Recording {
                failed: Some(error),
            } => return error.clone(),
            Phase::Asking | Phase::Waiting { .. } => (
                ErrorKind::Store,
                "the task that asked the store went away before the step started",
            ),
            Phase::Running => (
                ErrorKind::InDoubt,
                "the task that ran it went away in the middle, as when its runtime is shut down",
            ),
            Phase::Recording { failed: None } | Phase::Landed(Ok(_)) => (
                ErrorKind::Store,
                "the step ran, but the task that recorded its result went away",
            ),
        };
        Error::new(kind).with_detail(detail)
    }
}

impl fmt::Debug for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Asking => "Asking",
            Phase::Waiting { .. } => "Waiting",
            Phase::Running => "Running",
            Phase::Recording { .. } => "Recording",
            Phase::Landed(_) => "Landed",
            Phase::Lost(_) => "Lost",
        })
    }
}
