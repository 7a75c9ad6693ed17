//! [`ToTheEnd`]: a future that does not end with its caller.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Runs inside its caller; and if he leaves in the middle, in a task of its own. To make it a task from the start would cost
/// each statement two changes of the thread.
pub(super) struct ToTheEnd<T: Send + 'static>(Option<Running<T>>);

type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> ToTheEnd<T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // If it panics, it is gone, and not polled again.
        let mut running = self.0.take().expect("it is not polled after its end");
        let polled = running.as_mut().poll(cx);
        if polled.is_pending() {
            self.0 = Some(running);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
    fn drop(&mut self) {
        if let Some(running) = self.0.take()
            // Without a runtime, the connection is gone as well.
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(running);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::{sleep, timeout};

    use super::ToTheEnd;

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn it_gives_its_caller_the_answer() {
        let answer = ToTheEnd::new(async {
            sleep(LONG).await;
            7
        });
        assert_eq!(answer.await, 7);
    }

    #[tokio::test(start_paused = true)]
    async fn it_runs_on_when_its_caller_leaves() {
        let (end, ended) = oneshot::channel();
        let running = ToTheEnd::new(async move {
            sleep(LONG).await;
            let _ = end.send(7);
        });
        assert!(timeout(LONG / 2, running).await.is_err());
        assert_eq!(ended.await, Ok(7));
    }
}
