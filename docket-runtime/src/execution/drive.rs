//! Polling the drivers of one execution: in the order of the plan, inside one future.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::bells::Bells;
use super::few::Few;
use super::span::{ALL, NOBODY, Span, all_from, both, within};
use super::straight::{Left, Next, straight};
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
    /// From where to where in it those are that read of none.
    pub roots: (u32, u32),
    /// By node, whether its failure is the failure of the entry.
    pub hard: &'static [bool],
    /// Whether the list of steps follows that order.
    pub in_order: bool,
}

/// Runs `steps`, whose drivers are `turns` and work at `at`, until all have ended or one ends the execution: one
/// that is `hard`, or aborts. `W` words hold a bit for each step. `true` where nothing but values of this execution was made
/// for certain: a straight pass was all of it.
///
/// # Safety
///
/// No driver has had a turn.
#[inline(always)]
pub unsafe fn execute<'d, 'a, const W: usize, G, H, O, T>(
    steps: &'static Steps,
    at: At<'a, H, O>,
    turns: Pin<&'d mut T>,
) -> impl Future<Output = Result<bool, Error>> + use<'d, 'a, W, G, H, O, T>
where
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    Executing::<Passes<'d, 'a, G, H, O, T, W>, _>::Fresh {
        start: Some(Start { steps, at, turns }),
    }
}

/// What an execution begins with.
struct Start<'d, 'a, H, O, T> {
    steps: &'static Steps,
    at: At<'a, H, O>,
    turns: Pin<&'d mut T>,
}

pin_project_lite::pin_project! {
    /// An execution under way. It is part of the future of each entry, so it holds nothing twice.
    #[project = Proj]
    enum Executing<P, S> {
        // It was not polled yet, or a straight pass was all of it.
        Fresh { start: Option<S> },
        Going {
            passes: P,
            // Of an execution that has a deadline, from when it has to wait for something.
            #[pin]
            timer: Option<Sleep>,
        },
    }
}

impl<'d, 'a, G, H, O, T, const W: usize> Future
    for Executing<Passes<'d, 'a, G, H, O, T, W>, Start<'d, 'a, H, O, T>>
where
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    type Output = Result<bool, Error>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Proj::Fresh { start } = self.as_mut().project() else {
            return self.go_on(cx).map_ok(|()| false);
        };
        let begins = start.as_mut().expect("it has not ended");
        let mut left = None;
        if begins.steps.in_order && begins.at.is_plain() {
            // SAFETY: whoever called `execute` promised it, and this is done once.
            match unsafe { straight(begins.at, begins.turns.as_mut(), cx) } {
                Ok(are_own) => {
                    *start = None;
                    return Poll::Ready(Ok(are_own));
                }
                Err(its) => left = Some(its),
            }
        }
        self.begin(left, cx).map_ok(|()| false)
    }
}

impl<'d, 'a, G, H, O, T, const W: usize>
    Executing<Passes<'d, 'a, G, H, O, T, W>, Start<'d, 'a, H, O, T>>
where
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    /// The first poll, from where a straight pass left off, if there was one.
    #[inline(never)]
    fn begin(
        mut self: Pin<&mut Self>,
        left: Option<Left>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let Proj::Fresh { start } = self.as_mut().project() else {
            unreachable!("it was asked before")
        };
        let Start { steps, at, turns } = start.take().expect("it begins once");
        let mut passes = Passes {
            steps,
            at,
            turns,
            running: [0; W],
            quiet: [0; W],
            waiting: [0; W],
            bells: None,
            in_flight: 0,
            graph: PhantomData,
        };
        let polled = match left {
            None => passes.begin(cx),
            Some(left) => passes.take_over(left, cx),
        };
        let timer = None;
        self.set(Self::Going { passes, timer });
        self.wait(polled, cx)
    }

    #[inline(always)]
    fn go_on(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Proj::Going { passes, .. } = self.as_mut().project() else {
            unreachable!("it was asked before")
        };
        let polled = passes.go_on(cx, Scope::RUNNING);
        self.wait(polled, cx)
    }

    /// Waits for the deadline too, if there is one.
    #[inline]
    fn wait(
        self: Pin<&mut Self>,
        polled: Poll<Result<(), Error>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        if polled.is_pending()
            && let Proj::Going { passes, timer } = self.project()
            && let Some(deadline) = passes.run().deadline()
        {
            return wait(passes.run(), deadline, timer, cx);
        }
        polled
    }
}

