//! The future of a batch: shared steps, items in flight, items at rest, and columns to be sealed.

use std::future::poll_fn;
use std::mem::take;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::time::timeout_at;

use super::bells::Bells;
use super::board::Board;
use super::crew::{Crew, all, ones};
use super::feed::Ticket;
use super::item::{Items, Left};
use super::places::Places;
use super::progress::Progress;
use super::rest::Rest;
use super::send::Bulk;
use super::take::Sealing;
use crate::error::Error;
use crate::execution::{Frame, Run, Turn, Turned, late};
use crate::graph::Graph;

/// One batch, as far as it is no question of types.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The steps that run once.
    pub shared: &'static [usize],
    /// By node, whether it is there once, and needed where there are no items.
    pub lones: &'static [bool],
    /// The steps of each item.
    pub items: Items,
    /// The nodes that have a column.
    pub columns: &'static [usize],
    /// By node, the bit of its column, if a step reads it whole.
    pub bits: &'static [u64],
    /// How many items there are.
    pub n: usize,
    /// How many of them may be in flight.
    pub limit: usize,
    /// What the items are told.
    pub board: &'a Board,
    /// The nodes for which items ask together.
    pub desks: &'static [usize],
}

/// Runs a batch to its end, or to the failure of a step that ends it.
///
/// `feed` gives the items, unless they are kept in a column; `turn` knows the shared steps by their nodes; `seal` tries to
/// make a column readable; `item` is the future of one item.
pub async fn run<const W: usize, G: Graph, F: Frame<G>, I, Fut>(
    batch: Batch<'_>,
    frame: &F,
    feed: Option<impl Iterator<Item = I>>,
    turn: impl FnMut(usize, Turn<'_, '_>) -> Turned,
    seal: impl Fn(usize, bool) -> Sealing,
    item: impl Fn(Ticket<I, W>) -> Fut,
) -> Result<(), Error>
where
    Fut: Future<Output = Result<Left<W>, Error>>,
{
    let run = frame.run();
    let bulk = Bulk::new(frame, batch.desks, batch.limit);
    let progress = Progress::new(frame.watch(), Some(batch.n));
    let ways = Ways {
        feed,
        turn,
        seal,
        item,
    };
    let mut engine = Engine::new(batch, run, bulk, progress, ways);
    let to_the_end = async {
        // A task that runs on may read a column whose values have to move: then it is waited for.
        while let Some(node) = poll_fn(|cx| engine.poll(cx)).await? {
            let mut unread = pin!(frame.unread(node));
            // It may be one that asks at a desk, from which only the engine sends.
            poll_fn(|cx| match unread.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Ok(())),
                Poll::Pending => match engine.poll(cx) {
                    Poll::Ready(Ok(None)) => Poll::Ready(Ok(())),
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Ready(Ok(Some(_))) | Poll::Pending => Poll::Pending,
                },
            })
            .await?;
        }
        Ok(())
    };
    let Some(deadline) = run.deadline() else {
        return to_the_end.await;
    };
    if run.is_overdue() {
        return Err(late(run));
    }
    timeout_at(deadline, to_the_end)
        .await
        .unwrap_or_else(|_| Err(late(run)))
}

/// How many items start in one poll, before others have their turn on this thread.
pub(super) const STARTS_IN_A_POLL: usize = 256;

/// What the engine has of the entry that it runs: see [`run`].
struct Ways<Feed, Steps, Seal, Item> {
    feed: Option<Feed>,
    turn: Steps,
    seal: Seal,
    item: Item,
}

struct Engine<'a, Feed, Steps, Seal, Item, Fut, const W: usize> {
    batch: Batch<'a>,
    run: &'a Run<'a>,
    progress: Progress<'a>,
    bells: Arc<Bells>,
    shared: Crew<W>,
    shared_waker: Waker,
    turn: Steps,
    seal: Seal,
    unsealed: Vec<usize>,
    item: Item,
    places: Places<Fut>,
    feed: Option<Feed>,
    /// The items that have not started.
    fresh: Range<usize>,
    rest: Rest<W>,
    n_done: usize,
    /// Whether a shared step is to look at what it waits for.
    has_news: bool,
    bulk: Bulk<'a>,
}

