//! operese-dagx.
#![recursion_limit = "256"]

docket_benches_common::entrants! { operese, in_task, {
    pub use operese_dagx::Task;
} }
