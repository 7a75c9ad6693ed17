//! A batch: what is there once, the items in flight, and the columns between them.
//!
//! The frame of a batch is the frame of an execution, in which a node that is there for each item has a [`Column`] in place
//! of a slot. An item in flight has a frame of its own, and reads what is shared from that of the batch. The only barrier is
//! a step that reads a column whole. An item that can do nothing until such a step has run *rests*: it keeps its cells and
//! nothing else, and gives its place to another.

mod bells;
mod board;
mod column;
mod crew;
mod engine;
mod feed;
mod frame;
mod item;
#[cfg(all(test, docket_loom))]
mod models;
mod places;
mod progress;
mod rest;
mod seat;
mod send;
mod stream;
mod take;

pub use board::Board;
pub use column::{Column, Lent};
pub use engine::{Batch, run};
pub use feed::{Feed, Ticket};
pub use frame::{ItemHome, LocalItem, OwnedItem, SharedItem};
pub use item::{Items, Left, give, item, recall, settle};
pub use seat::{Room, Seat, Seated, Sit};
pub use stream::{
    IndexedItems, IntoItems, ItemStream, Iterated, IteratorItems, Outbox, Streamed, Streaming,
    are_good, one, settled, stream, together,
};
pub use take::{Sealing, adopt, seal, take_each, take_tried};
