//! What an entry does with items: `[T]` in its signature.

mod aggregates;
mod bulk;
mod bulk_failures;
mod bulk_persisted;
mod endings;
mod failures;
mod forms;
mod keys;
mod limits;
mod persisted;
mod progress;
mod stages;
mod stale;
mod stream;
