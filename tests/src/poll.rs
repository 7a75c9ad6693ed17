//! Polling by hand.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Polls `future` once, with a waker that does nothing.
pub fn once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls `future` until it is ready, with a waker that does nothing, and says how often that was.
///
/// # Panics
///
/// After `most` polls.
pub fn to_the_end<F: Future>(future: F, most: usize) -> (F::Output, usize) {
    let mut future = pin!(future);
    for polls in 1..=most {
        if let Poll::Ready(output) = once(future.as_mut()) {
            return (output, polls);
        }
    }
    panic!("not ready after {most} polls");
}

/// Polls `future` each time that it wakes its task, `polls` times at most, and drops it then, ready or not.
pub async fn at_most<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // The last poll has been: no need to wait for what it waits for.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
