//! Going away in good order: nothing new starts, and what is under way is recorded.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::error::{Error, ErrorKind};

use super::Keeper;

/// Whether flights may still start, and how many are under way.
#[derive(Default)]
pub(super) struct Gate {
    is_closed: AtomicBool,
    passes: AtomicUsize,
    /// Of both: that it was closed, and that one of those under way has ended since.
    changed: Notify,
}

/// Something that is to end before the process does. While it lives, [`Keeper::shutdown`] waits.
pub(super) struct Pass {
    keeper: Keeper,
}

impl Keeper {
    /// From now on no run starts: whoever asks for one gets an error of kind `Store`. Waits until those under way are
    /// recorded, `grace` at most; says how many are left. Their claims are renewed all the while.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        let gate = &self.inner.gate;
        gate.is_closed.store(true, Ordering::SeqCst);
        gate.changed.notify_waiters();
        let all_ended = gate.changed(|| gate.passes() == 0);
        // It does not matter whether they were in time, but how many there are.
        let _ = tokio::time::timeout(grace, all_ended).await;
        gate.passes()
    }

    pub(super) fn pass(&self) -> Pass {
        self.inner.gate.passes.fetch_add(1, Ordering::SeqCst);
        Pass {
            keeper: self.clone(),
        }
    }
}

impl Gate {
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Waits until it is closed.
    pub(super) async fn closed(&self) {
        self.changed(|| self.is_closed()).await;
    }

    fn passes(&self) -> usize {
        self.passes.load(Ordering::SeqCst)
    }

    async fn changed(&self, is_so: impl Fn() -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Before the look, so that no change falls between the two.
            changed.as_mut().enable();
            if is_so() {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let gate = &self.keeper.inner.gate;
        gate.passes.fetch_sub(1, Ordering::SeqCst);
        if gate.is_closed() {
            gate.changed.notify_waiters();
        }
    }
}

pub(super) fn is_shut_down() -> Error {
    Error::new(ErrorKind::Store)
        .with_detail("its graph was shut down, so nothing new is started, and the step was not")
}
