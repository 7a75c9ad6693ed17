//! `-> impl Stream<Item = docket::Result<T>>`: items as they finish.

mod backpressure;
mod bulk;
mod bulk_persisted;
mod endings;
mod failures;
mod forms;
mod tasks;
