//! Polling the drivers of one execution: in the order of the plan, inside one future.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{Ended, Run};
use crate::error::{Error, ErrorKind};
use crate::step::panic_message;

/// What a driver is asked to do. It is as small as it can be, since it is passed at each turn of each step.
#[derive(Debug)]
pub enum Turn<'a, 'cx> {
    /// To go on.
    Poll(&'a mut Context<'cx>),
    /// To end.
    End(&'a mut End),
}

/// How a driver is asked to end.
#[derive(Debug)]
pub enum End {
    /// To say how it ended, since it panicked with this when it was last asked to go on.
    Panicked(String),
    /// To tell of the failure it reported, and, where that is not the end of the execution, to write it down.
    Failed {
        /// The failure.
        ended: Box<Ended>,
        /// Whether the execution ends with it.
        fatal: bool,
    },
}

/// What came of a turn.
#[derive(Debug)]
pub enum Turned {
    /// The inputs are not there yet.
    Waiting,
    /// The step has started, and runs.
    Started,
    /// The step, which had started before, runs on.
    Running,
    /// The step ended, with its value or its failure written down.
    Done,
    /// The step failed, and nothing is written yet: whether that ends the execution is known to the scheduler.
    Failed(Box<Ended>),
}

/// Runs the steps `order`, each of which `turn` knows by its node number, until all have ended or one ends the execution:
/// one that is `hard`, or aborts. `W` words hold a bit for each step.
pub async fn drive<const W: usize>(
    order: &'static [usize],
    hard: &'static [bool],
    run: &Run<'_>,
    turn: impl FnMut(usize, Turn<'_, '_>) -> Turned + Send + Unpin,
) -> Result<(), Error> {
    let passes = Passes {
        order,
        hard,
        running: [0; W],
        waiting: all::<W>(order.len()),
        fresh: true,
        turn,
        run,
        at: 0,
    };
    let Some(deadline) = run.deadline() else {
        return passes.await;
    };
    if run.is_overdue() {
        return Err(late(run));
    }
    // The timer wakes the task at the deadline; that nothing starts from then on is seen to by each pass.
    match tokio::time::timeout_at(deadline, passes).await {
        Ok(ended) => ended,
        Err(_) => Err(late(run)),
    }
}

/// A turn of a step that the entry does not run.
#[cold]
pub fn no_such_step() -> Turned {
    unreachable!("the order of an entry holds its steps only")
}

#[cold]
pub(crate) fn late(run: &Run<'_>) -> Error {
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

/// A pass polls each step that runs once, and looks at a step that waits only after one before it has ended: nothing else
/// brings an input. Since the order puts producers first, a step whose inputs came in this pass starts in this pass, so no
/// step needs a waker for its inputs.
struct Passes<'a, F, const W: usize> {
    run: &'a Run<'a>,
    order: &'static [usize],
    hard: &'static [bool],
    running: [u64; W],
    waiting: [u64; W],
    /// Whether there was no pass yet, or the last one broke off.
    fresh: bool,
    turn: F,
    /// The place in `order` of the step whose turn it is, for when it panics.
    at: usize,
}

impl<F, const W: usize> Passes<'_, F, W>
where
    F: FnMut(usize, Turn<'_, '_>) -> Turned,
{
    #[inline]
    fn pass(&mut self, cx: &mut Context<'_>, is_overdue: bool) -> Result<(), Error> {
        let mut news = self.fresh && !is_overdue;
        self.fresh = false;
        for word in 0..W {
            let mut bits = self.running[word];
            if news {
                bits |= self.waiting[word];
            }
            while bits != 0 {
                let place = bits.trailing_zeros();
                bits &= bits - 1;
                let waits = self.waiting[word] & (1 << place) != 0;
                // A step before it may have held this thread for longer than there was time.
                if waits && self.run.is_overdue() {
                    return Err(late(self.run));
                }
                self.at = word * 64 + place as usize;
                let has_ended = match (self.turn)(self.order[self.at], Turn::Poll(cx)) {
                    Turned::Running | Turned::Waiting => false,
                    Turned::Started => {
                        self.running[word] |= 1 << place;
                        self.waiting[word] &= !(1 << place);
                        false
                    }
                    Turned::Done => {
                        self.end();
                        true
                    }
                    Turned::Failed(ended) => {
                        self.end();
                        self.fail(ended)?;
                        true
                    }
                };
                // Whoever waited for it comes after it in the order.
                if has_ended && !news && !is_overdue {
                    news = true;
                    bits |= self.waiting[word] & (u64::MAX << place);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn end(&mut self) {
        let (word, bit) = (self.at / 64, 1 << (self.at % 64));
        self.running[word] &= !bit;
        self.waiting[word] &= !bit;
    }

    #[inline]
    fn is_done(&self) -> bool {
        self.running
            .iter()
            .chain(&self.waiting)
            .all(|word| *word == 0)
    }

    #[cold]
    fn fail(&mut self, ended: Box<Ended>) -> Result<(), Error> {
        let node = self.order[self.at];
        let fatal = ended.aborts() || self.hard[node];
        match (self.turn)(node, Turn::End(&mut End::Failed { ended, fatal })) {
            Turned::Failed(ended) => Err(ended.error),
            _ => Ok(()),
        }
    }

    #[cold]
    fn panicked(&mut self, message: String) -> Result<(), Error> {
        // The steps after it have not had their turn, and some may have waited for it.
        self.fresh = true;
        self.end();
        match (self.turn)(self.order[self.at], Turn::End(&mut End::Panicked(message))) {
            Turned::Failed(ended) => self.fail(ended),
            _ => Ok(()),
        }
    }
}

impl<F, const W: usize> Future for Passes<'_, F, W>
where
    F: FnMut(usize, Turn<'_, '_>) -> Turned + Unpin,
{
    type Output = Result<(), Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // At the deadline, what runs has a last word: a step that waited for another caller says so.
        let is_overdue = this.run.is_overdue();
        loop {
            // One frame around the whole pass costs next to nothing; one around each step would be felt.
            match catch_unwind(AssertUnwindSafe(|| this.pass(cx, is_overdue))) {
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Ok(Ok(())) if this.is_done() => return Poll::Ready(Ok(())),
                Ok(Ok(())) if is_overdue => return Poll::Ready(Err(late(this.run))),
                Ok(Ok(())) => return Poll::Pending,
                Err(panic) => {
                    if let Err(error) = this.panicked(panic_message(&*panic)) {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }
}
