//! [`Round`]: what one call asks for, and who asks.

use std::mem::replace;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::answers::{Item, NOTHING};
use super::desk::{Ask, Desk, Told};
use crate::execution::Ended;
use crate::persist::Annotations;
use crate::step::{Failure, panic_message};

/// Different items, and those who ask for each.
pub(super) struct Round<K> {
    /// Nobody else has it until the call is made.
    pub(super) items: Arc<Vec<K>>,
    askers: Vec<Askers>,
    /// Where those who ask record what the call annotates.
    annotations: Vec<Annotations>,
}

/// Mostly one.
struct Askers {
    /// Of the item.
    hash: u64,
    first: usize,
    others: Vec<usize>,
}

impl<K> Round<K> {
    pub(super) fn new() -> Self {
        Self {
            items: Arc::default(),
            askers: Vec::new(),
            annotations: Vec::new(),
        }
    }

    /// Adds an item, for which `ask` asks, and gives its place.
    pub(super) fn push(&mut self, item: K, hash: u64, ask: usize) -> usize {
        let items = Arc::get_mut(&mut self.items);
        let items = items.expect("a round that is filling is nobody else's");
        items.push(item);
        self.askers.push(Askers {
            hash,
            first: ask,
            others: Vec::new(),
        });
        items.len() - 1
    }

    /// Notes that `ask` is for the item at `at`, too.
    pub(super) fn join(&mut self, at: usize, ask: usize) {
        self.askers[at].others.push(ask);
    }

    /// Notes where one who asks records what the call annotates.
    pub(super) fn annotate(&mut self, annotations: Annotations) {
        self.annotations.push(annotations);
    }

    /// The hash of each item, in their order.
    pub(super) fn hashes(&self) -> impl Iterator<Item = u64> {
        self.askers.iter().map(|askers| askers.hash)
    }

    /// All who ask.
    pub(super) fn asks(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.askers.iter().flat_map(|askers| {
            [askers.first]
                .into_iter()
                .chain(askers.others.iter().copied())
        })
    }
}

/// One item at the desk. Dropped before its answer, it is gone, and if it was to make a call, another makes it.
pub(super) struct Asking<'a, K: Item, T: Clone> {
    desk: &'a Desk<K, T>,
    item: Option<(K, Option<Annotations>)>,
    ask: Option<usize>,
}

impl<'a, K: Item, T: Clone> Asking<'a, K, T> {
    pub(super) fn new(desk: &'a Desk<K, T>, item: K, annotations: Option<Annotations>) -> Self {
        let item = Some((item, annotations));
        Self {
            desk,
            item,
            ask: None,
        }
    }

    /// Puts the question at the first time, and says what there is to do.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Told<'a, K, T>> {
        if let Some((item, annotations)) = self.item.take() {
            let (ask, waits) = self.desk.put(item, annotations, cx.waker().clone());
            self.ask = Some(ask);
            if waits {
                return Poll::Pending;
            }
        }
        let ask = self.ask.expect("it is not asked after its answer");
        let mut state = self.desk.lock();
        state.send_alone();
        match &mut state.asks[ask] {
            Ask::Waiting(waker) => {
                waker.clone_from(cx.waker());
                Poll::Pending
            }
            Ask::Leads(round) => {
                let round = *round;
                state.asks[ask] = Ask::Waiting(cx.waker().clone());
                let items = Arc::clone(&state.rounds[round].items);
                Poll::Ready(Told::Lead(Leading {
                    desk: self.desk,
                    round,
                    items,
                    is_over: false,
                }))
            }
            Ask::Answered(_) => {
                self.ask = None;
                match state.asks.remove(ask) {
                    Ask::Answered(answer) => Poll::Ready(Told::Answer(answer)),
                    _ => unreachable!("it was looked at under the same lock"),
                }
            }
            Ask::Gone => unreachable!("who is gone does not ask"),
        }
    }
}

impl<K: Item, T: Clone> Drop for Asking<'_, K, T> {
    fn drop(&mut self) {
        let Some(ask) = self.ask else { return };
        let mut state = self.desk.lock();
        match state.asks[ask] {
            Ask::Answered(_) => {
                state.asks.remove(ask);
            }
            // Its round has its number.
            Ask::Waiting(_) | Ask::Gone => state.asks[ask] = Ask::Gone,
            Ask::Leads(round) => {
                state.asks[ask] = Ask::Gone;
                state.pass_on(round);
                drop(state);
                self.desk.ring();
            }
        }
    }
}

/// The call of a round, which somebody makes. Dropped before its end, as an item of a stream is that failed elsewhere, it is
/// made anew by another who asks.
pub(super) struct Leading<'a, K: Item, T: Clone> {
    desk: &'a Desk<K, T>,
    round: usize,
    items: Arc<Vec<K>>,
    is_over: bool,
}

