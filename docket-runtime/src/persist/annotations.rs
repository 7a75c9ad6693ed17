//! [`Annotations`]: what a step writes beside its result.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

/// The annotations of one run; a clone writes to the same.
#[derive(Clone, Default)]
pub struct Annotations(Arc<Mutex<Map<String, Value>>>);

impl Annotations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` to `value`. What Docket writes itself (`status`, `attempt`, and `code` and `kind` of a failure) wins
    /// over an annotation of the same name.
    pub fn annotate(&self, key: &str, value: impl Into<Value>) {
        // Converted first: that is the step's code, and may annotate, too.
        let value = value.into();
        self.lock().insert(key.to_owned(), value);
    }

    /// The metadata of a record: the annotations as they are now, under `own`.
    pub(super) fn to_metadata<const N: usize>(&self, own: [(&str, Value); N]) -> Arc<str> {
        let mut metadata = self.lock().clone();
        // The store writes it, and holds it equal to the row's status.
        metadata.remove("status");
        for (key, value) in own {
            metadata.insert(key.to_owned(), value);
        }
        Value::Object(metadata).to_string().into()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Map<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Annotations may be anything, so only their names are printed.
impl fmt::Debug for Annotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}
