//! [`Called`]: the future of a step's function, and what is made of what it comes to.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::Failure;

pin_project_lite::pin_project! {
    /// What [`called`] gives.
    ///
    /// An `async` block that awaits the function's future would do the same, and move it, with all that the function was given,
    /// from one place to another at its first poll. Of a function that reads five values, that move alone took as long as the
    /// rest of a small execution: the processor has to wait before it may read together what was just written apart.
    ///
    /// The function's future is dropped with it: whoever polls it drops it when it has ended.
    #[derive(Debug)]
    struct Called<F, M> {
        #[pin]
        future: F,
        outcome: M,
    }
}

/// The future `future` of a step's function, of whose output `outcome` makes that of the step.
///
/// Where `future` can't be sent, the compiler names the type of what is returned. It is not to speak of a `Called`.
#[inline(always)]
pub fn called<T, F, M>(future: F, outcome: M) -> impl Future<Output = Result<T, Failure>>
where
    F: Future,
    M: Fn(F::Output) -> Result<T, Failure>,
{
    Called { future, outcome }
}

impl<T, F, M> Future for Called<F, M>
where
    F: Future,
    M: Fn(F::Output) -> Result<T, Failure>,
{
    type Output = Result<T, Failure>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.future.poll(cx).map(this.outcome)
    }
}