/// The timer wakes the task at the deadline; that nothing starts from then on is seen to by each pass.
#[cold]
#[inline(never)]
fn wait(
    run: &Run<'_>,
    deadline: Instant,
    mut timer: Pin<&mut Option<Sleep>>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Error>> {
    if timer.is_none() {
        timer.set(Some(sleep_until(deadline)));
    }
    let timer = timer.as_pin_mut().expect("it was set above");
    timer.poll(cx).map(|()| Err(late(run)))
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

/// What a pass goes over: from the place `from` on, what runs, and of what waits, what is in `news` or reads from a step that
/// ends in this pass.
#[derive(Clone, Copy)]
struct Scope {
    from: usize,
    news: Span,
}

impl Scope {
    /// What runs.
    const RUNNING: Self = Self {
        from: 0,
        news: NOBODY,
    };
}

/// As long as no more steps than this are in flight, each poll goes to all of them: that costs less than to know who was
/// woken. See the benchmark `overhead`.
pub(super) const A_FEW: u32 = 8;

/// A pass polls each step that runs and was woken once, and looks at a step that waits only after one has ended from which it,
/// or one near it, reads: nothing else brings an input. Since the order puts producers first, a step whose inputs came in
/// this pass starts in this pass, so no step needs a waker for its inputs.
struct Passes<'d, 'a, G, H, O, T, const W: usize> {
    steps: &'static Steps,
    at: At<'a, H, O>,
    turns: Pin<&'d mut T>,
    running: [u64; W],
    /// Of those that run, the ones that have a bell, which has not rung since they were polled last.
    quiet: [u64; W],
    waiting: [u64; W],
    bells: Option<Arc<Bells<W>>>,
    /// How many run.
    in_flight: u32,
    graph: PhantomData<fn() -> G>,
}

impl<'a, G, H, O, T, const W: usize> Passes<'_, 'a, G, H, O, T, W>
where
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    /// The first poll of an execution that makes no straight pass.
    #[inline]
    fn begin(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.run().is_overdue() {
            return Poll::Ready(Err(late(self.run())));
        }
        self.waiting = all_from(0, self.steps.order.len());
        let news = self.steps.roots;
        self.go_on(cx, Scope { from: 0, news })
    }

    /// Goes on behind the straight pass.
    #[inline]
    fn take_over(&mut self, left: Left, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Left { made, next } = left;
        self.waiting = all_from(made, self.steps.order.len());
        let news = match next {
            Next::Running => {
                self.runs(made / 64, 1 << (made % 64));
                let readers = self.steps.readers[..made].iter();
                readers.fold(self.steps.roots, |news, its| both(news, *its))
            }
            Next::Failed(ended) => {
                self.end(made);
                self.fail(made, ended)?;
                ALL
            }
            Next::Panicked(message) => {
                self.panicked(made, message)?;
                ALL
            }
        };
        // The step that ended the straight pass was asked in this poll.
        let from = made + 1;
        self.go_on(cx, Scope { from, news })
    }

    /// Makes a pass over `scope`.
    #[inline(never)]
    fn go_on(&mut self, cx: &mut Context<'_>, mut scope: Scope) -> Poll<Result<(), Error>> {
        // At the deadline, what runs has a last word: a step that waited for another caller says so.
        let is_overdue = self.run().is_overdue();
        if let Some(bells) = &self.bells {
            // SAFETY: the bells are those of one execution, which is borrowed.
            unsafe { bells.hang(cx.waker()) };
        }
        // The place in the order of the step whose turn it is, for when it panics.
        let mut at = 0;
        loop {
            // One frame around the whole pass costs next to nothing; one around each step would be felt.
            let pass = AssertUnwindSafe(|| match self.are_few() {
                true => self.pass_of_a_few(cx, scope, &mut at),
                false => self.pass(cx, scope, is_overdue, &mut at),
            });
            match catch_unwind(pass) {
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Ok(Ok(())) if self.is_done() => return Poll::Ready(Ok(())),
                Ok(Ok(())) if is_overdue => return Poll::Ready(Err(late(self.run()))),
                Ok(Ok(())) => return Poll::Pending,
                Err(panic) => self.panicked(at, panic_message(&*panic))?,
            }
            // The steps after it have not had their turn, and some may have waited for it.
            scope = Scope { from: 0, news: ALL };
        }
    }

    /// Whether a pass can be one of [`Few`].
    #[inline]
    fn are_few(&self) -> bool {
        W == 1 && self.steps.in_order && self.bells.is_none() && self.run().deadline().is_none()
    }

    /// `at` is told the place of each step whose turn it is.
    #[inline(always)]
    fn pass_of_a_few(
        &mut self,
        cx: &mut Context<'_>,
        Scope { from, news }: Scope,
        at: &mut usize,
    ) -> Result<(), Error> {
        let mut due = self.running[0];
        if news != NOBODY {
            due |= self.waiting[0] & within(news, 0);
        }
        if from > 0 {
            due &= all_from::<1>(from, 64)[0];
        }
        let mut pass = Few {
            steps: self.steps,
            at: self.at,
            cx,
            next: 1,
            due,
            running: &mut self.running[0],
            waiting: &mut self.waiting[0],
            in_flight: &mut self.in_flight,
            place: at,
            failed: None,
        };
        // SAFETY: it asks for nothing.
        if unsafe { self.turns.as_mut().pass(&mut pass) } {
            return Ok(());
        }
        if let Some(ended) = pass.failed {
            self.end(*at);
            self.fail(*at, ended)?;
        }
        let from = *at + 1;
        self.pass(cx, Scope { from, news: ALL }, false, at)
    }

    /// `at` is told the place of each step whose turn it is.
    #[inline(always)]
    fn pass(
        &mut self,
        cx: &mut Context<'_>,
        Scope { from, mut news }: Scope,
        is_overdue: bool,
        at: &mut usize,
    ) -> Result<(), Error> {
        if is_overdue {
            news = NOBODY;
        }
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
                if waits && self.run().is_overdue() {
                    return Err(late(self.run()));
                }
                *at = word * 64 + place as usize;
                let bell;
                let waker = if self.in_flight < A_FEW {
                    self.quiet[word] &= !(1 << place);
                    cx.waker()
                } else {
                    self.quiet[word] |= 1 << place;
                    let bells = self.bells.get_or_insert_with(|| Bells::new(cx.waker()));
                    bell = bells.bell(*at);
                    &*bell
                };
                let cx = &mut Context::from_waker(waker);
                let node = self.steps.order[*at];
                let turned = self.turns.as_mut().turn(node, self.at, Turn::Poll(cx));
                let has_ended = match turned {
                    Turned::Running | Turned::Waiting => false,
                    Turned::Started => {
                        self.runs(word, 1 << place);
                        false
                    }
                    Turned::Done => {
                        self.end(*at);
                        true
                    }
                    Turned::Failed(ended) => {
                        self.end(*at);
                        self.fail(*at, ended)?;
                        true
                    }
                };
                // Whoever waited for it comes after it in the order.
                if has_ended && !is_overdue {
                    let readers = self.steps.readers[*at];
                    news = both(news, readers);
                    bits |= self.waiting[word] & within(readers, word);
                }
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn run(&self) -> &'a Run<'a> {
        self.at.frame.run()
    }

    #[inline]
    fn runs(&mut self, word: usize, bit: u64) {
        self.running[word] |= bit;
        self.in_flight += 1;
        self.waiting[word] &= !bit;
    }

    /// Notes that the step at `place` runs and waits no longer.
    #[inline]
    fn end(&mut self, place: usize) {
        let (word, bit) = (place / 64, 1 << (place % 64));
        self.in_flight -= u32::from(self.running[word] & bit != 0);
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

    /// Asks the driver of the step at `place` to end.
    #[cold]
    #[inline(never)]
    fn ask_to_end(&mut self, place: usize, mut end: End) -> Turned {
        let node = self.steps.order[place];
        self.turns.as_mut().turn(node, self.at, Turn::End(&mut end))
    }

    #[cold]
    fn fail(&mut self, place: usize, ended: Box<Ended>) -> Result<(), Error> {
        let fatal = ended.aborts() || self.steps.hard[self.steps.order[place]];
        match self.ask_to_end(place, End::Failed { ended, fatal }) {
            Turned::Failed(ended) => Err(ended.error),
            _ => Ok(()),
        }
    }

    #[cold]
    fn panicked(&mut self, place: usize, message: String) -> Result<(), Error> {
        self.end(place);
        match self.ask_to_end(place, End::Panicked(message)) {
            Turned::Failed(ended) => self.fail(place, ended),
            _ => Ok(()),
        }
    }
}
