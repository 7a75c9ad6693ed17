//! [`Held`]: the claims that a process holds, as one parameter, and those that it still holds by the answer.

use std::collections::HashMap;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
use std::fmt::Write as _;

use super::super::{ClaimRef, StoreError};
use super::not_ours;

/// Claims by their rows, in the order of their keys: statements that lock rows in one order don't lock each other out.
pub(in crate::store) struct Held<'a>(Vec<&'a ClaimRef>);

/// A key and a claim, as a row has them.
type Pair<'a> = (&'a [u8], &'a [u8]);

impl<'a> Held<'a> {
    pub(in crate::store) fn new(claims: &'a [ClaimRef]) -> Self {
        let mut claims: Vec<_> = claims.iter().collect();
        claims.sort_unstable_by_key(|it| it.key.0);
        Self(claims)
    }

    #[cfg(feature = "mysql")]
    pub(in crate::store) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    pub(in crate::store) fn pairs(&self) -> impl Iterator<Item = Pair<'a>> {
        self.0.iter().map(|it| pair(it))
    }

    /// `[["key in hex", "claim in hex"], …]`
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(in crate::store) fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.0.len() * 104 + 2);
        json.push('[');
        for (i, (key, claim_id)) in self.pairs().enumerate() {
            json.push_str(if i == 0 { "[\"" } else { ",[\"" });
            push_hex(&mut json, key);
            json.push_str("\",\"");
            push_hex(&mut json, claim_id);
            json.push_str("\"]");
        }
        json.push(']');
        json
    }

    /// Those that are among `pairs`.
    pub(in crate::store) fn among<'p>(
        &self,
        pairs: impl Iterator<Item = Result<Pair<'p>, sqlx::Error>>,
    ) -> Result<Vec<ClaimRef>, StoreError>
    where
        'a: 'p,
    {
        let mut by_pair: HashMap<Pair<'p>, ClaimRef> =
            self.0.iter().map(|it| (pair(it), **it)).collect();
        let mut held = Vec::with_capacity(by_pair.len());
        for pair in pairs {
            held.extend(by_pair.remove(&pair.map_err(not_ours)?));
        }
        Ok(held)
    }
}

fn pair(claim: &ClaimRef) -> Pair<'_> {
    (&claim.key.0, claim.claim_id.as_bytes())
}

#[cfg(any(feature = "mysql", feature = "sqlite"))]
fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // A `String` takes all that is written to it.
        let _ = write!(out, "{byte:02x}");
    }
}
