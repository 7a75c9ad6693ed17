//! How a step runs, chosen in types: what its driver starts.

use std::task::Context;

use tracing::Instrument as _;

use super::driver::{Driver, StepAt};
use super::rooms::{Choose, Room, RoomAt, Tenant};
use super::{At, Ended, Eye, Frame, PollStep, Slots, Task, Turn, Turned};
use crate::error::{Error, ErrorKind};
use crate::graph::{Graph, Node};
use crate::plan::mode;
use crate::step::{StepIn, attempts, panic_message};

/// Chooses, in a type, how a step runs: one of [`mode`].
#[derive(Debug)]
pub enum Mode<const MODE: u8> {}

/// See [`Mode`].
pub trait Drive {
    /// The driver of the step at `I`, in the room that `R` chooses.
    fn driver<'a, W, R, const I: usize, H, O>(at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots;
}

/// Chooses, in a type, how a step runs, and in which room of its block: see [`hows`](crate::plan::hows).
#[derive(Debug)]
pub enum How<const HOW: u8> {}

/// See [`How`].
pub trait Chosen {
    /// How it runs.
    type Mode: Drive;
    /// In which room.
    type Room: Choose;
}

macro_rules! chosen {
    ($($mode:ident)*) => {
        $(chosen!(@ $mode 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);)*
    };
    (@ $mode:ident $($room:literal)*) => {
        $(
            impl Chosen for How<{ mode::$mode << 4 | $room }> {
                type Mode = Mode<{ mode::$mode }>;
                type Room = RoomAt<$room>;
            }
        )*
    };
}

chosen!(OFF PLAIN MANAGED SPAWNED BLOCKING PERSISTED BULK);

/// The driver of the step at `I`, which runs as `HOW` says.
#[inline]
pub fn driver<'a, W, const I: usize, const HOW: u8, H, O>(
    at: At<'a, H, O>,
) -> impl PollStep<'a, H, O> + 'a
where
    W: Node<I>,
    H: Frame<W::Graph>,
    O: Slots,
    How<HOW>: Chosen,
{
    <<How<HOW> as Chosen>::Mode as Drive>::driver::<W, <How<HOW> as Chosen>::Room, I, H, O>(at)
}

/// The driver of a step that the entry does not need, or of none: nothing.
#[derive(Debug)]
pub struct Nobody;

impl Tenant for Nobody {
    type Own = ();
    type Other = ();
    type Room = RoomAt<0>;
}

impl<'a, H, O> PollStep<'a, H, O> for Nobody {
    const RUNS: bool = false;

    fn turn(&self, _room: Room<'_, Self>, _at: At<'a, H, O>, _turn: Turn<'_, '_>) -> Turned {
        Turned::Done
    }

    fn plain<const SEEN: bool>(
        &self,
        _room: Room<'_, Self>,
        _at: At<'a, H, O>,
        _cx: &mut Context<'_>,
    ) -> Turned {
        Turned::Done
    }

    unsafe fn first<E: Eye>(
        &self,
        _room: Room<'_, Self>,
        _at: At<'a, H, O>,
        _cx: &mut Context<'_>,
        _eye: &mut E,
    ) -> Turned {
        Turned::Done
    }
}

impl Drive for Mode<{ mode::OFF }> {
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Nobody
    }
}

impl Drive for Mode<{ mode::PLAIN }> {
    #[inline]
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<StepAt<W, I>, R, _, _, _, _>::new(
            #[inline(always)]
            |frame: &'a H| <W::Step as StepIn<W::Graph>>::call(frame, None),
            |frame| {
                // Options that were given at run time only: the driver has no room for what they take.
                let is_managed = frame.graph().core().policy(I).is_managed;
                is_managed.then(|| Box::pin(attempts::<W, I, H>(frame)) as _)
            },
        )
    }
}

impl Drive for Mode<{ mode::MANAGED }> {
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<StepAt<W, I>, R, _, _, _, _>::new(
            |frame: &'a H| attempts::<W, I, H>(frame),
            |_| None,
        )
    }
}

impl Drive for Mode<{ mode::BLOCKING }> {
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        <Mode<{ mode::MANAGED }> as Drive>::driver::<W, R, I, H, O>(_at)
    }
}

impl Drive for Mode<{ mode::SPAWNED }> {
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<StepAt<W, I>, R, _, _, _, _>::new(
            |frame: &'a H| {
                let view = frame.owned(<W::Step as StepIn<W::Graph>>::NEEDS);
                async move {
                    let attempts = async move { attempts::<W, I, H::Owned>(&view).await };
                    let task = tokio::spawn(attempts.in_current_span());
                    match Task(task).await {
                        Ok(ended) => ended,
                        Err(error) => Err(lost(error)),
                    }
                }
            },
            |_| None,
        )
    }
}

/// A task that did not come to its end.
pub(crate) fn lost(error: tokio::task::JoinError) -> Ended {
    match error.try_into_panic() {
        Ok(panic) => Ended::panicked(panic_message(&*panic)),
        Err(_) => Ended::from(
            Error::new(ErrorKind::Failed).with_detail("the runtime shut down while it ran"),
        ),
    }
}

impl Drive for Mode<{ mode::BULK }> {
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<StepAt<W, I>, R, _, _, _, _>::new(
            |frame: &'a H| <W::Step as StepIn<W::Graph>>::bulk::<W, I, H>(frame),
            |_| None,
        )
    }
}

impl Drive for Mode<{ mode::PERSISTED }> {
    fn driver<'a, W, R, const I: usize, H, O>(_at: At<'a, H, O>) -> impl PollStep<'a, H, O> + 'a
    where
        W: Node<I>,
        R: Choose,
        H: Frame<W::Graph>,
        O: Slots,
    {
        Driver::<StepAt<W, I>, R, _, _, _, _>::new(
            |frame: &'a H| {
                <W::Step as StepIn<W::Graph>>::persisted::<W, I, H::Owned>(
                    frame.owned(<W::Step as StepIn<W::Graph>>::NEEDS),
                )
            },
            |_| None,
        )
    }
}
