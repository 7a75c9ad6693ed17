//! [`Observers`]: all who observe a graph.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Interest, Observer};

/// The names of the steps of a graph, by node number; that of an input is empty. It is a constant of the graph.
pub(crate) type Names = &'static [&'static str];

/// All who observe a graph, and the names of what they observe. A clone is the same.
#[derive(Clone)]
pub(crate) struct Observers {
    all: Option<Arc<dyn Observer>>,
    interest: Interest,
    names: Names,
}

impl Observers {
    /// What they want to know, all together.
    #[inline]
    pub(crate) fn interest(&self) -> Interest {
        self.interest
    }

    /// The names of the steps.
    #[inline]
    pub(crate) fn names(&self) -> Names {
        self.names
    }

    /// Tells them, if they want to know `what`. A panic is their own affair.
    #[inline]
    pub(crate) fn tell(&self, what: Interest, tell: impl FnOnce(&dyn Observer)) {
        if self.interest.has(what)
            && let Some(all) = &self.all
        {
            guarded(|| tell(&**all));
        }
    }
}

/// Those who will observe a graph that is being built.
#[derive(Default)]
pub(crate) struct ObserversBuilder {
    all: Option<Arc<dyn Observer>>,
    interest: Interest,
}

impl ObserversBuilder {
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
        self.interest = self.interest.and(interest);
    }

    /// They observe a graph whose steps have these `names`.
    pub(crate) fn build(self, names: Names) -> Observers {
        let Self { all, interest } = self;
        Observers {
            all,
            interest,
            names,
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
        f.debug_tuple("Observers").field(&self.interest).finish()
    }
}
