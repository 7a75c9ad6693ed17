//! t
/// Table.
#[derive(Debug)]
pub struct TableName;
