//! A [`Lane`]: the right to have one statement under way.

use std::slice;
use std::sync::Arc;

use super::error::copies;
use super::{Batch, Shared, StoreError, Waiting};

/// Whoever has it sends a statement, and then gives it to those who have queued up meanwhile; that is, drops it. A caller
/// who leaves and a statement that panics pass it on just so.
pub(super) struct Lane<B: Batch> {
    shared: Arc<Shared<B>>,
}

impl<B: Batch> Lane<B> {
    /// One that was counted as taken.
    pub(super) fn new(shared: &Arc<Shared<B>>) -> Self {
        Self {
            shared: shared.clone(),
        }
    }

    /// Sends an operation alone.
    pub(super) async fn send_one(&self, one: &[B::Operation]) -> Result<B::Answer, StoreError> {
        let answers = self.send_within_patience(one).await?;
        answers.into_iter().next().ok_or_else(unanswered)
    }

    /// Sends `batch`, if there is one, and then what has queued up, until nobody is waiting.
    pub(super) async fn run(self, mut batch: Vec<Waiting<B>>) {
        loop {
            self.send_batch(batch).await;
            // Those who were just answered, or have come to the store together, may have more to send. They have their turn
            // now, and go out together.
            tokio::task::yield_now().await;
            batch = self.shared.next(&mut self.shared.lock());
            if batch.is_empty() {
                return;
            }
        }
    }

    async fn send_batch(&self, batch: Vec<Waiting<B>>) {
        if batch.is_empty() {
            return;
        }
        let (operations, callers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|it| (it.operation, it.caller))
            .unzip();
        // A caller who has gone does not hear his answer.
        match self.send_within_patience(&operations).await {
            Ok(answers) if answers.len() == callers.len() => {
                for (caller, answer) in callers.into_iter().zip(answers) {
                    let _ = caller.send(Ok(answer));
                }
            }
            Err(error) if error.is_retryable() || callers.len() == 1 => {
                for (caller, error) in callers.into_iter().zip(copies(error)) {
                    let _ = caller.send(Err(error));
                }
            }
            Ok(_) | Err(_) => {
                for (operation, caller) in operations.iter().zip(callers) {
                    let _ = caller.send(self.send_one(slice::from_ref(operation)).await);
                }
            }
        }
    }

    async fn send_within_patience(
        &self,
        operations: &[B::Operation],
    ) -> Result<Vec<B::Answer>, StoreError> {
        let Shared { batch, limits, .. } = &*self.shared;
        let sending = batch.send(operations);
        let Some(patience) = limits.patience else {
            return sending.await;
        };
        match tokio::time::timeout(patience, sending).await {
            Ok(answers) => answers,
            Err(_) => Err(StoreError::unavailable(format!(
                "there was no answer within {patience:?}"
            ))),
        }
    }
}

impl<B: Batch> Drop for Lane<B> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let batch = self.shared.next(&mut state);
        let Some(first) = batch.first() else {
            state.n_taken -= 1;
            return;
        };
        drop(state);
        // Where that runtime is gone, the task is dropped at once, with this batch and a lane for the rest.
        let runtime = first.runtime.clone();
        runtime.spawn(Self::new(&self.shared).run(batch));
    }
}

/// A fault of the store: the next try may find it mended, and would otherwise find the same.
fn unanswered() -> StoreError {
    StoreError::refused("the store has left an operation without an answer")
}
