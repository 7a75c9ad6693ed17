//! What the tests share: a log of what ran, an observer that writes to it, and a way to poll by hand.

pub mod bundled;
pub mod faults;
pub mod herd;
mod log;
mod observer;
pub mod poll;
pub mod stores;

pub use log::{Guard, Log};
pub use observer::Tell;

use std::fmt;
use std::future::pending;
use std::time::Duration;

/// `n` milliseconds.
pub const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Defines types for the nodes of a graph, each around a number.
#[macro_export]
macro_rules! nodes {
    ($($name:ident),+ $(,)?) => {
        $(
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            #[allow(dead_code, missing_docs)]
            pub struct $name(pub u32);
        )+
    };
}

/// An error of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oops(pub &'static str);

impl fmt::Display for Oops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Oops {}

/// Waits for ever; the log says when it is dropped.
pub async fn hang(log: &Log, name: &str) -> ! {
    let _guard = log.guard(name);
    pending::<()>().await;
    unreachable!("nothing wakes it")
}
