//! The call of a round: the attempts of one function for many items.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;

use super::BulkIn;
use crate::execution::{Ended, Task, View, lost_task};
use crate::graph::Node;
use crate::key::unrecorded_idempotency_key;
use crate::persist::Annotations;
use crate::step::{
    Callee, Failure, Record, Step, StepContext, attempts_of, call_blocking, call_plain,
};

type Made<S> = Vec<Option<<S as Step>::Output>>;

/// What a call made of one item, and in which of its attempts.
#[derive(Clone)]
pub(super) struct Counted<T> {
    pub(super) value: T,
    pub(super) attempts: u32,
}

/// Asks for `items`, until an attempt succeeds or no further one is allowed. What is annotated goes to `annotations`.
pub(super) async fn call<W, const I: usize, S, V>(
    view: &V,
    items: &Arc<Vec<S::Item>>,
    annotations: &Annotations,
) -> Result<Vec<Option<Counted<S::Output>>>, Ended>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    V: View<W::Graph>,
{
    let attempts = Arc::new(AtomicU32::new(0));
    let all = All::<W, I, S> {
        items: Arc::clone(items),
        attempts: Arc::clone(&attempts),
    };
    let made = call_all::<W, I, S, V>(view, all, annotations).await?;
    let attempts = attempts.load(Ordering::Relaxed);
    let counted = |value| Counted { value, attempts };
    Ok(made.into_iter().map(|made| made.map(counted)).collect())
}

async fn call_all<W, const I: usize, S, V>(
    view: &V,
    all: All<W, I, S>,
    annotations: &Annotations,
) -> Result<Made<S>, Ended>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    V: View<W::Graph>,
{
    // It has no row of its own; but each of its attempts has the same key, and no other call has it.
    let id = format!("{}\0{:032x}", view.run().id(), fastrand::u128(..));
    let is_recorded = S::OPTIONS.persist.is_some();
    let record = Record {
        idempotency_key: unrecorded_idempotency_key(&id, S::NAME, None).into(),
        annotations: annotations.clone(),
        is_recorded,
    };
    if !S::OPTIONS.spawn || is_recorded {
        return attempts_of::<W, I, V, _>(view, &all, Some(record)).await;
    }
    let owned = view.owned(S::NEEDS);
    let attempts =
        async move { attempts_of::<W, I, V::Owned, _>(&owned, &all, Some(record)).await };
    let task = tokio::spawn(attempts.in_current_span());
    match Task(task).await {
        Ok(ended) => ended,
        Err(error) => Err(lost_task(error).of_step(view.run(), S::NAME, 1)),
    }
}

/// All items of a round.
struct All<W: Node<I, Step = S>, const I: usize, S: BulkIn<W::Graph>> {
    items: Arc<Vec<S::Item>>,
    /// The number of the last attempt.
    attempts: Arc<AtomicU32>,
}

impl<W, const I: usize, S, V> Callee<W, I, V> for All<W, I, S>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    V: View<W::Graph>,
{
    type Output = Made<S>;

    async fn call(
        &self,
        view: &V,
        context: &StepContext,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Made<S>, Failure> {
        self.attempts.store(context.attempt, Ordering::Relaxed);
        if S::OPTIONS.blocking {
            let (view, items) = (view.owned(S::NEEDS), Arc::clone(&self.items));
            let context = context.clone();
            return call_blocking(permit, move || {
                call_plain(S::call_all(&view, &items, Some(&context)))
            })
            .await;
        }
        let _permit = permit;
        S::call_all(view, &self.items, Some(context)).await
    }
}
