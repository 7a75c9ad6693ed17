//! [`Coalescer`]: operations that come at the same time go out together, as one statement.
//!
//! One that finds nothing under way goes out at once, alone, inside its caller's future: it costs no task, no copy and no
//! wait. One that finds a statement under way queues up. If there is a lane left, it goes out as soon as those callers had
//! their turn that are ready at the same moment, together with theirs; otherwise when a statement returns, together with
//! all that has come since. So statements grow with the load by themselves, and there is no timer that would delay a lone
//! operation.
//!
//! What a caller may rely on:
//!
//! - He may be dropped at any moment. A lone operation is dropped with him; a batch runs in a task of its own, and his
//!   neighbours get their answers.
//! - Two operations on one key never share a batch, since a database refuses to change one row twice in one statement,
//!   and those on one key go out in the order of their coming.
//! - A batch is ordered by key. Where its statement locks rows in that order, two processes don't deadlock.
//! - When a batch is refused, its operations are sent one by one, so that one the store can't take does not sink the
//!   others. When the store did not answer, all of them are told so: each caller knows whether to send his again.
//! - A statement that has no answer within the patience of its coalescer is given up, so that a connection that is dead
//!   without saying so does not hold up its lane.
//!
//! A store has one coalescer for each kind of operation that it can send many of, and says how by [`Batch`].

mod error;
mod lane;
#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};
use std::slice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::StoreError;
use crate::key::CacheKey;
use lane::Lane;

/// How a store sends operations of one kind.
pub(super) trait Batch: Send + Sync + 'static {
    /// One move of one row. A clone should be cheap: one is made when the operation has to wait. It must be nothing whose
    /// drop calls the store.
    type Operation: Clone + Send + Sync + 'static;
    /// What the store says to it.
    type Answer: Send + 'static;

    /// The row.
    fn key(operation: &Self::Operation) -> &CacheKey;

    /// About how many bytes it adds to a statement or its answer, beside a few hundred that each does.
    fn size(&self, operation: &Self::Operation) -> usize;

    /// Sends `operations`, of which there is at least one, as one statement, and answers each in turn. Their keys are
    /// distinct and in order.
    fn send(
        &self,
        operations: &[Self::Operation],
    ) -> impl Future<Output = Result<Vec<Self::Answer>, StoreError>> + Send;
}

/// What bounds the statements of a [`Coalescer`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many may be under way at once.
    pub(super) lanes: usize,
    /// How many operations one may have.
    pub(super) operations: usize,
    /// How many bytes by [`Batch::size`], but for a single operation that has more.
    pub(super) bytes: usize,
    /// How long its answer may take; `None` where each command has a time of its own.
    pub(super) patience: Option<Duration>,
}

/// Sends the operations of one kind; see the documentation of this module.
pub(super) struct Coalescer<B: Batch>(Arc<Shared<B>>);

struct Shared<B: Batch> {
    batch: B,
    limits: Limits,
    state: Mutex<State<B>>,
}

struct State<B: Batch> {
    /// How many lanes are taken.
    n_taken: usize,
    queue: VecDeque<Waiting<B>>,
}

/// An operation that goes out with the next statement.
struct Waiting<B: Batch> {
    operation: B::Operation,
    caller: oneshot::Sender<Result<B::Answer, StoreError>>,
    /// Of the caller. A lane that was taken by another caller may come free outside of any.
    runtime: tokio::runtime::Handle,
}

impl<B: Batch> Coalescer<B> {
    pub(super) fn new(batch: B, limits: Limits) -> Self {
        Self(Arc::new(Shared {
            batch,
            limits,
            state: Mutex::new(State {
                n_taken: 0,
                queue: VecDeque::new(),
            }),
        }))
    }

    /// Sends `operation`, at once or with the next statement.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(super) async fn send(&self, operation: &B::Operation) -> Result<B::Answer, StoreError> {
        match self.enter(operation) {
            Entry::Lane(lane) => lane.send_one(slice::from_ref(operation)).await,
            Entry::Queue(answer) => answer.await.unwrap_or_else(|_| Err(given_up())),
        }
    }

    fn enter(&self, operation: &B::Operation) -> Entry<B> {
        let mut state = self.0.lock();
        if state.n_taken == 0 {
            state.n_taken = 1;
            return Entry::Lane(Lane::new(&self.0));
        }
        let runtime = tokio::runtime::Handle::current();
        let (caller, answer) = oneshot::channel();
        state.queue.push_back(Waiting {
            operation: operation.clone(),
            caller,
            runtime: runtime.clone(),
        });
        if state.n_taken < self.0.limits.lanes {
            state.n_taken += 1;
            drop(state);
            runtime.spawn(Lane::new(&self.0).run(Vec::new()));
        }
        Entry::Queue(answer)
    }
}

enum Entry<B: Batch> {
    Lane(Lane<B>),
    Queue(oneshot::Receiver<Result<B::Answer, StoreError>>),
}

impl<B: Batch> Shared<B> {
    fn lock(&self) -> MutexGuard<'_, State<B>> {
        // Nothing that panics is done under the lock but a caller's `clone`, before anything has changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next batch out of the queue: those that have waited longest, each with another key, in the order of
    /// their keys. Callers that have gone are passed over. Empty if nobody is waiting.
    fn next(&self, state: &mut State<B>) -> Vec<Waiting<B>> {
        let Self {
            batch: kind,
            limits,
            ..
        } = self;
        // Many operations on one key would otherwise be looked at over and over. One whose caller has gone is looked at once,
        // and is no reason to leave those behind it.
        let mut n_looks = 4 * limits.operations;
        let mut n_bytes = 0;
        let (mut keys, mut batch, mut later) = (HashSet::new(), Vec::new(), Vec::new());
        while batch.len() < limits.operations && n_looks > 0 {
            let Some(waiting) = state.queue.pop_front() else {
                break;
            };
            if waiting.caller.is_closed() {
                continue;
            }
            n_looks -= 1;
            let is_first = keys.insert(*B::key(&waiting.operation));
            n_bytes += kind.size(&waiting.operation);
            let fits = n_bytes <= limits.bytes || batch.is_empty();
            if is_first && fits {
                batch.push(waiting);
            } else {
                later.push(waiting);
                if !fits {
                    break;
                }
            }
        }
        for waiting in later.into_iter().rev() {
            state.queue.push_front(waiting);
        }
        batch.sort_unstable_by(|a, b| B::key(&a.operation).0.cmp(&B::key(&b.operation).0));
        batch
    }
}

/// The task of a batch was dropped with its runtime, or panicked.
fn given_up() -> StoreError {
    StoreError::unavailable("the statement was given up")
}
