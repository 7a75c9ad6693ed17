//! Polling the drivers of one execution: in the order of the plan, inside one future.

use std::any::Any;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::executing::late;
use super::few::{Few, FewEnd, Noted};
use super::span::{ALL, NOBODY, Span, both, within};
use super::state::{Hung as _, State};
use super::straight::{Left, Next};
use super::{At, End, Ended, Entry, Frame, Run, Slots, Turn, Turned, Turns};
use crate::error::Error;
use crate::graph::Graph;
use crate::step::panic_message;

/// What a pass goes over: from the place `from` on, what runs, and of what waits, what is in `news` or reads from a step that
/// ends in this pass.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    from: u32,
    news: Span,
}

impl Scope {
    /// What runs.
    pub(super) const RUNNING: Self = Self {
        from: 0,
        news: NOBODY,
    };
    /// Each step.
    const ALL: Self = Self { from: 0, news: ALL };
}

/// The place behind `place`.
fn behind(place: usize) -> u32 {
    u32::try_from(place + 1).expect("no graph has so many steps")
}

/// As long as no more steps than this are in flight, each poll goes to all of them: that costs less than to know who was
/// woken. See the benchmark `overhead`.
pub const A_FEW: u32 = 8;
/// The same from when more have been in flight, and there are bells.
const A_FEW_OF_MANY: u32 = 2;

/// A pass polls each step that runs and was woken once, and looks at a step that waits only after one has ended from which it,
/// or one near it, reads: nothing else brings an input. Since the order puts producers first, a step whose inputs came in
/// this pass starts in this pass, so no step needs a waker for its inputs.
pub(super) struct Passes<'p, 'a, E: Entry, G, H, O, T, const W: usize> {
    at: At<'a, H, O>,
    turns: Pin<&'p mut T>,
    state: &'p mut State<E, W>,
    entry: PhantomData<fn() -> (E, G)>,
}

