//! A step that goes through the store.

use std::marker::PhantomData;

use super::attempts::{recorded_attempts, with_fallback};
use super::context::Record;
use super::reconcile::reconcile;
use super::{Hashes, Step, StepIn};
use crate::error::{BoxError, Error, ErrorKind};
use crate::execution::{Ended, Filled, Made, Run, View};
use crate::graph::{Graph, Node};
use crate::key::{CacheKey, KeyParts};
use crate::observe::Origin;
use crate::persist::{Code, Grant, How, Job, Obtained, Reconciled, check_execution_id, obtain};
use crate::rehearsal::Rehearsal;
use crate::store::Scope;
use crate::value::Value;

/// Takes the result of the step at `I` from the store, or runs it there.
pub async fn persisted<W: Node<I, Step = S>, const I: usize, S, V, T>(
    view: V,
) -> Result<Made<T>, Ended>
where
    S: StepIn<W::Graph, Output = T>,
    T: Value,
    V: View<W::Graph> + Clone + 'static,
{
    let job = match job::<W, I, S, V>(&view) {
        Ok(job) => job,
        Err(error) => {
            if let Some(explaining) = view.run().rehearsal().and_then(Rehearsal::explaining) {
                return Err(explaining.refused(S::NAME, &error));
            }
            return refused::<S>(error, view.run());
        }
    };
    let keeper = view.graph().core().keeper().clone();
    if let Some(explaining) = view.run().rehearsal().and_then(Rehearsal::explaining) {
        return explaining
            .look::<T>(&keeper, &job, S::OPTIONS.reconcile)
            .await;
    }
    // The step's code gets an owned view: it runs to its end, and is recorded, when this future is dropped.
    let code = StepCode::<W, I, V> {
        view: view.clone(),
        wiring: PhantomData,
    };
    match obtain::<T, _>(&keeper, job, code).await {
        Ok(obtained) => Ok(made(obtained)),
        Err(error) => refused::<S>(error, view.run()),
    }
}

/// What a caller gets who could not have the result: the step's fallback, or the error.
pub(crate) fn refused<S: Step>(error: Error, run: &Run<'_>) -> Result<Made<S::Output>, Ended> {
    let attempts = error.attempts();
    let mut ended = Ended::from(error).of_step(run, S::NAME, attempts);
    // What could not be had in time is not softened: the execution ends with it.
    ended.late = run.is_overdue();
    with_fallback::<S>(ended, run)
}

/// The code of the step at `I`.
struct StepCode<W, const I: usize, V> {
    view: V,
    wiring: PhantomData<fn() -> W>,
}

impl<W, const I: usize, V> Code<<W::Step as Step>::Output> for StepCode<W, I, V>
where
    W: Node<I>,
    V: View<W::Graph> + 'static,
{
    const RECONCILES: bool = W::Step::OPTIONS.reconcile;

    async fn run(self, grant: Grant) -> Result<<W::Step as Step>::Output, crate::persist::Ended> {
        let outcome = recorded_attempts::<W, I, V>(&self.view, Some(record(grant))).await;
        outcome.map_err(|ended| crate::persist::Ended {
            error: ended.error,
            verdict: ended.verdict,
        })
    }

    async fn reconcile(
        &self,
        grant: Grant,
    ) -> Result<Reconciled<<W::Step as Step>::Output>, BoxError> {
        reconcile::<W, I, V>(&self.view, record(grant)).await
    }
}

fn record(grant: Grant) -> Record {
    let Grant {
        idempotency_key,
        annotations,
        fence: _,
    } = grant;
    Record {
        idempotency_key,
        annotations,
        is_recorded: true,
    }
}

/// What to ask the store for.
pub(crate) fn job<W: Node<I, Step = S>, const I: usize, S: StepIn<W::Graph>, V: View<W::Graph>>(
    view: &V,
) -> Result<Job, Error> {
    let core = view.graph().core();
    let policy = core.policy(I);
    check_execution_id(view.run().id())?;
    let mut hashes = Hashes::default();
    S::hash(view, &mut hashes)
        .map_err(|error| Error::new(ErrorKind::Encoding).with_source(error))?;
    let input_hash = hashes.inputs.finish();
    let identity = hashes.identity.map_or(input_hash, |hasher| hasher.finish());
    let scope = S::OPTIONS.persist.unwrap_or(Scope::Global);
    let key = CacheKey::new(&KeyParts {
        namespace: core.namespace(),
        scope,
        execution_id: view.run().id(),
        step_name: S::NAME,
        step_version: S::VERSION,
        identity: &identity,
    });
    Ok(Job {
        key,
        input_hash,
        scope,
        execution_id: view.run().id().into(),
        step_name: S::NAME,
        step_version: S::VERSION,
        repeat: policy.repeat,
        ttl: policy.ttl,
        stale: policy.stale,
        asker: view.asker(),
        wait_until: view.run().deadline(),
    })
}

/// The value as it came through the store.
pub(crate) fn made<T: Value>(obtained: Obtained<T>) -> Made<T> {
    let origin = match obtained.how {
        How::Ran => Origin::Ran,
        How::Hit => Origin::Hit,
        How::Stale => Origin::Stale,
        How::Joined => Origin::Joined,
        How::Unrecorded => Origin::Unrecorded,
        How::Reconciled => Origin::Reconciled,
    };
    Made {
        value: Filled::shared(obtained.value, obtained.stored),
        origin,
    }
}
