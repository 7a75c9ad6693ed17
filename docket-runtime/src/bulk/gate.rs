//! [`Gate`]: whether an item that has its output may go on.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// The answer of a call comes to many items at once, and each of them goes on with what may be slow. The batch opens the
/// gate for as many as it has room for, one poll at a time. Only the thread that polls the batch touches it.
#[derive(Debug, Default)]
pub struct Gate {
    is_open: AtomicBool,
    holds: AtomicBool,
}

impl Gate {
    /// Before an item is polled: whether it may go on.
    pub(crate) fn set(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::Relaxed);
    }

    /// After an item was polled: whether the gate was in its way.
    pub(crate) fn take_held(&self) -> bool {
        self.holds.load(Ordering::Relaxed) && self.holds.swap(false, Ordering::Relaxed)
    }

    /// Waits until it is open. Nothing wakes whoever waits: the batch polls him when it has opened.
    pub(super) async fn pass(&self) {
        poll_fn(|_| {
            if self.is_open.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            self.holds.store(true, Ordering::Relaxed);
            Poll::Pending
        })
        .await;
    }
}
