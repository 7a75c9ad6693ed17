//! [`StoreError`].

use std::borrow::Cow;
use std::fmt;

use crate::error::BoxError;

/// Why a store did not answer.
pub struct StoreError {
    pub(super) retryable: bool,
    pub(super) message: Cow<'static, str>,
    pub(super) source: Option<BoxError>,
}

impl StoreError {
    /// The store was not reached, or did not answer: the same request may be sent again.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self {
            retryable: true,
            message: "the store did not answer".into(),
            source: Some(source.into()),
        }
    }

    /// The store answered that it will not do this: sending it again is of no use.
    pub fn refused(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            retryable: false,
            message: message.into(),
            source: None,
        }
    }

    /// The same, with what the store said.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            retryable,
            message,
            source,
        } = self;
        f.debug_struct("StoreError")
            .field("message", message)
            .field("retryable", retryable)
            .field("source", source)
            .finish()
    }
}
