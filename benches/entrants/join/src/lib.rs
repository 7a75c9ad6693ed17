//! By hand, with `tokio::join!`.
#![recursion_limit = "256"]

docket_benches_common::entrants! { join, in_task, {

} }
