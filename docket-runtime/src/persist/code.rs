//! [`Code`]: what a flight runs, and [`Reconciled`]: what is found out about what another has run.

use crate::error::BoxError;

use super::{Ended, Grant};

/// The code behind a persisted step.
///
/// Any `FnOnce(Grant)` that returns a future is one without a `reconcile`.
pub trait Code<T>: Send + Sync + 'static {
    /// Whether [`reconcile`](Code::reconcile) can find out anything.
    const RECONCILES: bool = false;

    /// Runs it.
    fn run(self, grant: Grant) -> impl Future<Output = Result<T, Ended>> + Send;

    /// Finds out what became of a run that was lost, without running it. An error is the reason why it is still unknown.
    fn reconcile(
        &self,
        grant: Grant,
    ) -> impl Future<Output = Result<Reconciled<T>, BoxError>> + Send {
        let _ = grant;
        async { Ok(Reconciled::StillUnknown) }
    }
}

impl<T, F, Fut> Code<T> for F
where
    F: FnOnce(Grant) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Ended>> + Send,
{
    fn run(self, grant: Grant) -> impl Future<Output = Result<T, Ended>> + Send {
        self(grant)
    }
}

/// What a `reconcile` function found out about a run of its step of which nobody knows how it ended.
///
/// ```
/// # use docket_runtime as docket;
/// use docket::{Reconciled, StepContext};
/// # struct Bank;
/// # #[derive(Debug)] struct Charge { id: u64 }
/// # #[derive(Debug)] struct Down;
/// # impl Bank { async fn find(&self, _key: &str) -> Result<Option<Charge>, Down> { Ok(None) } }
///
/// async fn find_charge(bank: &Bank, ctx: &StepContext) -> Reconciled<Charge> {
///     match bank.find(&ctx.idempotency_key()).await {
///         Ok(Some(charge)) => Reconciled::Applied(charge),
///         Ok(None) => Reconciled::NotApplied,
///         Err(Down) => Reconciled::StillUnknown,
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Reconciled<T> {
    /// The effect took place, and this is what the step would have returned. It is recorded, and the step does not run.
    Applied(T),
    /// The effect did not take place, and will not any more: the step runs, under the same idempotency key.
    ///
    /// "Will not any more" is the provider's part. A process that was lost may be merely slow, and its request may still
    /// be on its way; a provider that drops what it has seen under a key makes this answer safe.
    NotApplied,
    /// It could not be found out. The step stays in doubt, and the next call asks again.
    StillUnknown,
}
