//! A step with `bulk`: items of a batch that are asked for together.
//!
//! ```text
//! item ──ask──► desk ──── round (at most so many different items) ────► one call
//!   ▲                                                                     │
//!   └─────────────────── its own output, or the call's error ◄────────────┘
//! ```
//!
//! - A *desk* (`desk.rs`) is where the items of one batch ask for the output of one step. Equal items that wait, or are
//!   under way, are one question.
//! - A *round* is what one call asks for. It is sent when it is full, and otherwise when the batch can do nothing else:
//!   `batch/send.rs` decides that. No clock is asked.
//! - One of those who ask *leads* the round: it makes the call (`ask.rs`, `call.rs`), in its own future or task, and hands
//!   the outputs to the others. So a step that persists, whose asks come from tasks of their own, is asked to its end
//!   when the batch is gone. Who is dropped before its end leaves the lead to another.
//! - A *gate* (`gate.rs`) lets those that have their output go on no faster than the batch's limit allows.

mod answers;
mod ask;
mod call;
mod desk;
mod gate;
mod round;
mod undecided;

pub use answers::{Answers, BulkItem, BulkOutput, Item, one};
pub use ask::{BulkIn, ask, desk, persisted_bulk};
use desk::Desk;
pub use desk::{AnyDesk, Desks, Sending};
pub use gate::Gate;
