//! What a step, a graph and an entry do when they run. Each test is named by its claim, and looks at the log of what ran.

mod batch;
mod cancellation;
mod concurrency;
mod configure;
mod context;
mod dataflow;
mod deadlines;
mod entries;
mod failures;
mod fallbacks;
mod faults;
mod full;
mod observers;
mod panics;
mod persist;
mod plan;
mod retries;
mod softness;
mod threads;
mod timeouts;
mod types;
