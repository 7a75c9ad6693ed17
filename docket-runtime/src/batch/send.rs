//! When items that ask together are asked for.
//!
//! An item that waits for nothing but the calls of bulk steps *asks*. It is in flight, but takes no place from others, so
//! that rounds can fill; how many may do so is bounded by the rounds that may be under way and one that fills. A round is
//! sent when it is full. One that is not is sent when the batch has polled all that is ready and can start no item, and
//! - no round of the same step is under way: those that come meanwhile are the next one; or
//! - nobody can come to it any more.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bells::Bells;
use super::board::Board;
use super::places::Places;
use crate::bulk::{AnyDesk, Gate, Sending};
use crate::execution::Frame;
use crate::graph::Graph;

/// The desks of one batch.
pub(super) struct Bulk<'a> {
    desks: Vec<Sender<'a>>,
    gate: Arc<Gate>,
    /// The places of items that have their output, and no room to go on.
    held: VecDeque<usize>,
}

struct Sender<'a> {
    desk: &'a dyn AnyDesk,
    /// How many items are in one round.
    size: usize,
    /// How many rounds may be under way.
    calls: usize,
    /// Whether items ask from tasks of their own.
    is_foreign: bool,
}

impl<'a> Bulk<'a> {
    /// The desks of `nodes`, in a batch of which `limit` items may be in flight: so many rounds may be.
    pub(super) fn new<G: Graph>(frame: &'a impl Frame<G>, nodes: &[usize], limit: usize) -> Self {
        let core = frame.graph().core();
        let desks = nodes.iter().map(|node| {
            let policy = core.policy(*node);
            let desk = frame.desk_at(*node);
            Sender {
                desk: desk.expect("a batch has a desk for each bulk step"),
                size: policy.bulk,
                calls: policy.max_concurrency.map_or(limit, |n| n.min(limit)),
                is_foreign: policy.is_recorded,
            }
        });
        Self {
            desks: desks.collect(),
            gate: Arc::default(),
            held: VecDeque::new(),
        }
    }

    pub(super) fn set(&self, bells: &Arc<Bells>) {
        for sender in &self.desks {
            let bell = sender.is_foreign.then(|| bells.bell(bells.desks()));
            sender.desk.set(sender.size, Arc::clone(&self.gate), bell);
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.desks.is_empty()
    }

    /// How many items may ask at once.
    pub(super) fn room(&self) -> usize {
        let rooms = self
            .desks
            .iter()
            .map(|it| it.size.saturating_mul(it.calls.saturating_add(1)));
        rooms.fold(0, usize::saturating_add)
    }

    /// Before an item is polled: whether it may go on from a desk.
    pub(super) fn open(&self, is_open: bool) {
        self.gate.set(is_open);
    }

    /// After the item at `place` was polled, which is still there.
    pub(super) fn note<F: Future>(&mut self, place: usize, places: &mut Places<F>, board: &Board) {
        if places.note(place, board.asks(), self.gate.take_held()) {
            self.held.push_back(place);
        }
    }

    /// The place of an item that is to go on, now that there is room.
    pub(super) fn next_held(&mut self) -> Option<usize> {
        self.held.pop_front()
    }

    /// Says whether the batch may not be polled for long, to those who ask from tasks of their own.
    pub(super) fn set_away(&self, is_away: bool) {
        for sender in &self.desks {
            if sender.is_foreign {
                sender.desk.set_away(is_away.then_some(sender.calls));
            }
        }
    }

    /// Sends what it is time for, and says whether there was something.
    pub(super) fn send(&self, is_quiet: bool, is_last: bool) -> bool {
        let mut has_sent = false;
        for (i, Sender { desk, calls, .. }) in self.desks.iter().enumerate() {
            // Those before it in the order of the plan may have items for it.
            let is_last = is_last && self.desks[..i].iter().all(|it| it.desk.is_idle());
            let sending = match (is_quiet, is_last) {
                (false, _) => Sending::Full,
                (true, false) => Sending::One,
                (true, true) => Sending::All,
            };
            has_sent |= desk.send(*calls, sending);
        }
        has_sent
    }
}

impl Drop for Bulk<'_> {
    /// What asks from tasks of its own is recorded, and goes to its end without the batch.
    fn drop(&mut self) {
        for sender in &self.desks {
            if sender.is_foreign {
                sender.desk.close();
            }
        }
    }
}
