//! What a step, a graph and an entry do when they run. Each test is named by its claim, and looks at the log of what ran.

mod dataflow;
mod failures;
mod softness;
mod panics;
mod retries;
mod timeouts;
mod fallbacks;
mod concurrency;
mod configure;
mod deadlines;
mod cancellation;
mod entries;
mod types;
mod threads;
mod context;
mod observers;