impl<'p, 'a, E, G, H, O, T, const W: usize> Passes<'p, 'a, E, G, H, O, T, W>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    #[inline(always)]
    pub(super) fn new(at: At<'a, H, O>, turns: Pin<&'p mut T>, state: &'p mut State<E, W>) -> Self {
        Self {
            at,
            turns,
            state,
            entry: PhantomData,
        }
    }

    /// What is left for the first poll of an execution that makes no straight pass.
    #[inline]
    pub(super) fn begin(&mut self) -> Result<Scope, Error> {
        if self.run().is_overdue() {
            return Err(late(self.run()));
        }
        self.state.wait_from(0);
        let news = E::STEPS.roots;
        Ok(Scope { from: 0, news })
    }

    /// Those of the first word that are due in `scope`.
    #[inline]
    pub(super) fn due(&self, Scope { from, news }: Scope) -> u64 {
        let due = self.state.running(0) | self.state.waiting(0) & within(news, 0);
        due & !within((0, from), 0)
    }

    /// What is left for the first poll behind the straight pass.
    #[inline]
    pub(super) fn take_over(&mut self, left: Left) -> Result<Scope, Error> {
        let Left { made, next } = left;
        self.state.wait_from(made);
        let news = match next {
            Next::Running => {
                self.state.runs(made);
                let readers = E::STEPS.readers[..made].iter();
                readers.fold(E::STEPS.roots, |news, its| both(news, *its))
            }
            Next::Failed(ended) => {
                self.state.end(made);
                self.fail(made, ended)?;
                ALL
            }
            Next::Panicked(message) => {
                self.panicked(made, message)?;
                ALL
            }
        };
        // The step that ended the straight pass was asked in this poll.
        let from = behind(made);
        Ok(Scope { from, news })
    }

    /// Makes a pass over `scope`, in which those of the first word are due that `due` says.
    #[inline(always)]
    pub(super) fn go_on(
        self,
        cx: &mut Context<'_>,
        due: u64,
        scope: Scope,
    ) -> Poll<Result<(), Error>> {
        let are_few = W == 1 && E::STEPS.in_order && self.state.bells.get().is_none();
        let has_deadline = self.state.has_deadline();
        let is_overdue = has_deadline && self.run().is_overdue();
        if are_few && self.state.is_carefree() && !is_overdue {
            return self.few::<false>(cx, due, has_deadline);
        }
        if !are_few || !self.state.is_plain() || is_overdue {
            let Self {
                at, turns, state, ..
            } = self;
            return Self::all(at, turns, state, cx, scope.from, scope.news);
        }
        self.few::<true>(cx, due, has_deadline)
    }

    /// Makes a pass over a few steps: those that are `due`, and what waits for one of them that ends. Without `CARES`, there is
    /// nothing else to look after but a deadline, which is not here yet.
    #[inline]
    fn few<const CARES: bool>(
        mut self,
        cx: &mut Context<'_>,
        due: u64,
        has_deadline: bool,
    ) -> Poll<Result<(), Error>> {
        let at = self.at;
        let has_failed = CARES && self.state.has_failed();
        let mut noted = Noted {
            running: self.state.running(0),
            waiting: self.state.waiting(0),
            in_flight: self.state.in_flight(),
            place: 0,
            end: None,
        };
        // One frame around the whole pass costs next to nothing; one around each step would be felt. Who is due is no business
        // of the outside, so that it need not be kept in memory.
        let used = AssertUnwindSafe((self.turns.as_mut(), &mut *cx, &mut noted, at));
        let went = catch_unwind(
            #[inline(always)]
            move || {
                let AssertUnwindSafe((turns, cx, noted, at)) = { used };
                let mut pass = Few::<E, G, H, O, CARES> {
                    at,
                    cx,
                    has_deadline,
                    next: 1,
                    due,
                    has_failed,
                    noted,
                    entry: PhantomData,
                };
                // SAFETY: it asks for nothing.
                unsafe { turns.pass(&mut pass) }
            },
        );
        let Noted {
            running,
            waiting,
            in_flight,
            place,
            end,
        } = noted;
        self.state.set(0, running, waiting);
        if State::<E, W>::MANY {
            self.state.set_in_flight(in_flight);
        }
        match went {
            Ok(true) if running | waiting == 0 => Poll::Ready(Ok(())),
            Ok(true) => Poll::Pending,
            ended => {
                let Self { turns, state, .. } = self;
                Self::leave_few(at, turns, state, cx, place, (end, ended.err()))
            }
        }
    }

    /// Goes on with the pass that a step at `place` has ended for that reason, or by a panic.
    ///
    /// It is given the parts of `self`, as is `all`: where that is passed on, it has to stand in memory, at each poll.
    #[cold]
    #[inline(never)]
    fn leave_few(
        at: At<'a, H, O>,
        turns: Pin<&'p mut T>,
        state: &'p mut State<E, W>,
        cx: &mut Context<'_>,
        place: usize,
        (end, panic): (Option<FewEnd>, Option<Box<dyn Any + Send>>),
    ) -> Poll<Result<(), Error>> {
        let mut passes = Self::new(at, turns, state);
        let mut scope = Scope {
            from: behind(place),
            news: ALL,
        };
        match (end, panic) {
            (_, Some(panic)) => {
                passes.panicked(place, panic_message(&*panic))?;
                scope = Scope::ALL;
            }
            (Some(FewEnd::Late), _) => return Poll::Ready(Err(late(passes.run()))),
            (Some(FewEnd::Failed(ended)), _) => {
                passes.state.end(place);
                passes.fail(place, ended)?;
            }
            (Some(FewEnd::Many), _) => {}
            (None, None) => unreachable!("it says why it has ended"),
        }
        passes.make(cx, scope)
    }

    /// Makes a pass from the place `from` on over what runs and is in `news`, be they many or few.
    #[inline(never)]
    fn all(
        at: At<'a, H, O>,
        turns: Pin<&'p mut T>,
        state: &'p mut State<E, W>,
        cx: &mut Context<'_>,
        from: u32,
        news: Span,
    ) -> Poll<Result<(), Error>> {
        Self::new(at, turns, state).make(cx, Scope { from, news })
    }

    /// Makes a pass over `scope`.
    #[inline(never)]
    fn make(&mut self, cx: &mut Context<'_>, mut scope: Scope) -> Poll<Result<(), Error>> {
        // At the deadline, what runs has a last word: a step that waited for another caller says so.
        let is_overdue = self.run().is_overdue();
        if let Some(bells) = self.state.bells.get() {
            // SAFETY: the bells are those of one execution, which is borrowed.
            unsafe { bells.hang(cx.waker()) };
        }
        // The place in the order of the step whose turn it is, for when it panics.
        let mut at = 0;
        loop {
            let pass = AssertUnwindSafe(|| self.pass(cx, scope, is_overdue, &mut at));
            match catch_unwind(pass) {
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Ok(Ok(())) if self.state.is_done() => return Poll::Ready(Ok(())),
                Ok(Ok(())) if is_overdue => return Poll::Ready(Err(late(self.run()))),
                Ok(Ok(())) => return Poll::Pending,
                Err(panic) => self.panicked(at, panic_message(&*panic))?,
            }
            // The steps after it have not had their turn, and some may have waited for it.
            scope = Scope::ALL;
        }
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
        for word in from as usize / 64..W {
            let mut bits = self.state.running(word);
            if let Some(bells) = self.state.bells.get() {
                let quiet = bells.quiet(word);
                // At the deadline, what runs has a last word, woken or not.
                if !is_overdue {
                    bits &= !quiet;
                }
            }
            bits |= self.state.waiting(word) & within(news, word);
            bits &= !within((0, from), word);
            while bits != 0 {
                let place = bits.trailing_zeros();
                bits &= bits - 1;
                let waits = self.state.waiting(word) & (1 << place) != 0;
                *at = word * 64 + place as usize;
                if waits && self.is_early(*at) {
                    continue;
                }
                // A step before it may have held this thread for longer than there was time.
                if waits && self.run().is_overdue() {
                    return Err(late(self.run()));
                }
                let bell;
                let in_flight = self.state.in_flight();
                let waker = match self.state.bells.get() {
                    None if !State::<E, W>::MANY || in_flight < A_FEW => cx.waker(),
                    Some(bells) if in_flight < A_FEW_OF_MANY => {
                        bells.set_quiet(*at, false);
                        cx.waker()
                    }
                    _ => {
                        let bells = self.state.bells.get_or_hang(cx.waker());
                        bells.set_quiet(*at, true);
                        bell = bells.bell(*at);
                        &*bell
                    }
                };
                let cx = &mut Context::from_waker(waker);
                let node = E::STEPS.order[*at];
                let turned = turn(self.turns.as_mut(), node, self.at, Turn::Poll(cx));
                let has_ended = match turned {
                    Turned::Running | Turned::Waiting => false,
                    Turned::Started => {
                        self.state.runs(*at);
                        false
                    }
                    Turned::Done => {
                        self.state.end(*at);
                        true
                    }
                    Turned::Failed(ended) => {
                        self.state.end(*at);
                        self.fail(*at, ended)?;
                        true
                    }
                };
                // Whoever waited for it comes after it in the order.
                if has_ended && !is_overdue {
                    let readers = E::STEPS.readers[*at];
                    news = both(news, readers);
                    bits |= self.state.waiting(word) & within(readers, word);
                }
            }
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn run(&self) -> &'a Run<'a> {
        self.at.frame().run()
    }

    /// Whether the step at `place` still waits for certain: it needs one that has not ended.
    #[inline]
    fn is_early(&self, place: usize) -> bool {
        // In a rehearsal, a step may end with a failure.
        if self.state.has_failed() || !self.state.is_plain() {
            return false;
        }
        let (word, needs) = E::STEPS.needs[place];
        let word = word as usize;
        (self.state.running(word) | self.state.waiting(word)) & needs != 0
    }

    /// Asks the driver of the step at `place` to end.
    #[cold]
    #[inline(never)]
    fn ask_to_end(&mut self, place: usize, mut end: End) -> Turned {
        let node = E::STEPS.order[place];
        turn(self.turns.as_mut(), node, self.at, Turn::End(&mut end))
    }

    #[cold]
    fn fail(&mut self, place: usize, ended: Box<Ended>) -> Result<(), Error> {
        self.state.fail();
        let fatal = ended.aborts() || E::STEPS.hard[E::STEPS.order[place]];
        match self.ask_to_end(place, End::Failed { ended, fatal }) {
            Turned::Failed(ended) => Err(ended.error),
            _ => Ok(()),
        }
    }

    #[cold]
    fn panicked(&mut self, place: usize, message: String) -> Result<(), Error> {
        self.state.end(place);
        match self.ask_to_end(place, End::Panicked(message)) {
            Turned::Failed(ended) => self.fail(place, ended),
            _ => Ok(()),
        }
    }
}

/// A turn of the step `node`. It is out of line: inside a loop, the compiler works out where the rooms of all steps are before
/// it begins, and of a hundred steps that takes longer than the turn of one.
#[inline(never)]
fn turn<'a, H, O>(
    turns: Pin<&mut impl Turns<'a, H, O>>,
    node: usize,
    at: At<'a, H, O>,
    turn: Turn<'_, '_>,
) -> Turned {
    turns.turn(node, at, turn)
}
