//! What observers, `tracing` and `metrics` are told.
//!
//! A binary of its own, because it sets the subscriber and the recorder of the process.

mod dashboard;
mod events;
mod filters;
mod graph;
mod metrics;
mod spans;
mod tree;
