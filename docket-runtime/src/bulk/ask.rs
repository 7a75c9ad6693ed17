//! Asking for one item.

use std::future::poll_fn;
use std::marker::PhantomData;

use super::answers::Item;
use super::call::{Counted, call};
use super::desk::Told;
use super::round::Asking;
use super::undecided::Undecided;
use super::{AnyDesk, Desk};
use crate::execution::{Ended, Filled, Made, View};
use crate::graph::{Graph, Node};
use crate::observe::Origin;
use crate::persist::{Annotations, Code, Grant, obtain_noting};
use crate::rehearsal::Rehearsal;
use crate::step::{Failure, StepContext, StepIn, job, made, refused, with_fallback};
use crate::value::Value;

/// A step with `bulk`, in a graph that has all it needs.
pub trait BulkIn<G: Graph>: StepIn<G> {
    /// An item of its slice.
    type Item: Item;

    /// The item that is asked for.
    fn item<V: View<G>>(view: &V) -> &Self::Item;

    /// Calls the function once, for all of `items`. What else it needs is in `view`.
    fn call_all<'a, V: View<G>>(
        view: &'a V,
        items: &'a [Self::Item],
        context: Option<&'a StepContext>,
    ) -> impl Future<Output = Result<Vec<Option<Self::Output>>, Failure>> + Send + 'a;
}

/// Asks for the output of the step at `I`, together with other items of the batch.
pub async fn ask<W, const I: usize, S, V>(view: &V) -> Result<Made<S::Output>, Ended>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    S::Output: Clone,
    V: View<W::Graph>,
{
    let desk = desk_of::<W, I, S, V>(view).expect("an item of a batch has a desk");
    let _visit = desk.visit();
    let answer = answer::<W, I, S, V>(view, desk, None, || {}).await;
    desk.gate().pass().await;
    match answer {
        Ok(value) => Ok(Made {
            value: Filled::Own(value),
            origin: Origin::Ran,
        }),
        Err(ended) => with_fallback::<S>(ended, view.run()),
    }
}

/// A desk of a step that makes a `T` of each `K`.
pub fn desk<K, T>() -> Box<dyn AnyDesk>
where
    K: Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    Desk::<K, Counted<T>>::new()
}

fn desk_of<W, const I: usize, S, V>(view: &V) -> Option<&Desk<S::Item, Counted<S::Output>>>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    V: View<W::Graph>,
{
    view.desk_at(I).map(Desk::of)
}

/// Puts the question, and waits for the answer; whoever is told to lead a round makes its call first.
async fn answer<W, const I: usize, S, V>(
    view: &V,
    desk: &Desk<S::Item, Counted<S::Output>>,
    annotations: Option<Annotations>,
    is_put: impl FnOnce() + Send,
) -> Result<S::Output, Ended>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    S::Output: Clone,
    V: View<W::Graph>,
{
    let mut asking = Asking::new(desk, S::item(view).clone(), annotations);
    let mut is_put = Some(is_put);
    loop {
        let told = poll_fn(|cx| {
            let told = asking.poll(cx);
            if let Some(is_put) = is_put.take() {
                is_put();
            }
            told
        });
        match told.await {
            Told::Answer(answer) => {
                let attempts = match &answer {
                    Ok(counted) => counted.attempts,
                    Err(ended) => ended.error.attempts(),
                };
                if let Some(watch) = view.step_watch() {
                    watch.note_attempt(I, attempts);
                }
                let answer = answer.map(|counted| counted.value);
                return answer.map_err(|ended| ended.named::<S>(view.run()));
            }
            Told::Lead(round) => {
                let annotations = Annotations::new();
                let made = call::<W, I, S, V>(view, round.items(), &annotations).await;
                round.answer(made, &annotations);
            }
        }
    }
}

/// Takes the result of the step at `I` from the store, or asks for it together with other items of the batch; outside of
/// a batch, for it alone.
pub async fn persisted_bulk<W, const I: usize, S, V, T>(view: V) -> Result<Made<T>, Ended>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph, Output = T>,
    V: View<W::Graph> + Clone + 'static,
    T: Value + Clone,
{
    // Where the execution is only explained, nothing is asked for.
    let is_for_real = view
        .run()
        .rehearsal()
        .and_then(Rehearsal::explaining)
        .is_none();
    let Some(desk) = desk_of::<W, I, S, V>(&view).filter(|_| is_for_real) else {
        return crate::step::persisted::<W, I, S, V, T>(view).await;
    };
    let _visit = desk.visit();
    let outcome = match job::<W, I, S, V>(&view) {
        Ok(job) => {
            let keeper = view.graph().core().keeper().clone();
            let undecided = Undecided::new(desk);
            let code = BulkCode::<W, I, V> {
                view: view.clone(),
                undecided: undecided.clone(),
                wiring: PhantomData,
            };
            let deciding = Deciding { desk, undecided };
            obtain_noting::<T, _>(&keeper, job, code, || deciding.decide()).await
        }
        Err(error) => Err(error),
    };
    desk.gate().pass().await;
    match outcome {
        Ok(obtained) => Ok(made(obtained)),
        Err(error) => refused::<S>(error, view.run()),
    }
}

/// The item's own side of [`Undecided`]: whoever is gone does not ask.
struct Deciding<'a, K, T> {
    desk: &'a Desk<K, T>,
    undecided: Undecided,
}

impl<K, T> Deciding<'_, K, T> {
    fn decide(&self) {
        self.undecided.decide(self.desk);
    }
}

impl<K, T> Drop for Deciding<'_, K, T> {
    fn drop(&mut self) {
        self.decide();
    }
}

/// What a flight runs that has won its claim.
struct BulkCode<W, const I: usize, V> {
    view: V,
    undecided: Undecided,
    wiring: PhantomData<fn() -> W>,
}

impl<W, const I: usize, S, V> Code<S::Output> for BulkCode<W, I, V>
where
    W: Node<I, Step = S>,
    S: BulkIn<W::Graph>,
    S::Output: Clone,
    V: View<W::Graph> + 'static,
{
    async fn run(self, grant: Grant) -> Result<S::Output, crate::persist::Ended> {
        let desk = desk_of::<W, I, S, V>(&self.view).expect("it was there when the flight began");
        let is_put = || {
            self.undecided.decide(desk);
            desk.ring();
        };
        let answer = answer::<W, I, S, V>(&self.view, desk, Some(grant.annotations), is_put).await;
        answer.map_err(|ended| crate::persist::Ended {
            error: ended.error,
            verdict: ended.verdict,
        })
    }
}
