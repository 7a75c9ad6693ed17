//! The future behind a stream of items: shared steps, and a bounded number of items in flight.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use tokio::time::timeout_at;

use super::outbox::{Done, Outbox};
use crate::batch::bells::Bells;
use crate::batch::board::Board;
use crate::batch::crew::{Crew, all};
use crate::batch::engine::STARTS_IN_A_POLL;
use crate::batch::item::Items;
use crate::batch::places::Places;
use crate::batch::progress::Progress;
use crate::batch::send::Bulk;
use crate::error::Error;
use crate::execution::{Frame, Run, Turn, Turned, late};
use crate::graph::Graph;

/// One stream of items, as far as it is no question of types.
#[derive(Clone, Copy, Debug)]
pub struct Streaming<'a> {
    /// The steps that run once.
    pub shared: &'static [usize],
    /// The steps of each item.
    pub items: Items,
    /// How many items may be in flight.
    pub limit: usize,
    /// What the items are told.
    pub board: &'a Board,
    /// The nodes for which items ask together.
    pub desks: &'static [usize],
}

/// Puts one item after the other into `outbox`, each time it is polled one at most.
///
/// `turn` knows the shared steps by their nodes; `item` is the future of one item, whose outer error is the end of all.
///
/// # Errors
///
/// When a step ends the execution, or fails that all items need, and at the deadline.
pub async fn stream<const W: usize, G: Graph, F: Frame<G>, I: Stream, T, Fut>(
    streaming: Streaming<'_>,
    frame: &F,
    items: I,
    outbox: &Outbox<T>,
    turn: impl FnMut(usize, Turn<'_, '_>) -> Turned,
    item: impl Fn(usize, I::Item) -> Fut,
) -> Result<(), Error>
where
    Fut: Future<Output = Result<Result<T, Error>, Error>>,
{
    let run = frame.run();
    if run.is_overdue() {
        return Err(late(run));
    }
    let items = pin!(items);
    let bulk = Bulk::new(frame, streaming.desks, streaming.limit);
    let progress = Progress::new(frame.watch(), known_size(&*items));
    let mut engine =
        Engine::<_, _, _, _, W>::new(streaming, run, bulk, progress, items, turn, item);
    let to_the_end = poll_fn(|cx| engine.poll(cx, outbox));
    let Some(deadline) = run.deadline() else {
        return to_the_end.await;
    };
    timeout_at(deadline, to_the_end)
        .await
        .unwrap_or_else(|_| Err(late(run)))
}

/// How many items there are, where that is known before they have come.
fn known_size(items: &impl Stream) -> Option<usize> {
    match items.size_hint() {
        (n, Some(most)) if n == most => Some(n),
        _ => None,
    }
}

/// A stream does not know how many items it will have, so it has bells for as many as may be in flight. More than this
/// nobody wants there.
const MOST_IN_FLIGHT: usize = 1 << 20;

struct Engine<'a, Feed, Steps, Item, Fut, const W: usize> {
    board: &'a Board,
    run: &'a Run<'a>,
    bulk: Bulk<'a>,
    progress: Progress<'a>,
    bells: Arc<Bells>,
    shared: Crew<W>,
    shared_waker: Waker,
    is_shared_rung: bool,
    turn: Steps,
    feed: Feed,
    feed_waker: Waker,
    /// Whether it is worth asking for another item.
    is_feed_rung: bool,
    has_feed_ended: bool,
    item: Item,
    n_admitted: usize,
    places: Places<Fut>,
    /// The places that were woken and not polled since: a bit for each. They have their turns one after the other.
    woken: Vec<u64>,
    /// The place whose turn it is next.
    next: usize,
    /// How many items may still finish before others have their turn on this thread.
    turns: usize,
}

impl<'a, I, Feed, Steps, Item, Fut, T, const W: usize>
    Engine<'a, Pin<&'a mut Feed>, Steps, Item, Fut, W>
