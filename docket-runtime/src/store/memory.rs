//! mem
/// Memory.
#[derive(Debug)]
pub struct MemoryStore;
