//! One binary for all integration tests of the runtime's ground: values, keys and stores.

mod json;
mod keys;
#[cfg(feature = "sqlite")]
mod kills;
mod memory;
mod prost;
#[cfg(feature = "sqlite")]
mod sqlite;
