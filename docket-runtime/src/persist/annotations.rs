//! [`Annotations`]: what a step writes beside its result.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::settings::MAX_METADATA_BYTES;

/// The annotations of one run; a clone writes to the same.
#[derive(Clone, Default)]
pub struct Annotations(Arc<Mutex<Map<String, Value>>>);

impl Annotations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` to `value`. What Docket writes itself (`status`, `attempt`, `reconciled`, and `code`, `kind` and
    /// `error` of a failure) wins over an annotation of the same name.
    pub fn annotate(&self, key: &str, value: impl Into<Value>) {
        // Converted first: that is the step's code, and may annotate, too.
        let value = value.into();
        self.lock().insert(key.to_owned(), value);
    }

    /// Adds all of `others`, of another run.
    pub(crate) fn extend(&self, others: &Self) {
        let others = others.lock().clone();
        self.lock().extend(others);
    }

    /// The metadata of a record: the annotations as they are now, under `own`. Where they are too large, the largest are
    /// left out until the rest fits: neither are they worth the loss of a record, nor is a record cut in the middle.
    pub(super) fn to_metadata(&self, own: Map<String, Value>) -> Metadata {
        let mut metadata = self.lock().clone();
        // The store writes it, and holds it equal to the row's status.
        metadata.remove("status");
        for key in own.keys() {
            metadata.remove(key);
        }
        let dropped = drop_largest(&mut metadata);
        metadata.extend(own);
        if dropped > 0 {
            metadata.insert("annotations_dropped".into(), dropped.into());
        }
        Metadata {
            json: Value::Object(metadata).to_string().into(),
            dropped,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Map<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is written of the annotations.
pub(super) struct Metadata {
    /// A JSON object.
    pub(super) json: Arc<str>,
    /// How many are left out.
    pub(super) dropped: u64,
}

fn drop_largest(annotations: &mut Map<String, Value>) -> u64 {
    let len = |(key, value): (&String, &Value)| key.len() + value.to_string().len();
    let mut total: usize = annotations.iter().map(len).sum();
    let mut dropped = 0;
    while total > MAX_METADATA_BYTES {
        let largest = annotations.iter().max_by_key(|it| len(*it));
        let Some((key, len)) = largest.map(|it| (it.0.clone(), len(it))) else {
            break;
        };
        annotations.remove(&key);
        total -= len;
        dropped += 1;
    }
    dropped
}

/// Annotations may be anything, so only their names are printed.
impl fmt::Debug for Annotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}
