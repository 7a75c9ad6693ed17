//! A batch whose items are handed out as they finish.
//!
//! There is no aggregate, so no column and no rest: an item is there from when it is admitted until it is handed out, and
//! what it came to is never kept. Items are admitted while the consumer polls, and only into places that are free, so a
//! consumer that does not poll stops it all.

mod engine;
mod items;
mod one;
mod outbox;
mod output;

pub use engine::{Streaming, stream};
pub use items::{IntoItems, Iterated, IteratorItems, Streamed};
pub use one::{are_good, one, settled, together};
pub use outbox::Outbox;
pub use output::{IndexedItems, ItemStream};
