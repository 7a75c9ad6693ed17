//! What a batch tells its items.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is there for all items. Only the thread that polls the batch touches it.
#[derive(Debug, Default)]
pub struct Board {
    /// How often something came that items may have waited for.
    news: AtomicU64,
    /// The bits of the columns that are sealed.
    sealed: AtomicU64,
}

impl Board {
    /// With nothing on it.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn news(&self) -> u64 {
        self.news.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self) {
        self.news.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sealed(&self) -> u64 {
        self.sealed.load(Ordering::Relaxed)
    }

    pub(super) fn seal(&self, bits: u64) {
        self.sealed.fetch_or(bits, Ordering::Relaxed);
        self.tell();
    }

    /// Whether what waits for the columns `waits` need wait no longer for them.
    pub(super) fn has(&self, waits: u64) -> bool {
        waits & !self.sealed() == 0
    }
}
