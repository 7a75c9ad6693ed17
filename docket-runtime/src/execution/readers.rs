//! [`Readers`]: which tasks may still read what.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::plan::Need;

/// What the views of tasks that are alive may read of one frame.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    /// How many views there are of each needs, of which there are as many as steps with tasks.
    held: Mutex<Vec<(&'static [Need], usize)>>,
    /// Rung when a view is gone. Whoever waits for that borrows the frame mutably, or is the engine of its batch: there is
    /// one at a time.
    left: Notify,
}

impl Readers {
    /// Notes a view that may read `needs`.
    pub(crate) fn enter(&self, needs: &'static [Need]) {
        let mut held = self.lock();
        match held.iter_mut().find(|(its, _)| std::ptr::eq(*its, needs)) {
            Some((_, n)) => *n += 1,
            None => held.push((needs, 1)),
        }
    }

    /// Notes that a view is gone which may have read `needs`.
    pub(crate) fn leave(&self, needs: &'static [Need]) {
        let mut held = self.lock();
        let own = held.iter_mut().find(|(its, _)| std::ptr::eq(*its, needs));
        own.expect("it was put in when the view was made").1 -= 1;
        drop(held);
        self.left.notify_one();
    }

    /// Whether a task may read `node`.
    pub(crate) fn may_read(&self, node: usize) -> bool {
        self.lock()
            .iter()
            .any(|(needs, n)| *n > 0 && reads(needs, node))
    }

    /// Waits until no task may read `node`.
    pub(crate) async fn unread(&self, node: usize) {
        while self.may_read(node) {
            self.left.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(&'static [Need], usize)>> {
        // Nothing that can panic happens while it is held.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a task that needs `needs` may read `node`. What it may not read is still being written, or was taken out.
pub(crate) fn reads(needs: &[Need], node: usize) -> bool {
    needs.iter().any(|need| need.node == node)
}

/// Refuses a task that reads `node` and did not say so.
#[track_caller]
pub(crate) fn check(needs: &[Need], node: usize) {
    assert!(reads(needs, node), "a step reads what it says it needs");
}

/// Refuses a view of `more` that is made from a view of `needs`, and would read what that one may not.
#[track_caller]
pub(crate) fn check_narrower(needs: &[Need], more: &[Need]) {
    // What is taken out of a slot is taken when no view may read it: one that reads more would not have been asked.
    assert!(
        more.iter().all(|need| reads(needs, need.node)),
        "a view that is made from another reads no more than that one"
    );
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const fn need(node: usize) -> Need {
        Need {
            node,
            soft: false,
            all: false,
            bulk: false,
        }
    }

    const ONE: &[Need] = &[need(1)];
    const TWO: &[Need] = &[need(1), need(2)];

    #[test]
    fn a_node_is_unread_when_the_last_view_that_may_read_it_is_gone() {
        let readers = Readers::default();
        for needs in [ONE, TWO, ONE] {
            readers.enter(needs);
        }
        let mut unread = pin!(readers.unread(1));
        let mut poll = || {
            let cx = &mut Context::from_waker(Waker::noop());
            unread.as_mut().poll(cx)
        };
        let may_read = || [0, 1, 2].map(|node| readers.may_read(node));
        for (needs, left) in [
            (ONE, [false, true, true]),
            (TWO, [false, true, false]),
            (ONE, [false; 3]),
        ] {
            assert_eq!(poll(), Poll::Pending);
            readers.leave(needs);
            assert_eq!(may_read(), left);
        }
        assert_eq!(poll(), Poll::Ready(()));
    }
}
