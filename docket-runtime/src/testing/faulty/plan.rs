//! Which operation has which fault.

use std::collections::HashMap;

use super::{Fault, StoreOperation};

#[derive(Default)]
pub(super) struct Plan {
    counts: HashMap<StoreOperation, usize>,
    /// By the number of the operation of its kind.
    once: HashMap<(StoreOperation, usize), Fault>,
    always: HashMap<StoreOperation, Fault>,
    pub(super) log: Vec<String>,
}

impl Plan {
    pub(super) fn inject(&mut self, operation: StoreOperation, nth: usize, fault: Fault) {
        let number = self.count(operation) + nth;
        self.once.insert((operation, number), fault);
    }

    pub(super) fn inject_always(&mut self, operation: StoreOperation, fault: Fault) {
        self.always.insert(operation, fault);
    }

    pub(super) fn heal(&mut self) {
        self.once.clear();
        self.always.clear();
    }

    pub(super) fn count(&self, operation: StoreOperation) -> usize {
        self.counts.get(&operation).copied().unwrap_or(0)
    }

    /// The fault of the operation that comes in now.
    pub(super) fn next(&mut self, operation: StoreOperation) -> Option<Fault> {
        let count = self.counts.entry(operation).or_insert(0);
        *count += 1;
        let once = self.once.remove(&(operation, *count));
        once.or_else(|| self.always.get(&operation).cloned())
    }
}
