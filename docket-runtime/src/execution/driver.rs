//! The driver of one step: waits until its inputs are there, runs it, writes what it came to into its slot.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::watch::Begun;
use super::{
    At, Choose, End, Ended, Eye, Filled, Frame, Made, Readiness, Room, Slots, Tenant, Turn, Turned,
    Watch,
};
use crate::error::Error;
use crate::graph::Node;
use crate::observe::{Origin, StepOutcome};
use crate::rehearsal::Rehearsal;
use crate::step::{Failure, Step, StepIn, softened};

pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<Made<T>, Ended>> + Send + 'a>>;

/// A driver, as the scheduler sees it.
pub trait PollStep<'a, H, O>: Tenant {
    /// `false` where the entry does not need the step.
    const RUNS: bool = true;
    /// Whether it runs the function of the step and nothing around it, so that what it makes is a value of this execution.
    const IS_CALL: bool = false;

    /// Takes one turn. What it runs stands in `room`.
    fn turn(&self, room: Room<'_, Self>, at: At<'a, H, O>, turn: Turn<'_, '_>) -> Turned
    where
        Self: Sized;

    /// A turn as by [`Turn::Poll`], in an execution that is plain (see `At::is_plain`), for code that goes from driver to
    /// driver. Those who watch are told if `SEEN`.
    fn plain<const SEEN: bool>(
        &self,
        room: Room<'_, Self>,
        at: At<'a, H, O>,
        cx: &mut Context<'_>,
    ) -> Turned
    where
        Self: Sized;

    /// Takes the first turn, in a plain execution without a deadline, after all its inputs have come, and shows it to `eye`.
    ///
    /// # Safety
    ///
    /// It is the first turn of this driver, there is no other driver of its step at `at`, and nothing is in `room`.
    unsafe fn first<E: Eye>(
        &self,
        room: Room<'_, Self>,
        at: At<'a, H, O>,
        cx: &mut Context<'_>,
        eye: &mut E,
    ) -> Turned
    where
        Self: Sized;
}

/// What the future of a step comes to.
pub(super) trait Settle<T> {
    /// Whether it is the function of the step alone, so that a driver that runs it makes the one attempt there is.
    const IS_CALL: bool;

    fn settle(self) -> Result<Made<T>, Ended>;
}

impl<T> Settle<T> for Result<T, Failure> {
    const IS_CALL: bool = true;

