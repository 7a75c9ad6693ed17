//! One binary for all integration tests of the runtime's ground: values, keys and stores.

mod json;
mod keys;
mod memory;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod prost;
#[cfg(feature = "redis")]
mod redis;
mod shop;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tiered;
