//! The command `docket` as its users run it: one session on each store.

mod graph;
#[cfg(feature = "mysql")]
mod mysql;
mod plans;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod secrets;
mod session;
mod sqlite;
mod tool;
