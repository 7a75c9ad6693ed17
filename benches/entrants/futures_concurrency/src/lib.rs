//! `futures-concurrency`.
#![recursion_limit = "256"]

docket_benches_common::entrants! { futures_concurrency, in_task, {
    pub use futures_concurrency::future::Join;
} }
