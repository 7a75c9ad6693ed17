//! async_dag.
#![recursion_limit = "256"]

docket_benches_common::entrants! { async_dag, in_place, {

} }