where
    Feed: Stream<Item = I>,
    Steps: FnMut(usize, Turn<'_, '_>) -> Turned,
    Item: Fn(usize, I) -> Fut,
    Fut: Future<Output = Result<Result<T, Error>, Error>>,
{
    fn new(
        streaming: Streaming<'a>,
        run: &'a Run<'a>,
        bulk: Bulk<'a>,
        progress: Progress<'a>,
        feed: Pin<&'a mut Feed>,
        turn: Steps,
        item: Item,
    ) -> Self {
        let Streaming {
            shared,
            items,
            limit,
            board,
            desks: _,
        } = streaming;
        let limit = limit.min(MOST_IN_FLIGHT);
        let bells = Bells::new(limit);
        bulk.set(&bells);
        // Each has its place, and keeps it.
        bulk.open(true);
        Self {
            board,
            run,
            bulk,
            progress,
            shared: Crew::new(shared, items.fatals, all(shared.len())),
            shared_waker: bells.bell(bells.shared()),
            is_shared_rung: true,
            turn,
            feed,
            feed_waker: bells.bell(bells.feed()),
            is_feed_rung: true,
            has_feed_ended: false,
            item,
            n_admitted: 0,
            places: Places::new(limit, Arc::clone(&bells)),
            woken: Vec::new(),
            next: 0,
            turns: STARTS_IN_A_POLL,
            bells,
        }
    }

    /// Ready when the last item was handed out before.
    fn poll(&mut self, cx: &mut Context<'_>, outbox: &Outbox<T>) -> Poll<Result<(), Error>> {
        self.bells.hang(cx.waker());
        self.bulk.set_away(false);
        self.hear();
        let is_overdue = self.run.is_overdue();
        if is_overdue {
            // At the deadline, what runs has a last word.
            self.wake_all();
        } else {
            self.admit();
        }
        // An item that never comes needs nothing.
        if self.n_admitted > 0 {
            self.poll_shared(is_overdue)?;
        }
        while self.turns > 0 {
            if let Some(done) = self.poll_items()? {
                self.turns -= 1;
                outbox.put(done);
                // The consumer comes back when it likes.
                self.bulk.set_away(true);
                return Poll::Pending;
            }
            if !self.send() {
                break;
            }
            self.hear();
        }
        if is_overdue {
            return Poll::Ready(Err(late(self.run)));
        }
        if self.has_feed_ended && self.places.in_flight() == 0 {
            return Poll::Ready(Ok(()));
        }
        if self.turns == 0 {
            cx.waker().wake_by_ref();
        }
        self.turns = STARTS_IN_A_POLL;
        Poll::Pending
    }

    /// Notes who was woken.
    fn hear(&mut self) {
        for (word, woken) in self.woken.iter_mut().enumerate() {
            *woken |= self.bells.take(word);
        }
        let others = self.bells.take(self.bells.shared() / 64);
        let is_rung = |place: usize| others & (1 << (place % 64)) != 0;
        self.is_shared_rung |= is_rung(self.bells.shared());
        self.is_feed_rung |= is_rung(self.bells.feed());
    }

    fn wake_all(&mut self) {
        self.woken.fill(u64::MAX);
    }

    /// Takes in items while there are places. They have their first turn after those that were there before.
    fn admit(&mut self) {
        while self.is_feed_rung && !self.has_feed_ended && !self.places.is_full() {
            let cx = &mut Context::from_waker(&self.feed_waker);
            match self.feed.as_mut().poll_next(cx) {
                Poll::Ready(Some(input)) => {
                    let number = self.n_admitted;
                    let place = self.places.enter(number, (self.item)(number, input));
                    self.n_admitted += 1;
                    self.woken.resize(self.places.words(), 0);
                    self.woken[place / 64] |= 1 << (place % 64);
                }
                Poll::Ready(None) => {
                    self.has_feed_ended = true;
                    self.progress.set_total(self.n_admitted);
                }
                Poll::Pending => self.is_feed_rung = false,
            }
        }
    }

    fn poll_shared(&mut self, is_overdue: bool) -> Result<(), Error> {
        if !(self.is_shared_rung || is_overdue) {
            return Ok(());
        }
        self.is_shared_rung = false;
        let cx = &mut Context::from_waker(&self.shared_waker);
        if self
            .shared
            .pass(cx, self.run, false, is_overdue, &mut self.turn)?
        {
            self.board.tell();
            self.wake_all();
        }
        Ok(())
    }

    /// Polls items that were woken, in turn, until one is done.
    fn poll_items(&mut self) -> Result<Option<Done<T>>, Error> {
        while let Some(place) = self.take_woken() {
            self.next = place + 1;
            if !self.bulk.is_empty() {
                self.board.set_asks(self.places.asks(place));
            }
            if let Poll::Ready((item, ended)) = self.places.poll(place) {
                let made = ended.map_err(|error| error.with_item(item))?;
                self.progress.tell(item, made.is_ok());
                return Ok(Some((item, made.map_err(|error| error.with_item(item)))));
            }
            if !self.bulk.is_empty() {
                self.bulk.note(place, &mut self.places, self.board);
            }
        }
        Ok(None)
    }

    /// Sends what items ask for together, now that none of them can do anything else; says whether there was something. A
    /// round is as large as there are items in flight, since each that asks keeps its place.
    fn send(&mut self) -> bool {
        if self.bulk.is_empty() || self.bells.is_rung() {
            return false;
        }
        let can_none_come = self.has_feed_ended || self.places.is_full();
        let is_last = can_none_come && self.places.asking() == self.places.in_flight();
        self.bulk.send(true, is_last)
    }

    /// The first place from `next` on, and around, that was woken.
    fn take_woken(&mut self) -> Option<usize> {
        let n_words = self.woken.len();
        let (start, bit) = (self.next / 64, self.next % 64);
        for i in 0..=n_words {
            let word = (start + i) % n_words.max(1);
            // The word of the start is looked at twice: first what comes from there on, and at the end all of it.
            let from = if i == 0 && start < n_words { bit } else { 0 };
            let woken = self.woken.get(word)? & (u64::MAX << from);
            if woken != 0 {
                let bit = woken.trailing_zeros() as usize;
                self.woken[word] &= !(1 << bit);
                return Some(word * 64 + bit);
            }
        }
        None
    }
}
