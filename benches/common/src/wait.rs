//! What the steps wait for.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;

use crate::Mode;

/// Nothing: each step is ready at its first poll.
#[macro_export]
macro_rules! wait_ready {
    ($step:expr, $millis:expr) => {};
}
pub use wait_ready as ready;

/// Something: what it is, is chosen when the program runs, so that the graphs need not be compiled once more for each.
#[macro_export]
macro_rules! wait_waits {
    ($step:expr, $millis:expr) => {
        $crate::wait::wait($step, $millis).await
    };
}
pub use wait_waits as waits;

/// What [`wait`] waits for.
static MODE: AtomicU8 = AtomicU8::new(0);

/// Chooses what steps wait for from now on.
pub fn choose(mode: Mode) {
    MODE.store(mode as u8, Ordering::Relaxed);
}

/// Waits as was chosen.
#[inline]
pub async fn wait(step: usize, millis: u64) {
    let mode = MODE.load(Ordering::Relaxed);
    if mode == Mode::Yields as u8 {
        // The task goes back to tokio's queue each time.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    } else if mode == Mode::Answers as u8 {
        answer(step).await;
    } else if mode == Mode::Timers as u8 && millis > 0 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// Steps are numbered up to here.
const PLACES: usize = 128;

/// The connection and those who wait for its answers, all on one thread.
struct Line {
    asked: RefCell<VecDeque<usize>>,
    connection: AtomicWaker,
    answered: [Cell<bool>; PLACES],
    wakers: [AtomicWaker; PLACES],
}

thread_local! {
    static LINE: Line = Line {
        asked: RefCell::new(VecDeque::with_capacity(PLACES)),
        connection: AtomicWaker::new(),
        answered: [const { Cell::new(false) }; PLACES],
        wakers: [const { AtomicWaker::new() }; PLACES],
    };
}

/// Asks, and waits for the answer to `step`. Answers come one at a time, each with a wakeup of its own, as from a connection
/// that many requests share.
fn answer(step: usize) -> Answer {
    Answer {
        step,
        has_asked: false,
    }
}

/// See [`answer`].
#[derive(Debug)]
struct Answer {
    step: usize,
    has_asked: bool,
}

impl Future for Answer {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        LINE.with(|line| {
            if !self.has_asked {
                self.has_asked = true;
                line.answered[self.step].set(false);
                line.asked.borrow_mut().push_back(self.step);
                line.connection.wake();
            }
            line.wakers[self.step].register(cx.waker());
            match line.answered[self.step].get() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
    }
}

/// Answers, one at each turn of the task it is polled by. It never ends.
pub struct Connection;

impl Future for Connection {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        LINE.with(|line| {
            let next = line.asked.borrow_mut().pop_front();
            match next {
                Some(step) => {
                    line.answered[step].set(true);
                    line.wakers[step].wake();
                    cx.waker().wake_by_ref();
                }
                None => line.connection.register(cx.waker()),
            }
        });
        Poll::Pending
    }
}
