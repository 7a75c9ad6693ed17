//! A step on the blocking pool.

use std::panic::resume_unwind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::sync::OwnedSemaphorePermit;
use tracing::Span;

use super::context::StepContext;
use super::{Failure, Step, StepIn};
use crate::execution::{Task, View};
use crate::graph::Node;

/// Calls a plain function on a thread that may block. The thread can't be stopped: when the caller is gone, or the
/// attempt's time is over, the function runs on to its end and its result is dropped; one that has not begun does not.
pub(super) async fn call_blocking<W: Node<I>, const I: usize, V: View<W::Graph>>(
    view: &V,
    context: &StepContext,
    permit: Option<OwnedSemaphorePermit>,
) -> Result<<W::Step as Step>::Output, Failure> {
    let view = view.owned(W::Step::NEEDS);
    let context = context.clone();
    let span = Span::current();
    let task = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        span.in_scope(|| {
            let call = pin!(W::Step::call(&view, Some(&context)));
            match call.poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => unreachable!("the macro lets only plain functions be `blocking`"),
            }
        })
    });
    match Task(task).await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(Failure::new("the runtime shut down before the step ran")),
        },
    }
}
