//! What a batch tells its items.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What is there for all items. Only the thread that polls the batch touches it.
#[derive(Debug, Default)]
pub struct Board {
    /// How often something came that items may have waited for.
    news: AtomicU64,
    /// The bits of the columns that are sealed.
    sealed: AtomicU64,
    /// Whether the item that was polled last waits for the calls of bulk steps, and for nothing else, or has no more to do.
    /// Before it is polled, it is as it was.
    asks: AtomicBool,
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

    pub(super) fn asks(&self) -> bool {
        self.asks.load(Ordering::Relaxed)
    }

    pub(super) fn set_asks(&self, asks: bool) {
        self.asks.store(asks, Ordering::Relaxed);
    }

    /// Whether what waits for the columns `waits` need wait no longer for them.
    pub(super) fn has(&self, waits: u64) -> bool {
        waits & !self.sealed() == 0
    }
}
