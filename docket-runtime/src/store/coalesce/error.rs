//! One error for many callers.

use std::fmt;
use std::sync::Arc;

use super::StoreError;
use crate::error::BoxError;

/// As many errors as are asked for, each with the words of `error` and the same cause.
pub(super) fn copies(error: StoreError) -> impl Iterator<Item = StoreError> {
    let StoreError {
        retryable,
        message,
        source,
    } = error;
    let source = source.map(Arc::new);
    std::iter::repeat_with(move || StoreError {
        retryable,
        message: message.clone(),
        source: source.clone().map(|it| Cause(it).into()),
    })
}

/// A cause that is shared. It shows as what it is.
struct Cause(Arc<BoxError>);

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
