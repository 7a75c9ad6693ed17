//! [`Desk`]: where the items of one batch ask for the output of one bulk step.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use hashbrown::HashTable;
use slab::Slab;

use super::answers::Item;
use super::gate::Gate;
use super::round::{Leading, Round};
use crate::execution::Ended;
use crate::persist::Annotations;

/// Where the items of one batch, of type `K`, ask for the `T` that one step makes.
pub(super) struct Desk<K, T> {
    hasher: RandomState,
    setting: OnceLock<Setting>,
    state: Mutex<State<K, T>>,
}

/// What the batch has set.
struct Setting {
    size: usize,
    /// Wakes the batch. Only where items ask from tasks of their own.
    bell: Option<Waker>,
    gate: Arc<Gate>,
}

pub(super) struct State<K, T> {
    /// All questions that have no answer yet.
    questions: HashTable<Question>,
    pub(super) rounds: Slab<Round<K>>,
    /// The round that is not full.
    filling: Option<usize>,
    full: VecDeque<usize>,
    n_under_way: usize,
    pub(super) asks: Slab<Ask<T>>,
    pub(super) n_undecided: usize,
    /// Nobody sends rounds any more, so each ask is one.
    is_closed: bool,
}

/// Place `at` in a round.
struct Question {
    hash: u64,
    round: usize,
    at: usize,
}

/// One item that asks.
pub(super) enum Ask<T> {
    Waiting(Waker),
    /// It is to make the call of this round.
    Leads(usize),
    Answered(Result<T, Ended>),
    /// It does not wait any more, but is still in its round.
    Gone,
}

/// What one who asks is told.
pub(super) enum Told<'a, K: Item, T: Clone> {
    Answer(Result<T, Ended>),
    /// To make the call of this round, and to ask on.
    Lead(Leading<'a, K, T>),
}

/// When a batch sends rounds that are not full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// Only full ones.
    Full,
    /// Also one that is not, if none is under way.
    One,
    /// Whatever there is.
    All,
}

/// A desk of whatever types, as the batch sees it.
pub trait AnyDesk: Any + Send + Sync {
    /// Sets the size of its rounds, the gate behind it, and what to wake when somebody asks from a task of his own.
    fn set(&self, size: usize, gate: Arc<Gate>, bell: Option<Waker>);

    /// Sends rounds, so that at most `calls` are under way, and says whether it sent one.
    fn send(&self, calls: usize, sending: Sending) -> bool;

    /// Whether nobody asks.
    fn is_idle(&self) -> bool;

    /// Sends all there is, since nobody will do so any more.
    fn close(&self);
}

impl<K, T> Desk<K, T>
where
    K: Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// Where nobody asks yet.
    #[allow(clippy::new_ret_no_self, reason = "a batch keeps desks of all types")]
    pub(super) fn new() -> Box<dyn AnyDesk> {
        Box::new(Self {
            hasher: RandomState::new(),
            setting: OnceLock::new(),
            state: Mutex::new(State {
                questions: HashTable::new(),
                rounds: Slab::new(),
                filling: None,
                full: VecDeque::new(),
                n_under_way: 0,
                asks: Slab::new(),
                n_undecided: 0,
                is_closed: false,
            }),
        })
    }

    /// The desk that `desk` is.
    pub(super) fn of(desk: &dyn AnyDesk) -> &Self {
        let desk: &dyn Any = desk;
        desk.downcast_ref().expect("a step asks at its own desk")
    }
}

impl<K, T> Desk<K, T> {
    pub(super) fn lock(&self) -> MutexGuard<'_, State<K, T>> {
        // What may panic under it are comparisons of items, before anything has changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.setting().gate
    }

    /// Wakes the batch, where it can't know by itself.
    pub(super) fn ring(&self) {
        if let Some(bell) = &self.setting().bell {
            bell.wake_by_ref();
        }
    }

    fn setting(&self) -> &Setting {
        self.setting
            .get()
            .expect("a batch sets its desks before items start")
    }
}

