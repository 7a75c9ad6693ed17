//! [`Handles`]: the handles of metrics, which are slow to ask for and quick to use.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::names;

/// Handles of one kind, by two labels.
pub(super) struct Handles<H>(RwLock<Book<H>>);

struct Book<H> {
    /// Whose handles they are: a recorder may be installed late, or for one thread only.
    recorder: usize,
    handles: HashMap<[&'static str; 2], H>,
}

impl<H> Handles<H> {
    /// Uses the handle for `labels`, which `make` makes where there is none yet.
    pub(super) fn with(
        &self,
        labels: [&'static str; 2],
        make: impl FnOnce() -> H,
        act: impl FnOnce(&H),
    ) {
        let recorder = metrics::with_recorder(|it| std::ptr::from_ref(it).cast::<()>().addr());
        let book = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if book.recorder == recorder
            && let Some(handle) = book.handles.get(&labels)
        {
            return act(handle);
        }
        drop(book);
        let handle = make();
        act(&handle);
        let mut book = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if book.recorder != recorder {
            names::describe();
            *book = Book {
                recorder,
                handles: HashMap::new(),
            };
        }
        book.handles.insert(labels, handle);
    }
}

impl<H> Default for Handles<H> {
    fn default() -> Self {
        Self(RwLock::new(Book {
            recorder: 0,
            handles: HashMap::new(),
        }))
    }
}
