//! Keys: what tells one call of a persisted step from another.

use std::fmt;

/// The primary key of a row: SHA-256 over an injective framing of all that makes the identity of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey(pub [u8; 32]);

/// SHA-256 over the canonical bytes of all inputs of a step.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InputHash(pub [u8; 32]);

/// Eight digits are enough to tell rows apart in a log, and too few to be of use to others.
impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}…")
    }
}

impl fmt::Debug for InputHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CacheKey(self.0).fmt(f)
    }
}
