//! `-> impl Stream<Item = docket::Result<T>>`: items as they finish.

mod backpressure;
mod endings;
mod failures;
mod forms;
mod tasks;
