//! Running a step with its options: attempts, their time limit, the delays between them, the fallback.

use std::future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::blocking::{call_blocking, call_plain};
use super::context::{Record, StepContext};
use super::{CatchUnwind, Failure, Policy, Step, StepIn, events, panic_message};
use crate::error::{Error, ErrorKind};
use crate::execution::{Ended, Filled, Made, Run, View};
use crate::graph::{Graph, Node};
use crate::observe::{Origin, WaitingFor};

type StepOf<W, const I: usize> = <W as Node<I>>::Step;
type OutputOf<W, const I: usize> = <StepOf<W, I> as Step>::Output;

/// Runs the step at `I` until an attempt succeeds, or no further one is allowed; then its fallback stands in.
pub async fn attempts<W: Node<I>, const I: usize, V: View<W::Graph>>(
    view: &V,
) -> Result<Made<OutputOf<W, I>>, Ended> {
    let ended = match recorded_attempts::<W, I, V>(view, None).await {
        Ok(value) => {
            return Ok(Made {
                value: Filled::Own(value),
                origin: Origin::Ran,
            });
        }
        Err(ended) => ended,
    };
    with_fallback::<StepOf<W, I>>(ended, view.run())
}

/// The value that stands in for a step that has failed for good, unless it said to end the execution.
pub(crate) fn with_fallback<S: Step>(
    ended: Ended,
    run: &Run<'_>,
) -> Result<Made<S::Output>, Ended> {
    if ended.aborts() {
        return Err(ended);
    }
    match catch_unwind(S::fallback) {
        Ok(Some(value)) => Ok(Made {
            value: Filled::Own(value),
            origin: Origin::Fallback,
        }),
        Ok(None) => Err(ended),
        Err(panic) => {
            let attempts = ended.error.attempts();
            Err(Ended::panicked(panic_message(&*panic)).of_step(run, S::NAME, attempts))
        }
    }
}

/// The same without the fallback, which is never recorded as a success.
pub(super) async fn recorded_attempts<W: Node<I>, const I: usize, V: View<W::Graph>>(
    view: &V,
    record: Option<Record>,
) -> Result<OutputOf<W, I>, Ended> {
    attempts_of::<W, I, V, One>(view, &One, record).await
}

/// Attempts of whatever is called.
pub(crate) async fn attempts_of<W, const I: usize, V, C>(
    view: &V,
    callee: &C,
    record: Option<Record>,
) -> Result<C::Output, Ended>
where
    W: Node<I>,
    V: View<W::Graph>,
    C: Callee<W, I, V>,
{
    let policy = view.graph().core().policy(I);
    let is_recorded = record.as_ref().is_some_and(|record| record.is_recorded);
    let mut context = StepContext {
        execution_id: view.run().owned_id(),
        step: StepOf::<W, I>::NAME,
        attempt: 1,
        deadline: view.run().deadline(),
        record,
        items_failed: items_failed::<W, I, V>(view),
        item: view.item(),
    };
    loop {
        let ended = match attempt::<W, I, V, C>(view, callee, policy, &context).await {
            Ok(value) => return Ok(value),
            Err(ended) => ended,
        };
        let attempt = context.attempt;
        let delay = match policy.retry {
            Some(retry) if ended.retry && attempt < policy.attempts() => {
                retry.delay.after(attempt, fastrand::f64)
            }
            _ => return Err(ended.of_step(view.run(), context.step, attempt)),
        };
        if let Some(watch) = view.watch() {
            watch.retrying(I, attempt, delay, &ended.error);
        }
        events::retrying(&context, delay, &ended.error);
        tokio::time::sleep(delay).await;
        if !is_recorded && view.run().is_overdue() {
            // The execution ends now, and no attempt may start any more. A recorded run goes on to its end.
            future::pending::<()>().await;
        }
        context.attempt += 1;
    }
}

