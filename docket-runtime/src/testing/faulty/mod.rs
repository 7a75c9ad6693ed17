//! [`FaultyStore`]: a store that fails when it is told to.

mod plan;
mod store;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::{Durability, StoreError};
use plan::Plan;

/// Any store, and faults that are told beforehand: which operation, the how manieth of its kind, and what is wrong with it.
/// All else is done by the store inside. A clone is the same store.
///
/// ```
/// # use docket_runtime as docket;
/// use docket::store::MemoryStore;
/// use docket::testing::{Fault, FaultyStore, StoreOperation};
///
/// let store = FaultyStore::new(MemoryStore::new());
/// // The first result is recorded, but nobody hears of it.
/// store.inject(StoreOperation::Complete, 1, Fault::ReplyLost);
/// // let graph = Page::builder().store(store.clone()).build();
/// ```
///
/// What the runtime does about a fault is in the table of [`Repeat`](crate::Repeat): some operations are sent again, so
/// that a fault of one of them may not be seen from outside at all. [`log`](FaultyStore::log) has them all.
#[derive(Clone)]
pub struct FaultyStore<S> {
    inner: S,
    durability: Option<Durability>,
    plan: Arc<Mutex<Plan>>,
}

/// A method of [`Store`](crate::store::Store).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the method of its name")]
#[non_exhaustive]
pub enum StoreOperation {
    Claim,
    Preview,
    Complete,
    Fail,
    Renew,
    MarkLost,
    Release,
    Purge,
}

/// What is wrong with an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It does not arrive: nothing happens, and the error may be gone the next time.
    Unavailable,
    /// It is done, and the answer does not arrive.
    ReplyLost,
    /// It arrives, and the store refuses it, in these words.
    Refused(&'static str),
    /// It is done after so long.
    Delayed(Duration),
    /// It is done, and the answer takes so long.
    ReplyDelayed(Duration),
    /// It does not arrive, and there is never an answer. Whoever waits for it gives up by himself.
    Hangs,
}

impl<S> FaultyStore<S> {
    /// `store`, without a fault for the time being.
    pub fn new(store: S) -> Self {
        Self {
            inner: store,
            durability: None,
            plan: Arc::default(),
        }
    }

    /// It claims to be as durable as this, whatever it is: a store in memory, say, is then asked as one elsewhere is.
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = Some(durability);
        self
    }

    /// The `nth` `operation` from now on, from 1, has this fault.
    ///
    /// # Panics
    ///
    /// When `nth` is 0.
    #[track_caller]
    pub fn inject(&self, operation: StoreOperation, nth: usize, fault: Fault) {
        assert!(nth > 0, "operations are counted from 1");
        self.lock().inject(operation, nth, fault);
    }

    /// Each `operation` has this fault, until [`heal`](FaultyStore::heal). One that was told for a certain number comes
    /// first.
    pub fn inject_always(&self, operation: StoreOperation, fault: Fault) {
        self.lock().inject_always(operation, fault);
    }

    /// The store is down: no operation arrives, until [`heal`](FaultyStore::heal).
    pub fn down(&self) {
        for operation in StoreOperation::ALL {
            self.inject_always(operation, Fault::Unavailable);
        }
    }

    /// There are no faults any more.
    pub fn heal(&self) {
        self.lock().heal();
    }

    /// All operations so far, each with its step where it names one, and with what came of it:
    /// `claim score_credit: claimed`, `complete: reply lost`.
    pub fn log(&self) -> Vec<String> {
        self.lock().log.clone()
    }

    /// Gives the operations so far, and forgets them.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().log)
    }

    /// How many of `operation` there were.
    pub fn count(&self, operation: StoreOperation) -> usize {
        self.lock().count(operation)
    }

    /// The store inside.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, operation: StoreOperation, step: &str, what: &str) {
        let gap = if step.is_empty() { "" } else { " " };
        self.lock()
            .log
            .push(format!("{operation}{gap}{step}: {what}"));
    }

    /// Does `call`, or what its fault says.
    async fn operate<T>(
        &self,
        operation: StoreOperation,
        step: &str,
        call: impl Future<Output = Result<T, StoreError>>,
        tell: impl Fn(&T) -> String,
    ) -> Result<T, StoreError> {
        let fault = self.lock().next(operation);
        match &fault {
            Some(Fault::Unavailable) => {
                self.keep(operation, step, "unavailable");
                return Err(StoreError::unavailable("a fault of the test: unavailable"));
            }
            Some(Fault::Refused(words)) => {
                self.keep(operation, step, "refused");
                return Err(StoreError::refused(*words));
            }
            Some(Fault::Hangs) => {
                self.keep(operation, step, "hangs");
                return std::future::pending().await;
            }
            Some(Fault::Delayed(delay)) => tokio::time::sleep(*delay).await,
            Some(Fault::ReplyLost | Fault::ReplyDelayed(_)) | None => {}
        }
        let answer = call.await;
        match (&fault, &answer) {
            (Some(Fault::ReplyLost), _) => {
                self.keep(operation, step, "reply lost");
                return Err(StoreError::unavailable("a fault of the test: reply lost"));
            }
            (_, Ok(answer)) => self.keep(operation, step, &tell(answer)),
            (_, Err(error)) => self.keep(operation, step, &error.to_string()),
        }
        if let Some(Fault::ReplyDelayed(delay)) = fault {
            tokio::time::sleep(delay).await;
        }
        answer
    }
}

impl StoreOperation {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Claim,
        Self::Preview,
        Self::Complete,
        Self::Fail,
        Self::Renew,
        Self::MarkLost,
        Self::Release,
        Self::Purge,
    ];
}

impl fmt::Display for StoreOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Claim => "claim",
            Self::Preview => "preview",
            Self::Complete => "complete",
            Self::Fail => "fail",
            Self::Renew => "renew",
            Self::MarkLost => "mark_lost",
            Self::Release => "release",
            Self::Purge => "purge",
        })
    }
}

impl<S: fmt::Debug> fmt::Debug for FaultyStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
