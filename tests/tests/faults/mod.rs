//! What is left when things break: processes killed, halted and aborted, servers killed, networks cut, on every store
//! that has a URL.
//!
//! The long forms, for minutes and hours rather than seconds, are programs:
//!
//! ```text
//! cargo build --release -p docket-tests --features servers --bins
//! tests/run with target/release/storm 200
//! tests/run with target/release/outage 60
//! ```
//!
//! Their figures are in `docs/faults.md`.

mod batches;
#[cfg(all(feature = "servers", target_os = "linux"))]
mod clocks;
mod crash_points;
#[cfg(unix)]
mod halts;
mod herds;
mod names;
#[cfg(feature = "servers")]
mod open_claims;
#[cfg(feature = "servers")]
mod outages;
#[cfg(feature = "servers")]
mod pools;
#[cfg(feature = "servers")]
mod replies;
mod shutdowns;
mod storms;
