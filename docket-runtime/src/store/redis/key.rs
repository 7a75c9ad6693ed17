//! The names of keys: a prefix, and a [`CacheKey`] in hexadecimal digits.

use super::StoreError;
use crate::key::CacheKey;

/// What the names of all keys of a store begin with. A prefix can't hold what means something in a pattern of `SCAN`, nor
/// the braces of a hash tag, nor what needs quotes in a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefix(String);

impl Prefix {
    pub(super) fn new(text: &str) -> Result<Self, StoreError> {
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"_-.:/".contains(&it);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(is_plain) {
            return Err(StoreError::refused(format!(
                "{text:?} can't be a prefix of keys: 1 to 128 of `A-Za-z0-9_-.:/`"
            )));
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a row.
    pub(super) fn name(&self, key: &CacheKey) -> String {
        let mut name = String::with_capacity(self.0.len() + 64);
        name.push_str(&self.0);
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        for byte in key.0 {
            name.push(DIGITS[usize::from(byte >> 4)].into());
            name.push(DIGITS[usize::from(byte & 15)].into());
        }
        name
    }

    /// The row of that name; `None` if it is none of ours. Since all keys are of one length, a store whose prefix begins
    /// with ours has no name that could be one of ours.
    pub(super) fn parse(&self, name: &[u8]) -> Option<CacheKey> {
        let digits = name.strip_prefix(self.0.as_bytes())?;
        let is_ours =
            digits.len() == 64 && digits.iter().all(|it| b"0123456789abcdef".contains(it));
        if !is_ours {
            return None;
        }
        let digit = |it: u8| (it as char).to_digit(16).unwrap_or_default() as u8;
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0]) << 4 | digit(pair[1]);
        }
        Some(CacheKey(key))
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("docket:".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_prefixes_are_taken() {
        for good in ["docket:", "a", "app/orders-2.steps_", &"a".repeat(128)] {
            assert_eq!(Prefix::new(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(129);
        let bad = [
            "", "{a}", "}", "a b", "a*", "a?", "[a]", "a\\", "a\n", "a\0", "ä", "a'", "a\"", "$a",
            &long,
        ];
        for bad in bad {
            let error = Prefix::new(bad).unwrap_err();
            assert!(!error.is_retryable(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_of_one_row_of_one_store() {
        let ours = Prefix::new("docket:").unwrap();
        let theirs = Prefix::new("docket:a").unwrap();
        let key = CacheKey(std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(ours.parse(ours.name(&key).as_bytes()), Some(key));
        assert_eq!(ours.parse(theirs.name(&key).as_bytes()), None);
        assert_eq!(theirs.parse(ours.name(&key).as_bytes()), None);
        for other in ["docket:", "docket:0", &ours.name(&key).to_uppercase()] {
            assert_eq!(ours.parse(other.as_bytes()), None, "{other:?}");
        }
    }
}