impl<K: Item, T> Desk<K, T> {
    /// Puts the question for `item`, by one who is woken by `waker`. What he annotates goes to `annotations`.
    pub(super) fn put(&self, item: K, annotations: Option<Annotations>, waker: Waker) -> usize {
        let hash = self.hasher.hash_one(&item);
        let size = self.setting().size;
        let mut state = self.lock();
        let State {
            questions,
            rounds,
            filling,
            asks,
            ..
        } = &mut *state;
        let known = questions.find(hash, |it| rounds[it.round].items[it.at] == item);
        let ask = asks.insert(Ask::Waiting(waker));
        let round = match known {
            Some(question) => {
                rounds[question.round].join(question.at, ask);
                question.round
            }
            None => {
                let round = *filling.get_or_insert_with(|| rounds.insert(Round::new()));
                let at = rounds[round].push(item, hash, ask);
                questions.insert_unique(hash, Question { hash, round, at }, |it| it.hash);
                round
            }
        };
        if let Some(annotations) = annotations {
            rounds[round].annotate(annotations);
        }
        if state.filling == Some(round) && state.rounds[round].items.len() >= size {
            state.filling = None;
            state.full.push_back(round);
        }
        if state.is_closed {
            state.send(usize::MAX, Sending::All);
        }
        ask
    }
}

impl<K, T> State<K, T> {
    /// Sends one round more, if there is one to be sent, and says whether there was.
    fn send(&mut self, calls: usize, sending: Sending) -> bool {
        if self.n_under_way >= calls {
            return false;
        }
        let may_be_partial = match sending {
            _ if self.is_closed => true,
            Sending::Full => false,
            Sending::One => self.n_undecided == 0 && self.n_under_way == 0,
            Sending::All => self.n_undecided == 0,
        };
        let round = match self.full.pop_front() {
            Some(round) => round,
            None if may_be_partial => match self.filling.take() {
                Some(round) => round,
                None => return false,
            },
            None => return false,
        };
        self.n_under_way += 1;
        let State { rounds, asks, .. } = self;
        let leader = rounds[round]
            .asks()
            .find(|ask| matches!(asks[*ask], Ask::Waiting(_)));
        match leader {
            Some(ask) => self.lead(ask, round),
            None => {
                // All who asked have gone.
                let round = self.end(round);
                for ask in round.asks() {
                    self.asks.remove(ask);
                }
            }
        }
        true
    }

    /// Ends a round that is under way: nobody joins it any more.
    pub(super) fn end(&mut self, number: usize) -> Round<K> {
        self.n_under_way -= 1;
        let round = self.rounds.remove(number);
        for (at, hash) in round.hashes().enumerate() {
            let question = self
                .questions
                .find_entry(hash, |it| it.round == number && it.at == at);
            question
                .unwrap_or_else(|_| unreachable!("a question is there until its round ends"))
                .remove();
        }
        round
    }

    fn lead(&mut self, ask: usize, round: usize) {
        if let Ask::Waiting(waker) = std::mem::replace(&mut self.asks[ask], Ask::Leads(round)) {
            waker.wake();
        }
    }
}

impl<K, T> AnyDesk for Desk<K, T>
where
    K: Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    fn set(&self, size: usize, gate: Arc<Gate>, bell: Option<Waker>) {
        let setting = Setting { size, bell, gate };
        assert!(
            self.setting.set(setting).is_ok(),
            "a batch sets its desks once"
        );
    }

    fn send(&self, calls: usize, sending: Sending) -> bool {
        let mut state = self.lock();
        let mut has_sent = false;
        while state.send(calls, sending) {
            has_sent = true;
        }
        has_sent
    }

    fn is_idle(&self) -> bool {
        let state = self.lock();
        state.filling.is_none() && state.full.is_empty() && state.n_under_way == 0
    }

    fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        while state.send(usize::MAX, Sending::All) {}
    }
}

impl<K, T> fmt::Debug for Desk<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Desk")
            .field("asks", &state.asks.len())
            .field("under_way", &state.n_under_way)
            .finish_non_exhaustive()
    }
}

/// The desks of one batch, by the nodes of their steps.
#[derive(Default)]
pub struct Desks(Vec<(usize, Box<dyn AnyDesk>)>);

impl Desks {
    /// Those that `desk` makes for `nodes`.
    pub fn new(nodes: &[usize], desk: impl Fn(usize) -> Option<Box<dyn AnyDesk>>) -> Self {
        let desks = nodes.iter().map(|node| {
            let desk = desk(*node).expect("a step with `bulk` has a desk");
            (*node, desk)
        });
        Self(desks.collect())
    }

    /// The desk of `node`.
    pub fn get(&self, node: usize) -> Option<&dyn AnyDesk> {
        let (_, desk) = self.0.iter().find(|(its, _)| *its == node)?;
        Some(&**desk)
    }
}

impl fmt::Debug for Desks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|it| it.0))
            .finish()
    }
}
