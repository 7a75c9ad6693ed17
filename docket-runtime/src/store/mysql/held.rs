//! [`Held`]: many claims as one parameter.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::ClaimRef;

/// Claims by their rows, in the order of their keys: statements that lock rows in one order don't lock each other out.
pub(super) struct Held<'a> {
    claims: Vec<&'a ClaimRef>,
}

impl<'a> Held<'a> {
    pub(super) fn new(claims: &'a [ClaimRef]) -> Self {
        let mut claims: Vec<_> = claims.iter().collect();
        claims.sort_unstable_by_key(|it| it.key.0);
        Self { claims }
    }

    pub(super) fn len(&self) -> u64 {
        self.claims.len() as u64
    }

    /// `[["key in hex", "claim in hex"], …]`
    pub(super) fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.claims.len() * 104 + 2);
        json.push('[');
        for (i, claim) in self.claims.iter().enumerate() {
            json.push_str(if i == 0 { "[\"" } else { ",[\"" });
            push_hex(&mut json, &claim.key.0);
            json.push_str("\",\"");
            push_hex(&mut json, claim.claim_id.as_bytes());
            json.push_str("\"]");
        }
        json.push(']');
        json
    }

    /// Those that are among `pairs` of a key and a claim.
    pub(super) fn among(&self, pairs: &[(&[u8], &[u8])]) -> Vec<ClaimRef> {
        let mut by_id: HashMap<_, _> = self
            .claims
            .iter()
            .map(|it| ((&it.key.0[..], &it.claim_id.as_bytes()[..]), **it))
            .collect();
        pairs.iter().filter_map(|it| by_id.remove(it)).collect()
    }
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // A `String` takes all that is written to it.
        let _ = write!(out, "{byte:02x}");
    }
}
