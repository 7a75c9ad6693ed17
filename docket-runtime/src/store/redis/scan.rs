//! Going through all rows, a batch at a time.

use std::collections::HashSet;

use ::redis::cmd;

use super::{Inner, StoreError};
use crate::key::CacheKey;
use crate::store::KeyPrefix;

/// How many keys of the database, anybody's, Redis looks at in one go.
const KEYS_PER_LOOK: u32 = 1000;

/// `SCAN` shows each row that is there from its beginning to its end. It may show one twice, while the table of keys grows;
/// those are passed over.
pub(super) struct Scan<'a> {
    inner: &'a Inner,
    pattern: String,
    /// Where Redis goes on; `None` at the end.
    cursor: Option<u64>,
    seen: HashSet<CacheKey>,
}

impl<'a> Scan<'a> {
    pub(super) fn of_all(inner: &'a Inner) -> Self {
        Self::of(inner, None)
    }

    /// Only of those whose key begins like `key`.
    pub(super) fn of(inner: &'a Inner, key: Option<&KeyPrefix>) -> Self {
        let digits = key.map(KeyPrefix::digits).unwrap_or_default();
        Self {
            inner,
            pattern: format!("{}{digits}*", inner.prefix.as_str()),
            cursor: Some(0),
            seen: HashSet::new(),
        }
    }

    /// The next batch, which may be empty; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<CacheKey>>, StoreError> {
        let Some(cursor) = self.cursor else {
            return Ok(None);
        };
        let mut scan = cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg(&self.pattern)
            .arg("COUNT")
            .arg(KEYS_PER_LOOK)
            .arg("TYPE")
            .arg("hash");
        let (cursor, names): (u64, Vec<Vec<u8>>) = self.inner.claims.query(&scan).await?;
        self.cursor = (cursor != 0).then_some(cursor);
        let keys = names.iter().filter_map(|it| self.inner.prefix.parse(it));
        Ok(Some(keys.filter(|it| self.seen.insert(*it)).collect()))
    }
}
