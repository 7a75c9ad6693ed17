//! [`Undecided`]: an item of a step that persists, of which it is not known yet whether it will ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Desk;

/// The store is being asked about an item, which will answer soon: a round that is not full waits for that. Both sides of
/// the item's flight have a clone, and the first to know decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecided(Arc<AtomicBool>);

impl Undecided {
    /// Of one item more at `desk`.
    pub(super) fn new<K, T>(desk: &Desk<K, T>) -> Self {
        desk.lock().n_undecided += 1;
        Self::default()
    }

    /// It asks, or the store has its result, or another process is at it.
    pub(super) fn decide<K, T>(&self, desk: &Desk<K, T>) {
        if !self.0.swap(true, Ordering::Relaxed) {
            let mut state = desk.lock();
            state.n_undecided -= 1;
            state.nudge();
        }
    }
}
