//! What a slot is filled with: a value of this execution alone, or one that others hold too.

use std::fmt;
use std::sync::Arc;

use crate::batch::Lent;
use crate::error::{Error, ErrorKind};
use crate::store::Stored;
use crate::value::Value;

/// The value of a step.
pub enum Filled<T> {
    /// Made in this execution, for it alone.
    Own(T),
    /// Shared with other executions, or with a store in memory.
    Shared(Box<SharedValue<T>>),
    /// Kept in a column of the batch that this execution is an item of.
    Lent(Lent<T>),
}

/// A value that others may hold too, and the way to one of our own.
pub struct SharedValue<T> {
    value: Arc<T>,
    stored: Stored,
    decode: fn(&Stored) -> Result<T, Error>,
}

impl<T> Filled<T> {
    /// A value as it came through the store.
    pub(crate) fn shared(value: Arc<T>, stored: Stored) -> Self
    where
        T: Value,
    {
        Self::Shared(Box::new(SharedValue {
            value,
            stored,
            decode: decode::<T>,
        }))
    }

    /// The value itself; where others hold it too, a second one from its stored form.
    ///
    /// # Errors
    ///
    /// Where the stored form can't be decoded.
    #[inline(always)]
    pub fn into_value(self) -> Result<T, Error> {
        match self {
            Self::Own(value) => Ok(value),
            Self::Shared(shared) => shared.into_value(),
            Self::Lent(_) => unreachable!("a column gives its values out itself"),
        }
    }
}

impl<T> SharedValue<T> {
    #[cold]
    fn into_value(self) -> Result<T, Error> {
        let Self {
            value,
            stored,
            decode,
        } = self;
        Arc::try_unwrap(value).or_else(|_| decode(&stored))
    }

    pub(crate) fn value(&self) -> &T {
        &self.value
    }
}

fn decode<T: Value>(stored: &Stored) -> Result<T, Error> {
    let bytes = stored
        .bytes
        .as_deref()
        .ok_or_else(|| Error::new(ErrorKind::Encoding))?;
    T::decode(bytes).map_err(|error| Error::new(ErrorKind::Encoding).with_source(error))
}

/// Values are not printed.
impl<T> fmt::Debug for Filled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "Own(…)",
            Self::Shared(_) => "Shared(…)",
            Self::Lent(_) => "Lent(…)",
        })
    }
}

impl<T> fmt::Debug for SharedValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedValue")
            .field("stored", &self.stored)
            .finish_non_exhaustive()
    }
}
