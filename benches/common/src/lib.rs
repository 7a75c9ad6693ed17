//! What all who are compared have in common: what their steps do and wait for, and how they are measured.

mod allocations;
mod entrant;
mod graphs;
pub mod wait;

pub use std::hint::black_box;

pub use allocations::Count;
pub use entrant::{Entrant, Mode, Once, Runtimes};
pub use graphs::{Seed, mix};
#[doc(hidden)]
pub use tokio;
