//! dagx.
#![recursion_limit = "256"]

docket_benches_common::entrants! { dagx, in_task, {
    pub use dagx::Task;
} }
