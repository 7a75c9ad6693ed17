//! One item in flight: what goes into its slots and from there into columns, and the future that runs its steps.

use std::future::poll_fn;
use std::task::Poll;

use super::board::Board;
use super::column::Column;
use super::crew::{Crew, ones};
use crate::error::Error;
use crate::execution::{Filled, Frame, Run, Turn, Turned, late};
use crate::graph::Produces;

/// Puts what is in the column of `T` for `item`, if there is something, into the slot of its frame.
///
/// # Safety
///
/// `frame` is that of `item`, an item of `batch`, and is gone before `batch` is. No driver has a turn meanwhile.
pub unsafe fn recall<G, T>(batch: &impl Frame<G>, frame: &mut impl Frame<G>, item: usize)
where
    G: Produces<T>,
    T: Send + Sync + 'static,
{
    let (column, slot) = (column(batch), frame.slot_at(G::NODE).typed::<T>());
    if let Some(settled) = column.get(item) {
        let slot = slot.expect("an item has a slot for what has a column");
        // SAFETY: whoever else writes to the slots of a frame borrows it, and it is borrowed mutably here. The column is there
        // for as long as the slot, which the caller promises.
        unsafe { slot.set(settled.map(Filled::Lent)) };
    }
}

/// Puts an item, or a part of it, into the slot of its frame.
///
/// # Safety
///
/// Nobody has had a view of this frame, and no other `T` was put in.
pub unsafe fn give<G, T>(frame: &mut impl Frame<G>, value: T)
where
    G: Produces<T>,
    T: Send + Sync + 'static,
{
    // SAFETY: the caller promises it.
    unsafe { frame.give(value) };
}

/// After a turn of the step that makes the `T` of `item`: what it came to goes from its slot to its column, and from there it
/// is lent to the slot.
///
/// # Safety
///
/// `frame` is that of `item`, an item of `batch`, and is gone before `batch` is. The turn is over, no driver of the item has had
/// one since, and nobody but these asks for what is not there when they start.
#[inline(always)]
pub unsafe fn settle<G, T>(
    batch: &impl Frame<G>,
    frame: &impl Frame<G>,
    item: usize,
    turned: Turned,
) -> Turned
where
    G: Produces<T>,
    T: Send + Sync + 'static,
{
    if !matches!(turned, Turned::Done) {
        return turned;
    }
    let (column, slot) = (column(batch), frame.slot_at(G::NODE).typed::<T>());
    let slot = slot.expect("an item has a slot for what its steps make");
    // SAFETY: the slot was filled in the turn that has just ended. Who reads it starts after that: the steps of this
    // crew have their turns later, and a task has a view of what its step needs, all of which was there when it started.
    let made = unsafe { slot.take_unread() }.expect("a step ends when its slot is filled");
    let settled = match made.and_then(Filled::into_value) {
        Ok(value) => Ok(Filled::Lent(column.put(item, value))),
        Err(error) => {
            column.fail(item, error.clone().with_item(item));
            Err(error)
        }
    };
    // SAFETY: as above, and the driver that has just ended was the only writer.
    unsafe { slot.set(settled) };
    Turned::Done
}

fn column<G, T>(batch: &impl Frame<G>) -> &Column<T>
where
    G: Produces<T>,
    T: Send + Sync + 'static,
{
    Column::of(batch.slot_at(G::NODE).what()).expect("a batch keeps what is asked for")
}

/// How an item came out of its future.
#[derive(Debug)]
pub struct Left<const W: usize> {
    /// The steps that it has left, by their places in the order: none when it is done, and otherwise it rests.
    pub(super) steps: [u64; W],
    /// Of one that is done, whether it has what it was asked for.
    pub(super) is_ok: bool,
}

/// What all items have in common.
#[derive(Clone, Copy, Debug)]
pub struct Items {
    /// The steps that run for each item.
    pub order: &'static [usize],
    /// By node, whether its failure ends the batch.
    pub fatals: &'static [bool],
    /// By node, the columns that it waits for.
    pub waits: &'static [u64],
    /// By node, whether items ask together for what it makes.
    pub asks: &'static [bool],
    /// Whether there is such a node.
    pub is_bulk: bool,
}

impl Items {
    /// Whether one of the steps `left` waits for no column.
    pub(super) fn can_go_on<const W: usize>(&self, left: &[u64; W], board: &Board) -> bool {
        let places = left.iter().enumerate();
        places
            .flat_map(|(word, bits)| ones(*bits).map(move |bit| word * 64 + bit))
            .any(|place| board.has(self.waits[self.order[place]]))
    }
}

/// Runs the steps of one item that are `left`, until it is done, or can't go on without a column. When it is done, `is_ok`
/// says whether it has what it was asked for.
///
/// # Errors
///
/// When a step ends the batch, and at the deadline.
pub async fn item<const W: usize>(
    items: Items,
    board: &Board,
    run: &Run<'_>,
    left: [u64; W],
    mut turn: impl FnMut(usize, Turn<'_, '_>) -> Turned + Send,
    is_ok: impl Fn() -> bool + Send,
) -> Result<Left<W>, Error> {
    let mut crew = Crew::new(items.order, items.fatals, left);
    let mut seen = board.news();
    poll_fn(|cx| {
        let has_news = board.news() != seen;
        seen = board.news();
        let is_overdue = run.is_overdue();
        if let Err(error) = crew.pass(cx, run, has_news, is_overdue, &mut turn) {
            return Poll::Ready(Err(error));
        }
        if crew.is_done() {
            return Poll::Ready(Ok(Left {
                steps: [0; W],
                is_ok: is_ok(),
            }));
        }
        if is_overdue {
            return Poll::Ready(Err(late(run)));
        }
        match crew.all_waiting() {
            Some(steps) if !items.can_go_on(&steps, board) => {
                let is_ok = true;
                Poll::Ready(Ok(Left { steps, is_ok }))
            }
            _ => {
                if items.is_bulk {
                    board.set_asks(crew.runs_only(items.asks));
                }
                Poll::Pending
            }
        }
    })
    .await
}
