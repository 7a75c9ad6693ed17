//! [`Eye`]: who looks on while steps have their first turns, one after the other.

use super::Watch;
use super::begun::Begun;
use crate::error::Error;
use crate::observe::Origin;

/// Looks on at a straight pass. It is chosen once, in a type, so that nothing is asked at each step where nobody does.
pub trait Eye {
    /// The step at `node` starts. `is_called` if its driver itself calls its code.
    fn starts(&mut self, node: usize, is_called: bool);

    /// It has made its value.
    fn made(&mut self, origin: Origin);

    /// It has failed.
    fn failed(&mut self, error: &Error);
}

/// Nobody looks.
#[derive(Debug)]
pub struct Blind;

impl Eye for Blind {
    #[inline(always)]
    fn starts(&mut self, _node: usize, _is_called: bool) {}

    #[inline(always)]
    fn made(&mut self, _origin: Origin) {}

    #[inline(always)]
    fn failed(&mut self, _error: &Error) {}
}

/// Tells those who want to know of steps. The end of one is the start of the next, so the clock is read once for each.
pub struct Seeing<'w>(Begun<'w>);

impl<'w> Seeing<'w> {
    pub(crate) fn new(watch: &'w Watch) -> Self {
        Self(Begun::none(watch))
    }
}

impl Eye for Seeing<'_> {
    #[inline]
    fn starts(&mut self, node: usize, is_called: bool) {
        self.0.start(node);
        if is_called {
            self.0.call();
        }
    }

    #[inline]
    fn made(&mut self, origin: Origin) {
        self.0.made(origin);
    }

    #[inline]
    fn failed(&mut self, error: &Error) {
        self.0.failed(error);
    }
}
