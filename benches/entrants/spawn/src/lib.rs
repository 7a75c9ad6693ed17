//! By hand, with `tokio::spawn`.
#![recursion_limit = "256"]

docket_benches_common::entrants! { spawn, in_task, {

} }