    #[inline]
    fn settle(self) -> Result<Made<T>, Ended> {
        match self {
            Ok(value) => Ok(Made {
                value: Filled::Own(value),
                origin: Origin::Ran,
            }),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl<T> Settle<T> for Result<Made<T>, Ended> {
    const IS_CALL: bool = false;

    #[inline]
    fn settle(self) -> Self {
        self
    }
}

/// The driver of the step at `N`, a [`StepAt`], whose room `R` chooses. It has no size: what it starts stands in the room, and
/// where it works, it is told at each turn.
pub(super) struct Driver<'a, N, R, T, S, B, F> {
    start: S,
    start_boxed: B,
    step: PhantomData<fn() -> N>,
    room: PhantomData<fn() -> R>,
    own: PhantomData<fn() -> F>,
    other: PhantomData<Boxed<'a, T>>,
}

/// The step at `I` of the graph that `W` wires.
pub(super) enum StepAt<W, const I: usize> {
    #[expect(dead_code, reason = "it is a name only")]
    Never(Infallible, PhantomData<W>),
}

type OutputOf<W, const I: usize> = <<W as Node<I>>::Step as Step>::Output;

impl<'a, W: Node<I>, R, S, B, F, const I: usize>
    Driver<'a, StepAt<W, I>, R, OutputOf<W, I>, S, B, F>
{
    /// A driver of what `start` starts, or, where there is something, `start_boxed`: in an execution that is
    /// plain (see `At::is_plain`) there never is.
    #[inline(always)]
    pub(super) fn new<H>(start: S, start_boxed: B) -> Self
    where
        S: Fn(&'a H) -> F,
        B: Fn(&'a H) -> Option<Boxed<'a, OutputOf<W, I>>>,
        H: 'a,
    {
        Self {
            start,
            start_boxed,
            step: PhantomData,
            room: PhantomData,
            own: PhantomData,
            other: PhantomData,
        }
    }
}

impl<'a, W, R, S, B, F, const I: usize> Tenant
    for Driver<'a, StepAt<W, I>, R, OutputOf<W, I>, S, B, F>
where
    W: Node<I>,
    R: Choose,
    S: Send,
    B: Send,
    F: Send,
{
    type Own = F;
    type Other = Boxed<'a, OutputOf<W, I>>;
    type Room = R;
}

impl<'a, W, R, S, B, F, const I: usize> Driver<'a, StepAt<W, I>, R, OutputOf<W, I>, S, B, F>
where
    W: Node<I>,
    R: Choose,
    S: Send,
    B: Send,
    F: Future<Output: Settle<OutputOf<W, I>>> + Send,
{
    /// Starts, if that is still to be done, and goes on as far as it can.
    #[inline]
    fn go<H, O>(&self, mut room: Room<'_, Self>, at: At<'a, H, O>, cx: &mut Context<'_>) -> Turned
    where
        S: Fn(&'a H) -> F,
        B: Fn(&'a H) -> Option<Boxed<'a, OutputOf<W, I>>>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        let watch = at.frame().step_watch();
        let mut begun = None;
        let (polled, suspended) = if room.own().is_taken() {
            let polled = room.own().go_on(|own| poll(own, watch, I, cx));
            (polled, Turned::Running)
        } else if room.other().is_taken() {
            let polled = room.other().go_on(|other| poll(other, watch, I, cx));
            (polled, Turned::Running)
        } else {
            match W::Step::ready(at.frame()) {
                Readiness::Waiting => return Turned::Waiting,
                Readiness::Failed(error) => return Self::skip(at, error),
                Readiness::Ready => {}
            }
            let instead = match at.frame().run().rehearsal() {
                Some(rehearsal) => rehearsal.instead::<W, I, H>(at.frame()),
                None => None,
            };
            begun = watch.map(|watch| watch.step_started(I));
            let polled = match instead.or_else(|| (self.start_boxed)(at.frame())) {
                Some(other) => room.other().start(other, |other| poll(other, watch, I, cx)),
                None => {
                    if let Some(begun) = &mut begun
                        && F::Output::IS_CALL
                    {
                        begun.call();
                    }
                    let own = (self.start)(at.frame());
                    room.own().start(own, |own| poll(own, watch, I, cx))
                }
            };
            (polled, Turned::Started)
        };
        let Poll::Ready(result) = polled else {
            return suspended;
        };
        if let Some(rehearsal) = at.frame().run().rehearsal()
            && let Ok(made) = &result
        {
            rehearsal.made(W::Step::NAME, &made.value, made.origin);
        }
        Self::ended(at, watch, begun, result)
    }

    /// Starts, in an execution that is plain.
    #[inline(always)]
    fn start_seen<H, O>(
        &self,
        mut room: Room<'_, Self>,
        at: At<'a, H, O>,
        watch: &Watch,
        cx: &mut Context<'_>,
    ) -> Turned
    where
        S: Fn(&'a H) -> F,
        H: Frame<W::Graph>,
        O: Slots,
    {
        let mut begun = watch.step_begun(I);
        if F::Output::IS_CALL {
            begun.call();
        }
        let own = (self.start)(at.frame());
        match room.own().start(own, |own| own.poll(cx)) {
            Poll::Ready(result) => Self::ended(at, Some(watch), Some(begun), result.settle()),
            Poll::Pending => Turned::Started,
        }
    }

    /// What is made of the end of a step, which had `begun` in this turn, or before.
    #[inline]
    fn ended<H, O>(
        at: At<'a, H, O>,
        watch: Option<&Watch>,
        begun: Option<Begun<'_>>,
        result: Result<Made<OutputOf<W, I>>, Ended>,
    ) -> Turned
    where
        H: Frame<W::Graph>,
        O: Slots,
    {
        match result {
            Ok(Made { value, origin }) => {
                if let Some(watch) = watch {
                    match begun {
                        Some(mut begun) => begun.made(origin),
                        None => watch.step_ended(I, StepOutcome::Made(origin)),
                    }
                }
                at.write(I, Ok(value));
                Turned::Done
            }
            Err(ended) => {
                if let Some(watch) = watch {
                    match begun {
                        Some(mut begun) => begun.failed(&ended.error),
                        None => watch.call_failed(I, &ended.error),
                    }
                }
                Self::fail(at, ended)
            }
        }
    }

    #[cold]
    fn fail<H, O>(at: At<'a, H, O>, ended: Ended) -> Turned
    where
        H: Frame<W::Graph>,
        O: Slots,
    {
        let ended = ended.named::<W::Step>(at.frame().run());
        let rehearsal = at.frame().run().rehearsal();
        // Where no step runs, what one lacks is no failure.
        if rehearsal.and_then(Rehearsal::explaining).is_some() {
            at.write::<W::Graph, OutputOf<W, I>>(I, Err(ended.error));
            return Turned::Done;
        }
        Turned::Failed(Box::new(ended))
    }

    #[cold]
    fn skip<H, O>(at: At<'a, H, O>, error: Error) -> Turned
    where
        H: Frame<W::Graph>,
        O: Slots,
    {
        if let Some(explaining) = at.frame().run().rehearsal().and_then(Rehearsal::explaining) {
            explaining.waits(W::Step::NAME);
            at.write::<W::Graph, OutputOf<W, I>>(I, Err(error));
            return Turned::Done;
        }
        Turned::Failed(Box::new(Ended::skipped(error)))
    }

    #[cold]
    fn end<H, O>(mut room: Room<'_, Self>, at: At<'a, H, O>, end: &mut End) -> Turned
    where
        H: Frame<W::Graph>,
        O: Slots,
    {
        let (ended, fatal) = match end {
            End::Panicked(message) => {
                room.leave();
                let ended = Ended::panicked(take(message));
                if let Some(watch) = at.frame().step_watch() {
                    watch.call_failed(I, &ended.error);
                }
                return Self::fail(at, ended);
            }
            End::Failed { ended, fatal } => (&**ended, *fatal),
        };
        let Ended { error, skipped, .. } = ended;
        let outcome = match (fatal, skipped) {
            (true, _) => StepOutcome::Failed(error),
            (false, true) => StepOutcome::Skipped(error),
            (false, false) => StepOutcome::Softened(error),
        };
        if let StepOutcome::Softened(error) = outcome {
            softened(at.frame().run().id(), W::Step::NAME, error);
        }
        if let Some(watch) = at.frame().step_watch() {
            watch.step_ended(I, outcome);
        }
        if fatal {
            return Turned::Failed(Box::new(ended.clone()));
        }
        at.write::<W::Graph, OutputOf<W, I>>(I, Err(error.clone()));
        Turned::Done
    }
}

impl<'a, W, R, S, B, F, H, O, const I: usize> PollStep<'a, H, O>
    for Driver<'a, StepAt<W, I>, R, OutputOf<W, I>, S, B, F>
where
    W: Node<I>,
    R: Choose,
    S: Fn(&'a H) -> F + Send,
    B: Fn(&'a H) -> Option<Boxed<'a, OutputOf<W, I>>> + Send,
    F: Future<Output: Settle<OutputOf<W, I>>> + Send,
    H: Frame<W::Graph> + 'a,
    O: Slots,
{
    const IS_CALL: bool = F::Output::IS_CALL;

    #[inline]
    fn turn(&self, room: Room<'_, Self>, at: At<'a, H, O>, turn: Turn<'_, '_>) -> Turned {
        match turn {
            Turn::Poll(cx) => self.go(room, at, cx),
            Turn::End(end) => Self::end(room, at, end),
        }
    }

    #[inline(always)]
    fn plain<const SEEN: bool>(
        &self,
        mut room: Room<'_, Self>,
        at: At<'a, H, O>,
        cx: &mut Context<'_>,
    ) -> Turned {
        let watch = if SEEN { at.frame().step_watch() } else { None };
        let (polled, suspended) = if room.own().is_taken() {
            (
                room.own().go_on(
                    #[inline(always)]
                    |own| own.poll(cx),
                ),
                Turned::Running,
            )
        } else {
            match W::Step::ready(at.frame()) {
                Readiness::Waiting => return Turned::Waiting,
                Readiness::Failed(error) => return Self::skip(at, error),
                Readiness::Ready => {}
            }
            if let Some(watch) = watch {
                return self.start_seen(room, at, watch, cx);
            }
            let own = (self.start)(at.frame());
            (
                room.own().start(
                    own,
                    #[inline(always)]
                    |own| own.poll(cx),
                ),
                Turned::Started,
            )
        };
        match polled.map(Settle::settle) {
            Poll::Ready(Ok(made)) if !SEEN => {
                at.write(I, Ok(made.value));
                Turned::Done
            }
            Poll::Ready(result) => Self::ended(at, watch, None, result),
            Poll::Pending => suspended,
        }
    }

    #[inline(always)]
    unsafe fn first<E: Eye>(
        &self,
        mut room: Room<'_, Self>,
        at: At<'a, H, O>,
        cx: &mut Context<'_>,
        eye: &mut E,
    ) -> Turned {
        eye.starts(I, F::Output::IS_CALL);
        let own = (self.start)(at.frame());
        // SAFETY: the caller promises it.
        let polled = unsafe {
            room.own().start_free(
                own,
                #[inline(always)]
                |own| own.poll(cx),
            )
        };
        match polled.map(Settle::settle) {
            Poll::Ready(Ok(made)) => {
                eye.made(made.origin);
                // SAFETY: this driver alone writes for its step, and it did not before.
                unsafe { at.write_first(I, made.value) };
                Turned::Done
            }
            Poll::Ready(Err(ended)) => {
                eye.failed(&ended.error);
                Self::fail(at, ended)
            }
            Poll::Pending => Turned::Started,
        }
    }
}

#[inline(always)]
fn poll<T, F: Future<Output: Settle<T>>>(
    future: Pin<&mut F>,
    watch: Option<&Watch>,
    node: usize,
    cx: &mut Context<'_>,
) -> Poll<Result<Made<T>, Ended>> {
    let polled = match watch {
        None => future.poll(cx),
        Some(watch) => watch.inside(node, || future.poll(cx)),
    };
    polled.map(Settle::settle)
}
