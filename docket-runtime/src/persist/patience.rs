//! How long an answer of the store is waited for.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::store::StoreError;

use super::keeper::Inner;

/// How long somebody waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// For this answer.
    pub(super) most: Duration,
    /// While nobody in this process has one. Where many ask at once, most of the time is spent in a queue: one who can do
    /// without a store that is down is not to take a queue for that.
    pub(super) silence: Duration,
}

impl Patience {
    /// So long for this answer, whatever others have.
    pub(super) const fn of(most: Duration) -> Self {
        Self {
            most,
            silence: most,
        }
    }
}

/// When the store has last answered anybody in this process.
pub(super) struct Heard {
    origin: Instant,
    /// In microseconds since then.
    last: AtomicU64,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
            last: AtomicU64::new(0),
        }
    }
}

impl Heard {
    fn note<T>(&self, answer: &Result<T, StoreError>) {
        // A refusal is an answer.
        if answer.as_ref().is_err_and(StoreError::is_retryable) {
            return;
        }
        let micros = self.origin.elapsed().as_micros();
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.last.fetch_max(micros, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.origin + Duration::from_micros(self.last.load(Ordering::Relaxed))
    }
}

impl Inner {
    /// The answer of the store, or the error that it did not come in time. All requests can be sent twice, so one that hangs
    /// is dropped, and may be sent again.
    pub(super) async fn within<T>(
        &self,
        patience: Patience,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let Patience { most, silence } = patience;
        let sent = Instant::now();
        let (last, mut until) = (sent + most, sent + silence);
        let (mut answer, mut n_polls) = (pin!(answer), 0_u64);
        let mut counted = poll_fn(|cx| {
            n_polls += 1;
            answer.as_mut().poll(cx)
        });
        loop {
            if let Ok(answer) = timeout_at(until, &mut counted).await {
                // What is there at once is from the memory of this process, and says nothing of a store that is elsewhere.
                if n_polls > 1 {
                    self.heard.note(&answer);
                }
                return answer;
            }
            until = last.min(self.heard.last() + silence);
            let now = Instant::now();
            if until <= now {
                let waited = if now < last { silence } else { most };
                return Err(StoreError::unavailable(format!(
                    "there was no answer within {waited:?}"
                )));
            }
        }
    }
}
