//! [`ExecutionId`]: an execution id that outlives its caller.

use std::sync::Arc;

/// An execution id that outlives its caller. Up to [`INLINE_BYTES`] it is kept in place, so that asking for the context
/// does not allocate; a UUID has 36.
#[derive(Clone)]
pub(crate) struct ExecutionId(Kept);

#[derive(Clone)]
enum Kept {
    /// The first `len` of the `bytes` are those of a whole string: `ExecutionId::new` alone makes one, and nothing changes it.
    Inline {
        len: u8,
        bytes: [u8; INLINE_BYTES],
    },
    Long(Arc<str>),
}

const INLINE_BYTES: usize = 38;

impl ExecutionId {
    pub(crate) fn new(id: &str) -> Self {
        let mut bytes = [0; INLINE_BYTES];
        Self(match bytes.get_mut(..id.len()) {
            Some(place) => {
                place.copy_from_slice(id.as_bytes());
                Kept::Inline {
                    len: id.len() as u8,
                    bytes,
                }
            }
            None => Kept::Long(id.into()),
        })
    }

    /// It is asked for with each event of an execution that is observed, where to check the bytes would be most of the work.
    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        match &self.0 {
            // SAFETY: they are those of a whole string, as the invariant of `Inline` says.
            Kept::Inline { len, bytes } => unsafe {
                std::str::from_utf8_unchecked(&bytes[..usize::from(*len)])
            },
            Kept::Long(id) => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_any_length_come_back() {
        for len in 0..80 {
            let id = "ü".repeat(len / 2) + &"x".repeat(len % 2);
            let kept = ExecutionId::new(&id);
            assert_eq!(kept.as_str(), id);
            assert_eq!(kept.clone().as_str(), id);
        }
    }
}
