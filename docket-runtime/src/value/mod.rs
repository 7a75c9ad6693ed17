//! Values that can be stored and made into keys.

pub mod json;
mod prost;
mod proven;

use std::fmt;

use crate::error::BoxError;

/// A type whose values can be stored, and can be part of a key.
///
/// It is there for every `prost::Message + Default`, and for serde types by `#[derive(docket::Value)]`.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` can't be stored",
    label = "this is part of a persisted step, so it must be storable",
    note = "for a serde type, add `#[derive(docket::Value)]` beside `serde::Serialize` and `serde::Deserialize`; put one of \
            another crate, as a `Vec<String>`, into a struct of your own",
    note = "or make it a protobuf message: every `prost::Message + Default` can be stored"
)]
pub trait Value: Sized + Send + Sync + 'static {
    /// Which encoding [`encode`](Value::encode) writes; kept beside the bytes, and bytes of another codec are not decoded.
    const CODEC: i16;

    /// The stored form.
    fn encode(&self) -> Result<Vec<u8>, ValueError>;

    /// The value of a stored form.
    fn decode(bytes: &[u8]) -> Result<Self, ValueError>;

    /// The form that keys are made of: equal values give equal bytes, in every process and release.
    fn canonical(&self) -> Result<Vec<u8>, ValueError>;

    /// A view of the value for queries, where it has one.
    fn to_json(&self) -> Option<String> {
        None
    }
}

/// `true`, of the [`CODEC`](Value::CODEC) of a type. What asks for it depends on the type being storable, and so has no
/// mistake of its own where it is not.
pub const fn is_codec(_codec: i16) -> bool {
    true
}

/// Why a value could not be encoded, decoded or made into a key.
pub struct ValueError {
    message: String,
    source: Option<BoxError>,
}

impl ValueError {
    /// An error that says this.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// The same, with its cause.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl std::error::Error for ValueError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, source } = self;
        f.debug_struct("ValueError")
            .field("message", message)
            .field("source", source)
            .finish()
    }
}
