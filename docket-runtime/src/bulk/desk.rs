//! [`Desk`]: where the items of one batch ask for the output of one bulk step.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// How many items are on their way through it. Only the thread that polls the batch touches it.
    n_visits: AtomicUsize,
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
    presence: Presence,
}

/// Whether there is somebody who sends rounds.
#[derive(Clone, Copy)]
enum Presence {
    /// The batch does.
    Here,
    /// The batch, of which so many calls may be under way, may not be polled for long.
    Away { calls: usize },
    /// The batch is no more, so each ask is a round.
    Gone,
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

    /// Whether no item of the batch is on its way through it.
    fn is_idle(&self) -> bool;

    /// Says that the batch may not be polled for long, or, with `None`, that it is polled. Meanwhile those who ask from tasks
    /// of their own send rounds, so that at most `calls` are under way: what they have claimed nobody else can have.
    fn set_away(&self, calls: Option<usize>);

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
                presence: Presence::Here,
            }),
            n_visits: AtomicUsize::new(0),
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

    /// Notes that an item of the batch is here, until what it gives is dropped.
    pub(super) fn visit(&self) -> Visit<'_> {
        self.n_visits.fetch_add(1, Ordering::Relaxed);
        Visit(&self.n_visits)
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

/// An item on its way through a desk: from when it comes, decided or not whether it asks, until it goes on with what it got.
pub(super) struct Visit<'a>(&'a AtomicUsize);

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<K: Item, T> Desk<K, T> {
    /// Puts the question for `item`, by one who is woken by `waker`. What he annotates goes to `annotations`. Gives the
    /// number of the ask, and whether it has to wait.
    pub(super) fn put(
        &self,
        item: K,
        annotations: Option<Annotations>,
        waker: Waker,
    ) -> (usize, bool) {
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
        match state.presence {
            Presence::Here => {}
            Presence::Away { .. } => state.nudge(),
            Presence::Gone => {
                state.send(usize::MAX, Sending::All);
            }
        }
        (ask, matches!(state.asks[ask], Ask::Waiting(_)))
    }
}

impl<K, T> State<K, T> {
    /// Whether there is a round to be sent.
    fn may_send(&self, calls: usize, sending: Sending) -> bool {
        let may_be_partial = match sending {
            _ if matches!(self.presence, Presence::Gone) => true,
            Sending::Full => false,
            Sending::One => self.n_undecided == 0 && self.n_under_way == 0,
            Sending::All => self.n_undecided == 0,
        };
        let is_there = !self.full.is_empty() || may_be_partial && self.filling.is_some();
        is_there && self.n_under_way < calls
    }

    /// Sends one round more, if there is one to be sent, and says whether there was.
    fn send(&mut self, calls: usize, sending: Sending) -> bool {
        if !self.may_send(calls, sending) {
            return false;
        }
        let round = self.full.pop_front().or_else(|| self.filling.take());
        let round = round.expect("there is one to be sent");
        self.n_under_way += 1;
        let leader = self.waiting(round).next();
        self.lead(leader, round);
        true
    }

    /// Has another of those who ask make the call of a round that is under way, since whoever led it is gone.
    pub(super) fn pass_on(&mut self, round: usize) {
        // From the back: a batch that is dropped drops its items from the front, and the lead does not wander through them.
        let leader = self.waiting(round).next_back();
        self.lead(leader, round);
        self.nudge();
    }

    /// While the batch is away: wakes one of those who ask, if there is a round to be sent. He sends it in his turn, unless the
    /// batch is back before that, as it is where a consumer takes one item after the other: it may have more for the round.
    pub(super) fn nudge(&self) {
        let Presence::Away { calls } = self.presence else {
            return;
        };
        if !self.may_send(calls, Sending::One) {
            return;
        }
        let round = self.full.front().or(self.filling.as_ref());
        let ask = round.and_then(|round| self.waiting(*round).next());
        if let Some(Ask::Waiting(waker)) = ask.map(|ask| &self.asks[ask]) {
            waker.wake_by_ref();
        }
    }

    /// While the batch is away: sends what is to be sent, by one of those who ask.
    pub(super) fn send_alone(&mut self) {
        if let Presence::Away { calls } = self.presence {
            while self.send(calls, Sending::One) {}
        }
    }

    /// Those of a round who wait for its answer.
    fn waiting(&self, round: usize) -> impl DoubleEndedIterator<Item = usize> {
        let asks = self.rounds[round].asks();
        asks.filter(move |ask| matches!(self.asks[*ask], Ask::Waiting(_)))
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

    /// Has `leader` make the call of a round. Where there is none, all who asked have gone, and the round ends.
    fn lead(&mut self, leader: Option<usize>, round: usize) {
        let Some(ask) = leader else {
            for ask in self.end(round).asks() {
                self.asks.remove(ask);
            }
            return;
        };
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
        self.n_visits.load(Ordering::Relaxed) == 0
    }

    fn set_away(&self, calls: Option<usize>) {
        let mut state = self.lock();
        state.presence = match calls {
            Some(calls) => Presence::Away { calls },
            None => Presence::Here,
        };
        state.nudge();
    }

    fn close(&self) {
        let mut state = self.lock();
        state.presence = Presence::Gone;
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
