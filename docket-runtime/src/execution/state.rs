//! What a driver holds: nothing yet, or what it runs, in place.

use std::pin::Pin;
use std::ptr;

use super::{Ended, Made};

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<Made<T>, Ended>> + Send + 'a>>;

pin_project_lite::pin_project! {
    /// A future that has ended stays where it is until all is dropped.
    #[project = StateProj]
    pub(super) enum State<'a, T, F> {
        Waiting,
        Running { #[pin] future: F },
        Boxed { future: Boxed<'a, T> },
        // What it failed with is with the scheduler.
        Failed,
    }
}

impl<T, F> State<'_, T, F> {
    /// Begins to run `future`, and gives it back in its place.
    ///
    /// # Safety
    ///
    /// The state is `Waiting`.
    #[inline(always)]
    pub(super) unsafe fn run(self: Pin<&mut Self>, future: F) -> Pin<&mut F> {
        debug_assert!(matches!(*self, State::Waiting), "a step starts once");
        // SAFETY: what is pinned is not moved: `Waiting` holds nothing that could be.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: the place is valid, and `Waiting` has nothing to drop. An assignment would look again.
        unsafe { ptr::write(this, State::Running { future }) };
        let State::Running { future } = this else {
            unreachable!("it was written above")
        };
        // SAFETY: `this` is pinned, and with it what it holds.
        unsafe { Pin::new_unchecked(future) }
    }
}
