//! What the SQL stores share.

#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(super) mod by_reading;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod by_size;
mod fields;
mod give_back;
mod held;
mod lender;
mod versions;

use super::StoreError;
use crate::key::CacheKey;

#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(super) use by_size::{BySize, padded};
pub(super) use fields::{Fields, SqlRow};
pub(super) use held::Held;
pub(super) use lender::Lender;

/// How often a row is looked at for one claim. Each further look means that somebody else has got something done with it.
pub(super) const MAX_LOOKS: u32 = 100;

/// After [`MAX_LOOKS`].
pub(super) fn changed_hands() -> StoreError {
    StoreError::unavailable("the row changed hands each time it was looked at")
}

/// The answers that `rows` are to `operations`, whose keys are in order: each at the place of its key, and `None` where no row
/// is of it.
pub(super) fn in_order<O, R, T>(
    rows: &[R],
    operations: &[O],
    key: impl Fn(&O) -> &CacheKey,
    read: impl Fn(&R) -> Result<([u8; 32], T), sqlx::Error>,
) -> Result<Vec<Option<T>>, StoreError> {
    let mut answers: Vec<Option<T>> = operations.iter().map(|_| None).collect();
    for row in rows {
        let (of, answer) = read(row).map_err(not_ours)?;
        if let Ok(at) = operations.binary_search_by(|it| key(it).0.cmp(&of)) {
            answers[at] = Some(answer);
        }
    }
    Ok(answers)
}

pub(super) fn not_ours(error: sqlx::Error) -> StoreError {
    StoreError::refused("a row of the table is not as Docket writes it").with_source(error)
}
