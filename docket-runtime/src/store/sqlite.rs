//! sq
/// Sqlite.
#[derive(Debug)]
pub struct SqliteStore;
