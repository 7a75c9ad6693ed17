//! The driver of one step: waits until its inputs are there, runs it, writes what it came to into its slot.

use std::marker::PhantomData;
use std::mem::take;
use std::pin::Pin;
use std::task::Poll;

use tokio::time::Instant;

use super::drive::{End, Turn, Turned};
use super::slots::typed;
use super::{Ended, Filled, Frame, Made, Readiness, Slot, Slots, Task};
use crate::error::{Error, ErrorKind};
use crate::graph::{Graph, Node};
use crate::observe::{Origin, StepEnded, StepOutcome, StepStarted};
use crate::plan::mode;
use crate::step::{Failure, Step, StepIn, attempts, panic_message};

/// Where a driver works: the frame, and the slots of outputs that no step reads.
#[derive(Debug)]
pub struct At<'a, H, O> {
    /// The frame.
    pub frame: &'a H,
    /// The outputs.
    pub outputs: &'a O,
}

impl<H, O> Clone for At<'_, H, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H, O> Copy for At<'_, H, O> {}

/// A driver, as the scheduler sees it.
pub trait PollStep: Send {
    /// Takes one turn.
    fn turn(self: Pin<&mut Self>, turn: Turn<'_, '_>) -> Turned;
}

/// Chooses, in a type, how a step runs: one of [`mode`].
#[derive(Debug)]
pub enum Mode<const MODE: u8> {}

/// See [`Mode`].
pub trait Drive {
    /// The driver of the step at `I`.
    fn driver<'a, W, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots;
}

/// The driver of the step at `I`, which runs in mode `MODE`.
#[inline]
pub fn driver<'a, W, const I: usize, const MODE: u8, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
where
    W: Node<I>,
    H: Frame<W::Graph>,
    O: Slots,
    Mode<MODE>: Drive,
{
    <Mode<MODE> as Drive>::driver::<W, I, H, O>(at)
}

/// The driver of a step that the entry does not need: nothing.
struct Off;

impl PollStep for Off {
    fn turn(self: Pin<&mut Self>, _turn: Turn<'_, '_>) -> Turned {
        Turned::Done
    }
}

impl Drive for Mode<{ mode::OFF }> {
    fn driver<'a, W, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Off
    }
}

impl Drive for Mode<{ mode::PLAIN }> {
    #[inline]
    fn driver<'a, W, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<W::Graph, H, W::Step, _, _, _>::new(at, I, |frame: &'a H| {
            if frame.graph().core().policy(I).is_managed {
                // Given options at run time only, so its future has no room for them.
                Start::Boxed(Box::pin(attempts::<W, I, H>(frame)))
            } else {
                Start::Inline(<W::Step as StepIn<W::Graph>>::call(frame, None))
            }
        })
    }
}

impl Drive for Mode<{ mode::MANAGED }> {
    fn driver<'a, W, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<W::Graph, H, W::Step, _, _, _>::new(at, I, |frame: &'a H| {
            Start::Inline(attempts::<W, I, H>(frame))
        })
    }
}

impl Drive for Mode<{ mode::BLOCKING }> {
    fn driver<'a, W, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        <Mode<{ mode::MANAGED }> as Drive>::driver::<W, I, H, O>(at)
    }
}

impl Drive for Mode<{ mode::SPAWNED }> {
    fn driver<'a, W, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<W::Graph, H, W::Step, _, _, _>::new(at, I, |frame: &'a H| {
            let view = frame.owned(<W::Step as StepIn<W::Graph>>::NEEDS);
            Start::Inline(async move {
                let task = tokio::spawn(async move { attempts::<W, I, H::Owned>(&view).await });
                match Task(task).await {
                    Ok(ended) => ended,
                    Err(error) => Err(lost(error)),
                }
            })
        })
    }
}

/// A task that did not come to its end.
fn lost(error: tokio::task::JoinError) -> Ended {
    match error.try_into_panic() {
        Ok(panic) => Ended::panicked(panic_message(&*panic)),
        Err(_) => Ended::from(
            Error::new(ErrorKind::Failed).with_detail("the runtime shut down while it ran"),
        ),
    }
}

impl Drive for Mode<{ mode::PERSISTED }> {
    fn driver<'a, W, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep + 'a
    where
        W: Node<I>,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<W::Graph, H, W::Step, _, _, _>::new(at, I, |frame: &'a H| {
            Start::Inline(<W::Step as StepIn<W::Graph>>::persisted::<W, I, H::Owned>(
                frame.owned(<W::Step as StepIn<W::Graph>>::NEEDS),
            ))
        })
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<Made<T>, Ended>> + Send + 'a>>;

enum Start<'a, T, F> {
    Inline(F),
    Boxed(Boxed<'a, T>),
}

/// What the future of a step comes to.
trait Settle<T> {
    fn settle(self) -> Result<Made<T>, Ended>;
}

impl<T> Settle<T> for Result<T, Failure> {
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
    fn settle(self) -> Self {
        self
    }
}

pin_project_lite::pin_project! {
    struct Driver<'a, G, H, P, T, S, F> {
        frame: &'a H,
        slot: &'a Slot<T>,
        // Only where somebody observes, and boxed, because mostly nobody does.
        started: Option<Box<Instant>>,
        #[pin]
        state: State<'a, T, S, F>,
        step: PhantomData<fn() -> (G, P)>,
    }
}

