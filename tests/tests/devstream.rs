#[path = "batch/stream/mod.rs"]
mod stream;
