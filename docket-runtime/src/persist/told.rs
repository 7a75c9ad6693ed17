//! What is told to those who observe: of the store, of waits, and of `reconcile`.

use std::time::Duration;

use tokio::time::Instant;

use crate::observe::{
    Asker, Interest, Observers, Operation, Reconciling, StoreAnswer, StoreAnswered, Waiting,
    WaitingFor,
};
use crate::store::{Call, ClaimOutcome, ClaimRef, StoreError, Write};

use super::Job;
use super::keeper::Inner;
use super::patience::Patience;

/// Of whose step something is told.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) asker: Asker,
    pub(super) execution_id: &'a str,
    pub(super) step: &'static str,
}

impl About<'static> {
    /// What is for all claims of the process.
    pub(super) const ALL: Self = Self {
        asker: Asker::NONE,
        execution_id: "",
        step: "",
    };
}

impl Job {
    pub(super) fn about(&self) -> About<'_> {
        About {
            asker: self.asker,
            execution_id: &self.execution_id,
            step: self.step_name,
        }
    }
}

impl Asker {
    pub(super) fn about(self, call: &Call) -> About<'_> {
        About {
            asker: self,
            execution_id: &call.execution_id,
            step: call.step_name,
        }
    }
}

/// An answer of the store, as it is told.
pub(crate) trait Told {
    fn told(&self) -> StoreAnswer<'static>;
}

impl Told for ClaimOutcome {
    fn told(&self) -> StoreAnswer<'static> {
        match self {
            ClaimOutcome::Claimed(_) => StoreAnswer::Claimed,
            ClaimOutcome::Hit(_) => StoreAnswer::Hit,
            ClaimOutcome::Stale { .. } => StoreAnswer::Stale,
            ClaimOutcome::Busy { .. } => StoreAnswer::Busy,
            ClaimOutcome::Failed { .. } => StoreAnswer::Refused,
            ClaimOutcome::Unknown { .. } => StoreAnswer::Unknown,
            ClaimOutcome::Drift { .. } => StoreAnswer::Drift,
        }
    }
}

impl Told for Write {
    fn told(&self) -> StoreAnswer<'static> {
        match self {
            Write::Recorded => StoreAnswer::Done,
            Write::Fenced => StoreAnswer::Fenced,
        }
    }
}

impl Told for () {
    fn told(&self) -> StoreAnswer<'static> {
        StoreAnswer::Done
    }
}

impl Told for Vec<ClaimRef> {
    fn told(&self) -> StoreAnswer<'static> {
        StoreAnswer::Done
    }
}

impl About<'_> {
    /// The answer of the store, or the error that it did not come in time; those who observe are told which.
    pub(super) async fn answer<T: Told>(
        self,
        keeper: &Inner,
        operation: Operation,
        patience: Patience,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let observers = &keeper.observers;
        if !observers.interest().has(Interest::STORE) {
            return keeper.within(patience, answer).await;
        }
        let started = observers.interest().has(Interest::TIMES).then(Instant::now);
        let answer = keeper.within(patience, answer).await;
        let told = match &answer {
            Ok(answer) => answer.told(),
            Err(error) => StoreAnswer::Error(error),
        };
        let duration = started.map_or(Duration::ZERO, |it| it.elapsed());
        observers.tell(Interest::STORE, |observer| {
            observer.store_answered(&StoreAnswered {
                run: self.asker.run,
                execution_id: self.execution_id,
                step: self.step,
                item: self.asker.item,
                operation,
                answer: told,
                duration,
            });
        });
        answer
    }

    /// Tells that a caller waits.
    pub(super) fn waits(self, observers: &Observers, on: WaitingFor<'_>) {
        let Some(run) = self.asker.run else {
            return;
        };
        observers.tell(Interest::STEP_WAITS, |observer| {
            observer.waiting(&Waiting {
                run,
                execution_id: self.execution_id,
                step: self.step,
                item: self.asker.item,
                on,
            });
        });
    }

    /// Tells that `reconcile` is about to be asked.
    pub(super) fn reconciles(self, observers: &Observers) {
        let Some(run) = self.asker.run else {
            return;
        };
        observers.tell(Interest::STORE, |observer| {
            observer.reconciling(&Reconciling {
                run,
                execution_id: self.execution_id,
                step: self.step,
                item: self.asker.item,
            });
        });
    }
}
