//! Docket.
#![recursion_limit = "256"]

docket_benches_common::entrants! { docket, in_task, {
    pub use docket::{graph, step};
} }
