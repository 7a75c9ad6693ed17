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
    /// Once it has ended it holds nothing, as such a block would: so it can stay in its place until all is dropped.
    #[derive(Debug)]
    struct Called<F, M> {
        #[pin]
        future: Option<F>,
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
    Called {
        future: Some(future),
        outcome,
    }
}

impl<T, F, M> Future for Called<F, M>
where
    F: Future,
    M: Fn(F::Output) -> Result<T, Failure>,
{
    type Output = Result<T, Failure>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let future = this.future.as_mut().as_pin_mut();
        match future
            .expect("a step that has ended is not polled")
            .poll(cx)
        {
            Poll::Ready(output) => {
                this.future.set(None);
                Poll::Ready((this.outcome)(output))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::Waker;

    use super::*;

    #[test]
    fn it_holds_nothing_once_it_has_ended() {
        let held = Arc::new(());
        let mut polls = 0;
        let holder = Arc::clone(&held);
        let mut future = pin!(called(
            poll_fn(move |_| {
                assert_eq!(Arc::strong_count(&holder), 2);
                polls += 1;
                if polls == 2 {
                    Poll::Ready(7)
                } else {
                    Poll::Pending
                }
            }),
            Ok,
        ));
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(cx).is_pending());
        assert_eq!(Arc::strong_count(&held), 2);
        let Poll::Ready(Ok(output)) = future.as_mut().poll(cx) else {
            panic!("it ends at its second poll");
        };
        assert_eq!((output, Arc::strong_count(&held)), (7, 1));
    }
}
