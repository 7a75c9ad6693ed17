//! The future of one execution: a straight pass, and passes over what that has left, until all steps have ended, one ends the
//! execution, or there is no more time.

use std::marker::PhantomData;
use std::mem::{forget, replace};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Sleep, sleep_until};

use super::drive::{Passes, Scope};
use super::state::State;
use super::straight::{Left, straight};
use super::{At, Entry, Frame, Run, Slots, Turns};
use crate::error::{Error, ErrorKind};
use crate::graph::Graph;

/// Runs the steps of `E`, whose drivers are `turns` and work at `at`, until all have ended or one ends the execution: one
/// that is `hard`, or aborts. `W` words hold a bit for each step. `true` where nothing but values of this execution was made
/// for certain: a straight pass was all of it.
///
/// # Safety
///
/// No driver has had a turn. No two of them make the value of one node, and nothing was given or written for a node of which
/// one makes the value.
#[inline(always)]
pub unsafe fn execute<'a, const W: usize, E, G, H, O, T>(
    at: At<'a, H, O>,
    turns: T,
) -> impl Future<Output = Result<bool, Error>> + use<'a, W, E, G, H, O, T>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    Executing {
        at,
        turns,
        stage: Stage::<E, W>::Fresh,
        entry: PhantomData::<fn() -> (E, G)>,
    }
}

pin_project_lite::pin_project! {
    /// An execution. It is part of the future of each entry, so it holds nothing twice.
    #[project = Proj]
    struct Executing<A, T, S, E> {
        at: A,
        #[pin]
        turns: T,
        stage: S,
        entry: PhantomData<E>,
    }
}

/// How far an execution is.
enum Stage<E: Entry, const W: usize> {
    /// It was not polled yet.
    Fresh,
    Going {
        state: State<E, W>,
        /// Of an execution that has a deadline, from when it has to wait for something. It is as large as all the rest that a
        /// small execution holds, so it is not part of the future of one that has none.
        timer: Option<Pin<Box<Sleep>>>,
    },
    /// A straight pass was all of it.
    Ended,
}

impl<'a, E, G, H, O, T, const W: usize> Future
    for Executing<At<'a, H, O>, T, Stage<E, W>, fn() -> (E, G)>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    type Output = Result<bool, Error>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Proj {
            at,
            mut turns,
            stage,
            entry: _,
        } = self.project();
        let at = *at;
        let (scope, due) = match stage {
            Stage::Fresh => {
                let mut left = None;
                if E::STEPS.in_order && !at.frame().run().has_deadline() && at.is_plain() {
                    // SAFETY: whoever called `execute` promised it, and this is done once.
                    match unsafe { straight(at, turns.as_mut(), cx) } {
                        Ok(are_own) => {
                            // It held nothing, and to ask whether it did would be felt.
                            forget(replace(stage, Stage::Ended));
                            return Poll::Ready(Ok(are_own));
                        }
                        Err(its) => left = Some(its),
                    }
                }
                begin::<E, G, H, O, T, W>(at, turns.as_mut(), stage, left)?
            }
            Stage::Going { state, .. } => (Scope::RUNNING, state.running(0)),
            Stage::Ended => panic!("it has ended"),
        };
        let Stage::Going { state, timer } = stage else {
            unreachable!("it has begun")
        };
        let passes = Passes::<E, G, H, O, T, W>::new(at, turns, state);
        let polled = passes.go_on(cx, due, scope);
        if polled.is_pending() && state.has_deadline() {
            return wait(at.frame().run(), timer, cx).map_ok(|()| false);
        }
        polled.map_ok(|()| false)
    }
}

/// Begins, from where a straight pass left off, if there was one. What it gives is left for this poll, and those of the first
/// word that are due in it.
#[inline(never)]
fn begin<'a, E, G, H, O, T, const W: usize>(
    at: At<'a, H, O>,
    turns: Pin<&mut T>,
    stage: &mut Stage<E, W>,
    left: Option<Left>,
) -> Result<(Scope, u64), Error>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    *stage = Stage::Going {
        state: State::new(at),
        timer: None,
    };
    let Stage::Going { state, .. } = stage else {
        unreachable!("it was set above")
    };
    let mut passes = Passes::<E, G, H, O, T, W>::new(at, turns, state);
    let scope = match left {
        None => passes.begin()?,
        Some(left) => passes.take_over(left)?,
    };
    Ok((scope, passes.due(scope)))
}

/// The timer wakes the task at the deadline; that nothing starts from then on is seen to by each pass.
#[cold]
#[inline(never)]
fn wait(
    run: &Run<'_>,
    timer: &mut Option<Pin<Box<Sleep>>>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Error>> {
    let timer = timer.get_or_insert_with(|| {
        let deadline = run.deadline().expect("who has none does not wait for it");
        Box::pin(sleep_until(deadline))
    });
    timer.as_mut().poll(cx).map(|()| Err(late(run)))
}

#[cold]
pub(crate) fn late(run: &Run<'_>) -> Error {
    Error::new(ErrorKind::DeadlineExceeded).with_execution(run.id())
}