impl<K: Item, T: Clone> Leading<'_, K, T> {
    /// What is asked for.
    pub(super) fn items(&self) -> &Arc<Vec<K>> {
        &self.items
    }

    /// Answers all who asked, and writes what the call annotated beside each of their records.
    pub(super) fn answer(mut self, made: Result<Vec<Option<T>>, Ended>, annotated: &Annotations) {
        self.is_over = true;
        let round = self.desk.lock().end(self.round);
        for annotations in &round.annotations {
            annotations.extend(annotated);
        }
        round.answer(self.desk, made);
    }
}

impl<K: Item, T: Clone> Drop for Leading<'_, K, T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.desk.lock().pass_on(self.round);
            self.desk.ring();
        }
    }
}

impl<K: Item> Round<K> {
    fn answer<T: Clone>(self, desk: &Desk<K, T>, made: Result<Vec<Option<T>>, Ended>) {
        // Copies are the user's code, which may panic.
        let answers = catch_unwind(AssertUnwindSafe(|| self.answers(made)));
        let answers = answers.unwrap_or_else(|panic| {
            let ended = Ended::panicked(panic_message(&*panic));
            self.asks().map(|ask| (ask, Err(ended.clone()))).collect()
        });
        let mut wakers = Vec::with_capacity(answers.len());
        let mut state = desk.lock();
        for (ask, answer) in answers {
            if let Ask::Gone = state.asks[ask] {
                state.asks.remove(ask);
            } else if let Ask::Waiting(waker) = replace(&mut state.asks[ask], Ask::Answered(answer))
            {
                wakers.push(waker);
            }
        }
        state.nudge();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        desk.ring();
    }

    fn answers<T: Clone>(
        &self,
        made: Result<Vec<Option<T>>, Ended>,
    ) -> Vec<(usize, Result<T, Ended>)> {
        let made = match made {
            Ok(made) => made,
            Err(ended) => return self.asks().map(|ask| (ask, Err(ended.clone()))).collect(),
        };
        let mut answers = Vec::with_capacity(made.len());
        for (made, askers) in made.into_iter().zip(&self.askers) {
            let made = made.ok_or_else(nothing);
            let others = askers.others.iter().map(|ask| (*ask, made.clone()));
            answers.extend(others);
            answers.push((askers.first, made));
        }
        answers
    }
}

fn nothing() -> Ended {
    Ended::from(Failure::new(NOTHING).retry_if(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::{AnyDesk, Sending};

    type Numbers = Desk<u32, u32>;

    /// Those who ask for each of `items` in one round, which has been sent.
    fn round<'a>(desk: &'a dyn AnyDesk, items: &[u32]) -> Vec<Asking<'a, u32, u32>> {
        desk.set(items.len() + 1, Arc::default(), None);
        let asking = items
            .iter()
            .map(|item| Asking::new(Numbers::of(desk), *item, None));
        let mut asking: Vec<_> = asking.collect();
        for asking in &mut asking {
            assert!(poll(asking).is_none());
        }
        assert!(desk.send(1, Sending::One));
        asking
    }

    fn poll<'a>(asking: &mut Asking<'a, u32, u32>) -> Option<Told<'a, u32, u32>> {
        match asking.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(told) => Some(told),
            Poll::Pending => None,
        }
    }

    fn is_done(desk: &dyn AnyDesk) -> bool {
        let state = Numbers::of(desk).lock();
        state.asks.is_empty() && state.rounds.is_empty()
    }

    fn leading<'a>(asking: &mut Asking<'a, u32, u32>) -> Leading<'a, u32, u32> {
        match poll(asking) {
            Some(Told::Lead(leading)) => leading,
            _ => panic!("it is to make the call"),
        }
    }

    #[test]
    fn who_is_gone_before_its_call_or_in_it_leaves_it_to_another() {
        let desk = Numbers::new();
        let mut asking = round(&*desk, &[1, 2, 2, 3]);
        // It was told to, and is gone before it knows.
        drop(asking.remove(0));
        assert!(poll(&mut asking[0]).is_none() && poll(&mut asking[1]).is_none());
        let leads = leading(&mut asking[2]);
        assert_eq!(**leads.items(), [1, 2, 3]);
        drop((leads, asking.pop()));
        let leads = leading(&mut asking[1]);
        leads.answer(Ok(vec![Some(10), Some(20), Some(30)]), &Annotations::new());
        for asking in &mut asking {
            assert!(matches!(poll(asking), Some(Told::Answer(Ok(20)))));
        }
        assert!(is_done(&*desk));
    }

    #[test]
    fn a_round_ends_when_all_have_gone() {
        let desk = Numbers::new();
        let mut asking = round(&*desk, &[1, 2, 3]);
        let leads = leading(&mut asking[0]);
        drop((leads, asking));
        assert!(is_done(&*desk));
    }
}
