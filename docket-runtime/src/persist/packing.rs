//! Values on their way into a row and out of it. All that is the user's code runs behind a guard here: a panic in an
//! encoder after the effect must not lose the record of the effect.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::store::Stored;
use crate::value::{Value, ValueError};

/// A value and its stored form.
pub(super) struct Packed<T> {
    pub(super) value: Arc<T>,
    pub(super) stored: Stored,
    pub(super) json: Option<Arc<str>>,
}

/// The stored form of `value`, of `max_bytes` at most, and the value that a later hit will find there.
pub(super) fn pack<T: Value>(value: T, max_bytes: usize) -> Result<Packed<T>, Error> {
    let bytes = guarded(|| value.encode())?;
    if bytes.len() > max_bytes {
        return Err(Error::new(ErrorKind::Encoding).with_detail(format!(
            "the step ran, but its value takes {} bytes and at most {max_bytes} are stored, so the value is not kept; \
             return a reference to what is large, persist a smaller step, or raise `max_value_bytes`",
            bytes.len()
        )));
    }
    let value = Arc::new(guarded(|| T::decode(&bytes))?);
    let json = guarded(|| Ok(value.to_json()))?.map(Arc::from);
    let stored = Stored {
        bytes: Some(bytes.into()),
        codec: T::CODEC,
        shared: None,
        expires_in: None,
    };
    Ok(Packed {
        value,
        stored,
        json,
    })
}

/// The value of a row: shared where the store has it in memory, else decoded.
pub(crate) fn unpack<T: Value>(stored: &Stored) -> Result<Arc<T>, Error> {
    match stored.shared.clone().map(Arc::downcast::<T>) {
        Some(Ok(value)) => Ok(value),
        Some(Err(_)) | None => decode(stored).map(Arc::new),
    }
}

/// A value of the caller's own.
pub(super) fn decode<T: Value>(stored: &Stored) -> Result<T, Error> {
    let Some(bytes) = &stored.bytes else {
        return Err(Error::new(ErrorKind::Encoding).with_detail(
            "the step ran and was recorded without its value, which was too large, or could not be encoded and decoded \
             again; delete the row to have it run again",
        ));
    };
    if stored.codec != T::CODEC {
        return Err(Error::new(ErrorKind::Encoding).with_detail(format!(
            "its row was written with codec {} and is read with codec {}; raise the step's `version`",
            stored.codec,
            T::CODEC
        )));
    }
    guarded(|| T::decode(bytes))
}

fn guarded<R>(call: impl FnOnce() -> Result<R, ValueError>) -> Result<R, Error> {
    let panicked = |_| {
        Err(ValueError::new(
            "the code that encodes and decodes it panicked",
        ))
    };
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(panicked)
        .map_err(|error| Error::new(ErrorKind::Encoding).with_source(error))
}
