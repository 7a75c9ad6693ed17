//! What passes an item from the future of the batch to whoever polls it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;

/// Room for one item that is done. Both sides are polled by one task; the lock is never waited for.
pub struct Outbox<T>(Arc<Mutex<Option<Done<T>>>>);

/// An item that is done: its number, and what it came to.
pub(super) type Done<T> = (usize, Result<T, Error>);

impl<T> Outbox<T> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn put(&self, done: Done<T>) {
        *self.lock() = Some(done);
    }

    pub(super) fn take(&self) -> Option<Done<T>> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Done<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Outbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Values are not printed.
impl<T> fmt::Debug for Outbox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox(…)")
    }
}
