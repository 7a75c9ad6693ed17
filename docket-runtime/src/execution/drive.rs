//! Polling the drivers of one execution: in the order of the plan, inside one future.

use std::mem::{replace, take};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::bells::Bells;
use super::straight::{Left, Next};
use super::{At, Ended, Frame, Run, Slots, Turns};
use crate::error::{Error, ErrorKind};
use crate::graph::Graph;
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

/// The steps that an entry runs.
#[derive(Debug)]
pub struct Steps {
    /// Each after all that it needs.
    pub order: &'static [usize],
    /// For each, from where to where in that order those are that read what it makes.
    pub readers: &'static [(u32, u32)],
    /// By node, whether its failure is the failure of the entry.
    pub hard: &'static [bool],
}

/// Runs `steps`, whose drivers are `turns` and work at `at`, until all have ended or one ends the execution: one
/// that is `hard`, or aborts. `W` words hold a bit for each step. It goes on from what a straight pass `left`.
///
/// # Safety
///
/// The drivers are not moved until they are dropped.
pub async unsafe fn drive<'a, const W: usize, G, H, O>(
    steps: &'static Steps,
    at: At<'a, H, O>,
    left: Left,
    turns: &mut impl Turns<'a, H, O>,
) -> Result<(), Error>
where
    G: Graph,
    H: Frame<G>,
    O: Slots,
{
    let run = at.frame.run();
    // SAFETY: the caller promises it.
    let turn = move |node: usize, turn: Turn<'_, '_>| unsafe { turns.turn(node, at, turn) };
    let Left { made, next } = left;
    let mut passes = Passes {
        steps,
        running: [0; W],
        in_flight: 0,
        quiet: [0; W],
        bells: None,
        waiting: all_from(made, steps.order.len()),
        from: made,
        fresh: true,
        next,
        turn,
        run,
        at: made,
    };
    passes.skip_asked();
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

/// The places from the first to the second, without that.
type Span = (u32, u32);

/// A bit for each place of `span` that is in the word.
#[inline]
fn within((from, to): Span, word: usize) -> u64 {
    let below = |place: u32| match (place as usize).checked_sub(word * 64) {
        None => 0,
        Some(place @ 0..64) => !(u64::MAX << place),
        Some(_) => u64::MAX,
    };
    below(to) & !below(from)
}

/// A bit for each place from `from` to `to`.
fn all_from<const W: usize>(from: usize, to: usize) -> [u64; W] {
    let place = |it: usize| u32::try_from(it).expect("no graph has so many steps");
    std::array::from_fn(|word| within((place(from), place(to)), word))
}

/// As long as no more steps than this are in flight, each poll goes to all of them: that costs less than to know who was
/// woken. See the benchmark `overhead`.
const A_FEW: usize = 8;

/// A pass polls each step that runs and was woken once, and looks at a step that waits only after one has ended from which it,
/// or one near it, reads: nothing else brings an input. Since the order puts producers first, a step whose inputs came in
/// this pass starts in this pass, so no step needs a waker for its inputs.
struct Passes<'a, F, const W: usize> {
    run: &'a Run<'a>,
    steps: &'static Steps,
    running: [u64; W],
    /// How many that are.
    in_flight: usize,
    /// Of those that run, the ones that have a bell, which has not rung since they were polled last.
    quiet: [u64; W],
    bells: Option<Arc<Bells<W>>>,
    waiting: [u64; W],
    /// The place that the next pass begins with.
    from: usize,
    /// Whether there was no pass yet, or the last one broke off.
    fresh: bool,
    /// What the step at `at` did in the straight pass.
    next: Next,
    turn: F,
    /// The place in `order` of the step whose turn it is, for when it panics.
    at: usize,
}

impl<F, const W: usize> Passes<'_, F, W>
where
    F: FnMut(usize, Turn<'_, '_>) -> Turned,
{
    /// The step that ended the straight pass was asked in this poll.
    fn skip_asked(&mut self) {
        if !matches!(self.next, Next::Unasked) {
            self.from += 1;
        }
        if let Next::Running = self.next {
            self.runs(self.at / 64, 1 << (self.at % 64));
        }
    }

    /// What the straight pass left to the scheduler.
    #[inline]
    fn take_over(&mut self) -> Result<(), Error> {
        match replace(&mut self.next, Next::Unasked) {
            Next::Unasked | Next::Running => Ok(()),
            Next::Failed(ended) => {
                self.end();
                self.fail(ended)
            }
            Next::Panicked(message) => self.panicked(message),
        }
    }

    #[inline]
    fn pass(&mut self, cx: &mut Context<'_>, is_overdue: bool) -> Result<(), Error> {
        // Where to look at what waits.
        let mut news: Span = match self.fresh && !is_overdue {
            true => (0, u32::MAX),
            false => (u32::MAX, 0),
        };
        self.fresh = false;
        let from = take(&mut self.from);
        for word in from / 64..W {
            let mut bits = self.running[word];
            if let Some(bells) = &self.bells {
                self.quiet[word] &= !bells.take(word);
                // At the deadline, what runs has a last word, woken or not.
                if !is_overdue {
                    bits &= !self.quiet[word];
                }
            }
            bits |= self.waiting[word] & within(news, word);
            if word == from / 64 {
                bits &= u64::MAX << (from % 64);
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
                let bell;
                let waker = if self.in_flight < A_FEW {
                    self.quiet[word] &= !(1 << place);
                    cx.waker()
                } else {
                    self.quiet[word] |= 1 << place;
                    let bells = self.bells.get_or_insert_with(|| Bells::new(cx.waker()));
                    bell = bells.bell(self.at);
                    &*bell
                };
                let cx = &mut Context::from_waker(waker);
                let has_ended = match (self.turn)(self.steps.order[self.at], Turn::Poll(cx)) {
                    Turned::Running | Turned::Waiting => false,
                    Turned::Started => {
                        self.runs(word, 1 << place);
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
                if has_ended && !is_overdue {
                    let readers = self.steps.readers[self.at];
                    news = (news.0.min(readers.0), news.1.max(readers.1));
                    bits |= self.waiting[word] & within(readers, word);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn runs(&mut self, word: usize, bit: u64) {
        self.running[word] |= bit;
        self.in_flight += 1;
        self.waiting[word] &= !bit;
    }

    #[inline]
    fn end(&mut self) {
        let (word, bit) = (self.at / 64, 1 << (self.at % 64));
        self.in_flight -= usize::from(self.running[word] & bit != 0);
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
        let node = self.steps.order[self.at];
        let fatal = ended.aborts() || self.steps.hard[node];
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
        match (self.turn)(
            self.steps.order[self.at],
            Turn::End(&mut End::Panicked(message)),
        ) {
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
        if let Some(bells) = &this.bells {
            bells.hang(cx.waker());
        }
        if let Err(error) = this.take_over() {
            return Poll::Ready(Err(error));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_a_bit_for_each_of_its_places() {
        let words = |span: Span| [0, 1, 2].map(|word| within(span, word));
        assert_eq!(words((0, 0)), [0; 3]);
        assert_eq!(words((2, 5)), [0b11100, 0, 0]);
        assert_eq!(words((63, 64)), [1 << 63, 0, 0]);
        assert_eq!(words((64, 65)), [0, 1, 0]);
        assert_eq!(words((63, 129)), [1 << 63, u64::MAX, 1]);
        assert_eq!(words((0, u32::MAX)), [u64::MAX; 3]);
        assert_eq!(words((u32::MAX, 0)), [0; 3], "nobody");
    }
}