impl<'a, Feed, I, Steps, Seal, Item, Fut, const W: usize>
    Engine<'a, Feed, Steps, Seal, Item, Fut, W>
where
    Feed: Iterator<Item = I>,
    Steps: FnMut(usize, Turn<'_, '_>) -> Turned,
    Seal: Fn(usize, bool) -> Sealing,
    Item: Fn(Ticket<I, W>) -> Fut,
    Fut: Future<Output = Result<Left<W>, Error>>,
{
    fn new(
        batch: Batch<'a>,
        run: &'a Run<'a>,
        bulk: Bulk<'a>,
        mut progress: Progress<'a>,
        ways: Ways<Feed, Steps, Seal, Item>,
    ) -> Self {
        let Ways {
            feed,
            turn,
            seal,
            item,
        } = ways;
        // More places than items would never be taken.
        let limit = batch.limit.saturating_add(bulk.room()).min(batch.n);
        let bells = Bells::new(limit);
        bulk.set(&bells);
        let shared = match batch.n {
            0 => lone(batch.shared, batch.lones),
            _ => all(batch.shared.len()),
        };
        // An item for which nothing runs is done.
        let has_steps = !batch.items.order.is_empty();
        if !has_steps {
            progress.tell_all(batch.n);
        }
        Self {
            run,
            progress,
            shared: Crew::new(batch.shared, batch.items.fatals, shared),
            shared_waker: bells.bell(bells.shared()),
            turn,
            seal,
            unsealed: batch
                .columns
                .iter()
                .copied()
                .filter(|node| batch.bits[*node] != 0)
                .collect(),
            item,
            places: Places::new(limit, Arc::clone(&bells)),
            bells,
            feed,
            fresh: if has_steps { 0..batch.n } else { 0..0 },
            rest: Rest::default(),
            n_done: if has_steps { 0 } else { batch.n },
            has_news: true,
            bulk,
            batch,
        }
    }

    /// Ready when all is done, with `None`, or with a column that waits for nothing but the tasks that may read it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<usize>, Error>> {
        self.bells.hang(cx.waker());
        let is_overdue = self.run.is_overdue();
        let mut starts = STARTS_IN_A_POLL;
        // At the deadline, what runs has a last word.
        let mut wakes_all = is_overdue;
        loop {
            wakes_all |= self.poll_shared(is_overdue)?;
            self.poll_items(take(&mut wakes_all))?;
            if is_overdue {
                return Poll::Ready(Err(late(self.run)));
            }
            self.start_items(&mut starts)?;
            let held = self.seal_columns();
            if self.has_news {
                wakes_all = true;
                continue;
            }
            if self.send(starts > 0) {
                continue;
            }
            if self.is_done() {
                return Poll::Ready(Ok(None));
            }
            if starts == 0 {
                cx.waker().wake_by_ref();
            }
            return match held {
                Some(node) => Poll::Ready(Ok(Some(node))),
                None => Poll::Pending,
            };
        }
    }

    fn is_done(&self) -> bool {
        self.n_done == self.batch.n && self.shared.is_done()
    }

    /// Polls the shared steps, if there is reason to, and says whether one ended.
    fn poll_shared(&mut self, is_overdue: bool) -> Result<bool, Error> {
        // The other bit of the word is that of the desks, which are looked at in each poll.
        let is_rung = self.bells.take(self.bells.shared() / 64) & 1 != 0;
        if !(is_rung || self.has_news || is_overdue) {
            return Ok(false);
        }
        let has_news = take(&mut self.has_news);
        let cx = &mut Context::from_waker(&self.shared_waker);
        let has_ended = self
            .shared
            .pass(cx, self.run, has_news, is_overdue, &mut self.turn)?;
        if has_ended {
            self.batch.board.tell();
        }
        Ok(has_ended)
    }

    /// Polls the items that were woken, or all.
    fn poll_items(&mut self, wakes_all: bool) -> Result<(), Error> {
        for word in 0..self.places.words() {
            let rung = self.bells.take(word);
            let places = if wakes_all { u64::MAX } else { rung };
            for bit in ones(places) {
                self.poll_item(word * 64 + bit)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn poll_item(&mut self, place: usize) -> Result<(), Error> {
        if !self.bulk.is_empty() {
            let asks = self.places.asks(place);
            self.batch.board.set_asks(asks);
            self.bulk.open(!asks || self.has_room());
        }
        match self.places.poll(place) {
            Poll::Ready((item, ended)) => {
                let Left { steps, is_ok } = ended.map_err(|error| error.with_item(item))?;
                if steps == [0; W] {
                    self.n_done += 1;
                    self.progress.tell(item, is_ok);
                } else {
                    self.rest.put(item, steps);
                }
            }
            Poll::Pending if !self.bulk.is_empty() => {
                self.bulk.note(place, &mut self.places, self.batch.board);
            }
            Poll::Pending => {}
        }
        Ok(())
    }

    /// Whether one more item may do something else than to ask.
    fn has_room(&self) -> bool {
        self.places.in_flight() - self.places.asking() < self.batch.limit
    }

    /// Sends what was asked for, where it is time; says whether there is something to go on with.
    fn send(&mut self, is_through: bool) -> bool {
        if self.bulk.is_empty() {
            return false;
        }
        let is_quiet = is_through && !self.bells.is_rung();
        // Whether no item can come to a desk any more but from another.
        let is_last = self.places.asking() == self.places.in_flight()
            && self.fresh.is_empty()
            && self.rest.is_empty();
        self.bulk.send(is_quiet, is_last)
    }

    /// Starts items while there are places, and goes on with those that can.
    fn start_items(&mut self, starts: &mut usize) -> Result<(), Error> {
        let (items, board) = (self.batch.items, self.batch.board);
        let whole = all(items.order.len());
        let is_open = !self.fresh.is_empty() && items.can_go_on(&whole, board);
        while *starts > 0 && self.has_room() {
            if let Some(place) = self.bulk.next_held() {
                self.poll_item(place)?;
                *starts -= 1;
                continue;
            }
            if self.places.is_full() {
                return Ok(());
            }
            let ticket =
                if let Some((item, left)) = self.rest.take(|left| items.can_go_on(left, board)) {
                    Ticket {
                        item,
                        input: None,
                        left,
                        rested: true,
                    }
                } else if is_open && let Some(item) = self.fresh.next() {
                    let input = self.feed.as_mut().and_then(Iterator::next);
                    Ticket {
                        item,
                        input,
                        left: whole,
                        rested: false,
                    }
                } else {
                    return Ok(());
                };
            let place = self.places.enter(ticket.item, (self.item)(ticket));
            self.poll_item(place)?;
            *starts -= 1;
        }
        Ok(())
    }

    /// Seals what columns it can, and gives one that only waits for tasks to leave.
    fn seal_columns(&mut self) -> Option<usize> {
        let (mut held, mut bits) = (None, 0);
        let is_idle = self.places.in_flight() == 0;
        let seal = &self.seal;
        self.unsealed.retain(|node| match seal(*node, is_idle) {
            Sealing::Open => true,
            Sealing::Held => {
                held = Some(*node);
                true
            }
            Sealing::Sealed => {
                bits |= self.batch.bits[*node];
                false
            }
        });
        if bits != 0 {
            // The last bit is that of many: it is set when all of them are there.
            let open = self
                .unsealed
                .iter()
                .fold(0, |open, node| open | self.batch.bits[*node]);
            self.batch.board.seal(bits & !open);
            self.has_news = true;
        }
        held
    }
}

/// The shared steps that are needed where there are no items.
fn lone<const W: usize>(order: &[usize], lones: &[bool]) -> [u64; W] {
    let mut left = [0; W];
    for (place, node) in order.iter().enumerate() {
        if lones[*node] {
            left[place / 64] |= 1 << (place % 64);
        }
    }
    left
}