pin_project_lite::pin_project! {
    #[project = StateProj]
    enum State<'a, T, S, F> {
        Waiting { start: Option<S> },
        Running { #[pin] future: F },
        Boxed { future: Boxed<'a, T> },
        Done,
    }
}

impl<'a, G, H, P, S, F> Driver<'a, G, H, P, P::Output, S, F>
where
    G: Graph,
    H: Frame<G>,
    P: StepIn<G>,
    S: FnOnce(&'a H) -> Start<'a, P::Output, F>,
{
    #[inline(always)]
    fn new<O: Slots>(at: At<'a, H, O>, node: usize, start: S) -> Self {
        // An output that no step reads stays with the caller, so that a task that runs on can't keep it from him.
        let slot = typed(at.frame.slot_at(node)).or_else(|| typed(at.outputs.slot(node)));
        Self {
            frame: at.frame,
            slot: slot.expect("an entry keeps what its steps make"),
            started: None,
            state: State::Waiting { start: Some(start) },
            step: PhantomData,
        }
    }

    #[inline(always)]
    fn start(mut self: Pin<&mut Self>, start: S) {
        let frame = self.frame;
        if frame.graph().core().is_observed() {
            *self.as_mut().project().started = Some(started::<G, H, P>(frame));
        }
        let state = match start(frame) {
            Start::Inline(future) => State::Running { future },
            Start::Boxed(future) => State::Boxed { future },
        };
        self.as_mut().project().state.set(state);
    }

    #[inline(always)]
    fn finish(mut self: Pin<&mut Self>, settled: Result<Made<P::Output>, Ended>) -> Turned {
        // What the step's future still holds goes before its consumers start.
        self.as_mut().project().state.set(State::Done);
        match settled {
            Ok(Made { value, origin }) => {
                if self.started.is_some() {
                    self.tell(StepOutcome::Made(origin));
                }
                self.slot.set(Ok(value));
                Turned::Done
            }
            Err(ended) => Turned::Failed(Box::new(ended.named::<P>(self.frame.run()))),
        }
    }

    #[cold]
    fn skip(mut self: Pin<&mut Self>, error: Error) -> Turned {
        self.as_mut().project().state.set(State::Done);
        Turned::Failed(Box::new(Ended::skipped(error)))
    }

    #[cold]
    fn end(self: Pin<&mut Self>, end: &mut End) -> Turned {
        let (ended, fatal) = match end {
            End::Panicked(message) => return self.finish(Err(Ended::panicked(take(message)))),
            End::Failed { ended, fatal } => (&**ended, *fatal),
        };
        let Ended { error, skipped, .. } = ended;
        self.tell(match (fatal, skipped) {
            (true, _) => StepOutcome::Failed(error),
            (false, true) => StepOutcome::Skipped(error),
            (false, false) => StepOutcome::Softened(error),
        });
        if fatal {
            return Turned::Failed(Box::new(ended.clone()));
        }
        self.slot.set(Err(error.clone()));
        Turned::Done
    }

    #[cold]
    fn tell(&self, outcome: StepOutcome<'_>) {
        let (execution_id, step) = (self.frame.run().id(), P::NAME);
        let duration = self
            .started
            .as_ref()
            .map(|started| started.elapsed())
            .unwrap_or_default();
        let event = StepEnded {
            execution_id,
            step,
            outcome,
            duration,
        };
        self.frame
            .graph()
            .core()
            .observe(|observer| observer.step_ended(&event));
    }
}

impl<'a, G, H, P, S, F> PollStep for Driver<'a, G, H, P, P::Output, S, F>
where
    G: Graph,
    H: Frame<G>,
    P: StepIn<G>,
    S: FnOnce(&'a H) -> Start<'a, P::Output, F> + Send,
    F: Future<Output: Settle<P::Output>> + Send,
{
    #[inline]
    fn turn(mut self: Pin<&mut Self>, turn: Turn<'_, '_>) -> Turned {
        let cx = match turn {
            Turn::Poll(cx) => cx,
            Turn::End(end) => return self.end(end),
        };
        let frame = self.frame;
        let mut suspended = Turned::Running;
        if let StateProj::Waiting { start } = self.as_mut().project().state.project() {
            let start = match P::ready(frame) {
                Readiness::Waiting => return Turned::Waiting,
                Readiness::Failed(error) => return self.skip(error),
                Readiness::Ready => start.take().expect("a driver starts once"),
            };
            self.as_mut().start(start);
            suspended = Turned::Started;
        }
        let poll = match self.as_mut().project().state.project() {
            StateProj::Running { future } => future.poll(cx).map(Settle::settle),
            StateProj::Boxed { future } => future.as_mut().poll(cx),
            StateProj::Waiting { .. } | StateProj::Done => return Turned::Done,
        };
        match poll {
            Poll::Ready(settled) => self.finish(settled),
            Poll::Pending => suspended,
        }
    }
}

/// Tells that a step starts, and notes when.
#[cold]
fn started<G: Graph, H: Frame<G>, P: Step>(frame: &H) -> Box<Instant> {
    let (execution_id, step) = (frame.run().id(), P::NAME);
    frame
        .graph()
        .core()
        .observe(|observer| observer.step_started(&StepStarted { execution_id, step }));
    Box::new(Instant::now())
}
