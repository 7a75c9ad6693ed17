//! A step on the blocking pool.

use std::panic::resume_unwind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::sync::OwnedSemaphorePermit;
use tracing::Span;

use super::Failure;
use crate::execution::Task;

/// Calls a plain function on a thread that may block. The thread can't be stopped: when the caller is gone, or the
/// attempt's time is over, the function runs on to its end and its result is dropped; one that has not begun does not.
pub(crate) async fn call_blocking<T: Send + 'static>(
    permit: Option<OwnedSemaphorePermit>,
    call: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let span = Span::current();
    let task = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        span.in_scope(call)
    });
    match Task(task).await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(Failure::new("the runtime shut down before the step ran")),
        },
    }
}

/// What the future around a plain function comes to.
pub(crate) fn call_plain<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("the macro lets only plain functions be `blocking`"),
    }
}
