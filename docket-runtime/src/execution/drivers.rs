//! The drivers of one execution, in place.

use std::fmt;
use std::mem::ManuallyDrop;

/// The drivers of one execution: `D` is a tuple of them, which is not moved after the first turn of one.
pub struct Drivers<D> {
    all: ManuallyDrop<D>,
    /// Whether a driver may hold something.
    may_hold: bool,
}

impl<D> Drivers<D> {
    /// Drivers that have not had a turn.
    #[inline(always)]
    pub fn new(all: D) -> Self {
        Self {
            all: ManuallyDrop::new(all),
            may_hold: true,
        }
    }

    /// The tuple. It is asked for once for many turns: reaching into it through this type costs the compiler of a large graph
    /// seconds.
    #[inline(always)]
    pub fn all(&mut self) -> &mut D {
        &mut self.all
    }

    /// Notes that all have ended in a straight pass, so that they need not be asked one by one when they are dropped.
    ///
    /// # Safety
    ///
    /// They have. Then each holds the future of an `async` block, or a `Called`, that has ended, which holds nothing, and no more. What is
    /// pinned may go without being dropped only where its drop does nothing.
    #[inline(always)]
    pub unsafe fn all_ended(&mut self) {
        self.may_hold = false;
    }

    /// Out of line, as it would be in the way where it does not happen.
    #[cold]
    #[inline(never)]
    fn drop_all(&mut self) {
        // SAFETY: `drop` alone calls this, and it is called once.
        unsafe { ManuallyDrop::drop(&mut self.all) };
    }
}

impl<D> Drop for Drivers<D> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.may_hold {
            self.drop_all();
        }
    }
}

impl<D> fmt::Debug for Drivers<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drivers")
            .field("may_hold", &self.may_hold)
            .finish_non_exhaustive()
    }
}
