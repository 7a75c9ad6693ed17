//! Polling the drivers of one execution: in the order of the plan, inside one future.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::{Ended, Run};
use crate::error::{Error, ErrorKind};
use crate::step::panic_message;

/// What a driver is asked to do.
#[derive(Debug)]
pub enum Turn<'a, 'cx> {
    /// To go on.
    Poll(&'a mut Context<'cx>),
    /// To end, because it panicked when it was last asked to go on.
    Fail(Ended),
}

/// Runs the steps `order`, each of which `turn` knows by its node number, until all have ended or one ends the execution.
/// `W` words hold a bit for each.
pub async fn drive<const W: usize>(
    order: &'static [usize],
    run: &Run<'_>,
    turn: impl FnMut(usize, Turn<'_, '_>) -> Poll<Result<(), Error>> + Send + Unpin,
) -> Result<(), Error> {
    let passes = Passes { order, left: all::<W>(order.len()), turn, at: 0 };
    let Some(deadline) = run.deadline() else { return passes.await };
    if Instant::now() >= deadline {
        return Err(late(run));
    }
    match tokio::time::timeout_at(deadline, passes).await {
        Ok(ended) => ended,
        Err(_) => Err(late(run)),
    }
}

/// A turn of a step that the entry does not run.
#[cold]
pub fn no_such_step() -> Poll<Result<(), Error>> {
    unreachable!("the order of an entry holds its steps only")
}

#[cold]
fn late(run: &Run<'_>) -> Error {
    Error::new(ErrorKind::DeadlineExceeded).with_execution(run.id())
}

const fn all<const W: usize>(n: usize) -> [u64; W] {
    let mut left = [0; W];
    let mut i = 0;
    while i < n {
        left[i / 64] |= 1 << (i % 64);
        i += 1;
    }
    left
}

/// A pass polls each step that is left once. Since the order puts producers first, a step whose inputs came in this pass
/// starts in this pass: no step needs a waker for its inputs.
struct Passes<F, const W: usize> {
    order: &'static [usize],
    left: [u64; W],
    turn: F,
    /// The step whose turn it is, for when it panics.
    at: usize,
}

impl<F, const W: usize> Passes<F, W>
where
    F: FnMut(usize, Turn<'_, '_>) -> Poll<Result<(), Error>>,
{
    #[inline]
    fn pass(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        for word in 0..W {
            let mut bits = self.left[word];
            while bits != 0 {
                self.at = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if let Poll::Ready(ended) = (self.turn)(self.order[self.at], Turn::Poll(cx)) {
                    self.end();
                    ended?;
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn end(&mut self) {
        self.left[self.at / 64] &= !(1 << (self.at % 64));
    }
}

impl<F, const W: usize> Future for Passes<F, W>
where
    F: FnMut(usize, Turn<'_, '_>) -> Poll<Result<(), Error>> + Unpin,
{
    type Output = Result<(), Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            // One frame around the whole pass costs next to nothing; one around each step would be felt.
            match catch_unwind(AssertUnwindSafe(|| this.pass(cx))) {
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Ok(Ok(())) if this.left.iter().all(|word| *word == 0) => return Poll::Ready(Ok(())),
                Ok(Ok(())) => return Poll::Pending,
                Err(panic) => {
                    this.end();
                    let ended = Ended::panicked(panic_message(&*panic));
                    if let Poll::Ready(Err(error)) = (this.turn)(this.order[this.at], Turn::Fail(ended)) {
                        return Poll::Ready(Err(error));
                    }
                    // The steps after it have not had their turn.
                }
            }
        }
    }
}
