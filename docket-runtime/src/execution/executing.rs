//! The future of one execution: a straight pass, and passes over what that has left, until all steps have ended, one ends the
//! execution, or there is no more time.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::drive::{Passes, Scope};
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
/// No driver has had a turn.
#[inline(always)]
pub unsafe fn execute<'d, 'a, const W: usize, E, G, H, O, T>(
    at: At<'a, H, O>,
    turns: Pin<&'d mut T>,
) -> impl Future<Output = Result<bool, Error>> + use<'d, 'a, W, E, G, H, O, T>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    Executing::<Passes<'d, 'a, E, G, H, O, T, W>, _>::Fresh {
        start: Some(Start { at, turns }),
    }
}

/// What an execution begins with.
struct Start<'d, 'a, H, O, T> {
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
            // Of an execution that has a deadline, from when it has to wait for something. It is as large as all the rest that
            // a small execution holds, so it is not part of the future of one that has none.
            timer: Option<Pin<Box<Sleep>>>,
        },
    }
}

impl<'d, 'a, E, G, H, O, T, const W: usize> Future
    for Executing<Passes<'d, 'a, E, G, H, O, T, W>, Start<'d, 'a, H, O, T>>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    type Output = Result<bool, Error>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut scope = Scope::RUNNING;
        if let Proj::Fresh { start } = self.as_mut().project() {
            let begins = start.as_mut().expect("it has not ended");
            let mut left = None;
            let at = begins.at;
            if E::STEPS.in_order && at.frame().run().deadline().is_none() && at.is_plain() {
                // SAFETY: whoever called `execute` promised it, and this is done once.
                match unsafe { straight(at, begins.turns.as_mut(), cx) } {
                    Ok(are_own) => {
                        *start = None;
                        return Poll::Ready(Ok(are_own));
                    }
                    Err(its) => left = Some(its),
                }
            }
            scope = self.as_mut().begin(left)?;
        }
        let Proj::Going { passes, timer } = self.project() else {
            unreachable!("it has begun")
        };
        let polled = passes.go_on(cx, scope);
        if polled.is_pending()
            && let Some(deadline) = passes.run().deadline()
        {
            return wait(passes.run(), deadline, timer, cx).map_ok(|()| false);
        }
        polled.map_ok(|()| false)
    }
}

impl<'d, 'a, E, G, H, O, T, const W: usize>
    Executing<Passes<'d, 'a, E, G, H, O, T, W>, Start<'d, 'a, H, O, T>>
where
    E: Entry,
    G: Graph,
    H: Frame<G>,
    O: Slots,
    T: Turns<'a, H, O>,
{
    /// Begins, from where a straight pass left off, if there was one. What it gives is left for this poll.
    #[inline(never)]
    fn begin(mut self: Pin<&mut Self>, left: Option<Left>) -> Result<Scope, Error> {
        let Proj::Fresh { start } = self.as_mut().project() else {
            unreachable!("it was asked before")
        };
        let Start { at, turns } = start.take().expect("it begins once");
        self.set(Self::Going {
            passes: Passes::new(at, turns),
            timer: None,
        });
        let Proj::Going { passes, .. } = self.project() else {
            unreachable!("it was set above")
        };
        match left {
            None => passes.begin(),
            Some(left) => passes.take_over(left),
        }
    }
}

/// The timer wakes the task at the deadline; that nothing starts from then on is seen to by each pass.
#[cold]
#[inline(never)]
fn wait(
    run: &Run<'_>,
    deadline: Instant,
    timer: &mut Option<Pin<Box<Sleep>>>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Error>> {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
    timer.as_mut().poll(cx).map(|()| Err(late(run)))
}

#[cold]
pub(crate) fn late(run: &Run<'_>) -> Error {
    Error::new(ErrorKind::DeadlineExceeded).with_execution(run.id())
}
