//! [`Observers`]: all who observe a graph.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Interest, Observer};

/// All who observe a graph. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct Observers {
    all: Option<Arc<dyn Observer>>,
    interest: Option<Interest>,
}

impl Observers {
    /// Adds one, unless it wants to know nothing.
    pub(crate) fn add(&mut self, observer: impl Observer) {
        let interest = interest(&observer);
        if !interest.is_some() {
            return;
        }
        self.all = Some(match self.all.take() {
            None => Arc::new(observer),
            Some(before) => Arc::new((before, observer)),
        });
        self.interest = Some(self.interest().and(interest));
    }

    /// What they want to know, all together.
    pub(crate) fn interest(&self) -> Interest {
        self.interest.unwrap_or(Interest::NONE)
    }

    /// Tells them, if they want to know `what`. A panic is their own affair.
    #[inline]
    pub(crate) fn tell(&self, what: Interest, tell: impl FnOnce(&dyn Observer)) {
        if let Some(all) = &self.all
            && self.interest().has(what)
        {
            guarded(|| tell(&**all));
        }
    }
}

fn interest(observer: &impl Observer) -> Interest {
    catch_unwind(AssertUnwindSafe(|| observer.interest())).unwrap_or(Interest::ALL)
}

/// Calls an observer. Its panic ends with this call.
#[inline]
pub(super) fn guarded(call: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(call));
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observers").field(&self.interest()).finish()
    }
}
