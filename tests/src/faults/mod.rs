//! Breaking things: workers that are killed, a provider that outlives them, and what is counted after.
//!
//! A *worker* (`src/bin/worker.rs`) is a process with a graph whose one step charges an order at the *provider*, which
//! lives in the test's own process and writes down every call. The store is any of those that have a URL. A run is
//! judged by three numbers: the calls that the provider saw, the effects that it had (it drops a call whose idempotency
//! key it has seen, as payment providers do), and the results that the store has.

pub mod batch;
pub mod charge;
pub mod crash;
#[cfg(unix)]
pub mod halts;
pub mod holder;
pub mod load;
#[cfg(feature = "servers")]
pub mod outages;
#[cfg(feature = "servers")]
pub mod pools;
pub mod provider;
pub mod proxy;
mod rows;
pub mod server;
pub mod stores;
pub mod storm;
