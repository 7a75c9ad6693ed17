//! The future of one item of a stream.

use std::future::poll_fn;
use std::task::Poll;

use crate::batch::board::Board;
use crate::batch::crew::{Crew, all};
use crate::batch::item::Items;
use crate::error::Error;
use crate::execution::{Frame, Run, Turn, Turned, late};
use crate::graph::Produces;

/// Runs the steps of one item until it is `settled`. The outer error is the end of the whole stream, the inner one that of
/// this item.
///
/// # Errors
///
/// When a step ends the execution, and at the deadline.
pub async fn one<const W: usize>(
    items: Items,
    board: &Board,
    run: &Run<'_>,
    mut turn: impl FnMut(usize, Turn<'_, '_>) -> Turned + Send,
    settled: impl Fn() -> Option<Result<(), Error>> + Send,
) -> Result<Result<(), Error>, Error> {
    let mut crew = Crew::<W>::new(items.order, items.fatals, all(items.order.len()));
    let mut seen = board.news();
    // What it has may have to be waited for, since a task still reads it; but it asks for nothing any more.
    let settled = || {
        let settled = settled();
        if settled.is_some() && items.is_bulk {
            board.set_asks(true);
        }
        settled
    };
    // Where the item is all that is asked for, it is done before it starts.
    if let Some(settled) = settled() {
        return Ok(settled);
    }
    poll_fn(|cx| {
        let has_news = board.news() != seen;
        seen = board.news();
        let is_overdue = run.is_overdue();
        match crew.pass(cx, run, has_news, is_overdue, &mut turn) {
            Err(error) => return Poll::Ready(Err(error)),
            // What runs beside a failure that decides the item is dropped.
            Ok(true) => {
                if let Some(settled) = settled() {
                    return Poll::Ready(Ok(settled));
                }
            }
            Ok(false) => {}
        }
        if is_overdue {
            return Poll::Ready(Err(late(run)));
        }
        if items.is_bulk {
            board.set_asks(crew.runs_only(items.asks));
        }
        Poll::Pending
    })
    .await
}

/// Whether the `T` of an item is there, or will never be.
pub fn settled<G, T>(frame: &impl Frame<G>) -> Option<Result<(), Error>>
where
    G: Produces<T>,
    T: Send + Sync + 'static,
{
    let slot = frame
        .slot_at(G::NODE)
        .typed::<T>()
        .expect("an item keeps what is asked for");
    match slot.get()? {
        Ok(_) => Some(Ok(())),
        Err(error) => Some(Err(error.clone())),
    }
}

/// Whether all that an item is asked for is there, or something of it never will be.
pub fn together<const N: usize>(
    settled: [Option<Result<(), Error>>; N],
) -> Option<Result<(), Error>> {
    let mut are_all_there = true;
    for settled in settled {
        match settled {
            Some(Err(error)) => return Some(Err(error)),
            Some(Ok(())) => {}
            None => are_all_there = false,
        }
    }
    are_all_there.then_some(Ok(()))
}

/// Whether none of what an item is asked for failed.
pub fn are_good<const N: usize>(settled: [Option<Result<(), Error>>; N]) -> bool {
    !settled.iter().any(|it| matches!(it, Some(Err(_))))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Waker};

    use super::*;
    use crate::execution::Execution;

    #[test]
    fn an_item_that_has_what_it_was_asked_for_comes_to_no_desk_any_more() {
        let items = Items {
            order: &[0],
            fatals: &[false],
            waits: &[0],
            asks: &[false],
            is_bulk: true,
        };
        let (board, run) = (Board::new(), Execution::new("x").into_run());
        // What the item that was polled before has left there.
        board.set_asks(true);
        let is_there = AtomicBool::new(false);
        let turn = |_, _: Turn<'_, '_>| match is_there.load(Ordering::Relaxed) {
            false => Turned::Started,
            true => Turned::Done,
        };
        let settled = || is_there.load(Ordering::Relaxed).then_some(Ok(()));
        let mut one = pin!(one::<1>(items, &board, &run, turn, settled));
        let mut poll = || {
            let cx = &mut Context::from_waker(Waker::noop());
            one.as_mut().poll(cx)
        };
        assert!(poll().is_pending() && !board.asks());
        is_there.store(true, Ordering::Relaxed);
        assert!(matches!(poll(), Poll::Ready(Ok(Ok(())))));
        assert!(board.asks());
    }
}