/// How many items are missing from the slices that the step reads.
pub(super) fn items_failed<W: Node<I>, const I: usize, V: View<W::Graph>>(view: &V) -> usize {
    let slices = StepOf::<W, I>::NEEDS.iter().filter(|need| need.all);
    slices
        .map(|need| view.items_missing(need.node))
        .max()
        .unwrap_or(0)
}

/// One attempt: its place among those that may run at once, its time, its panics. Those who watch are told.
async fn attempt<W, const I: usize, V, C>(
    view: &V,
    callee: &C,
    policy: &Policy,
    context: &StepContext,
) -> Result<C::Output, Ended>
where
    W: Node<I>,
    V: View<W::Graph>,
    C: Callee<W, I, V>,
{
    let permit = match &policy.limit {
        Some(limit) => Some(permit::<W, I, V>(view, limit).await),
        None => None,
    };
    let started = view
        .step_watch()
        .map(|watch| watch.attempt_started(I, context.attempt));
    let outcome = timed::<W, I, V, C>(view, callee, policy, context, permit).await;
    if let (Some(watch), Some(started)) = (view.step_watch(), started) {
        let error = outcome.as_ref().err().map(|ended| &ended.error);
        watch.attempt_ended(I, context.attempt, started, error);
    }
    outcome
}

/// Waits until there are fewer of the step than `limit` says.
async fn permit<W: Node<I>, const I: usize, V: View<W::Graph>>(
    view: &V,
    limit: &Arc<Semaphore>,
) -> OwnedSemaphorePermit {
    if let Some(watch) = view.watch() {
        // Whoever waits already is first: then there is none to be had here either.
        if let Ok(permit) = Arc::clone(limit).try_acquire_owned() {
            return permit;
        }
        watch.waiting(I, WaitingFor::Limit);
    }
    let permit = Arc::clone(limit).acquire_owned().await;
    permit.expect("the limit is never closed")
}

/// Calls the function, and waits for it as long as an attempt may take.
async fn timed<W, const I: usize, V, C>(
    view: &V,
    callee: &C,
    policy: &Policy,
    context: &StepContext,
    permit: Option<OwnedSemaphorePermit>,
) -> Result<C::Output, Ended>
where
    W: Node<I>,
    V: View<W::Graph>,
    C: Callee<W, I, V>,
{
    let call = CatchUnwind {
        future: AssertUnwindSafe(callee.call(view, context, permit)),
    };
    let outcome = match policy.timeout {
        // Dropping the call is what ends it: a step that waits is gone at its timeout.
        Some(timeout) => match tokio::time::timeout(timeout, call).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let detail = format!("an attempt took longer than {timeout:?}");
                return Err(Ended::retryable(
                    Error::new(ErrorKind::TimedOut).with_detail(detail),
                ));
            }
        },
        None => call.await,
    };
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(failure.into()),
        Err(panic) => Err(Ended::panicked(panic_message(&*panic))),
    }
}

/// What one attempt of the step at `I` calls: its function, for one value or for many.
pub(crate) trait Callee<W: Node<I>, const I: usize, V: View<W::Graph>>: Sync {
    /// What the function makes.
    type Output: Send;

    /// Calls it. It counts among those that run at once, by its `permit`, until it has ended, whoever waits for it.
    fn call(
        &self,
        view: &V,
        context: &StepContext,
        permit: Option<OwnedSemaphorePermit>,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

/// The function as a graph calls it outside of a batch.
struct One;

impl<W: Node<I>, const I: usize, V: View<W::Graph>> Callee<W, I, V> for One {
    type Output = OutputOf<W, I>;

    async fn call(
        &self,
        view: &V,
        context: &StepContext,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<OutputOf<W, I>, Failure> {
        if StepOf::<W, I>::OPTIONS.blocking {
            let view = view.owned(StepOf::<W, I>::NEEDS);
            let context = context.clone();
            return call_blocking(permit, move || {
                call_plain(StepOf::<W, I>::call(&view, Some(&context)))
            })
            .await;
        }
        let _permit = permit;
        StepOf::<W, I>::call(view, Some(context)).await
    }
}
