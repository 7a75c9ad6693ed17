//! What has a handle of its own, counted through.

use super::super::{ExecutionOutcome, Operation, StepOutcome, StoreAnswer};

impl ExecutionOutcome<'_> {
    /// How many there are.
    pub(super) const N: usize = 3;

    /// Which of them it is.
    pub(super) const fn index(&self) -> usize {
        match self {
            Self::Resolved => 0,
            Self::Failed(_) => 1,
            Self::Dropped => 2,
        }
    }
}

impl StepOutcome<'_> {
    /// How many there are, those with a value by its origin.
    pub(super) const N: usize = 12;

    /// Which of them it is.
    pub(super) const fn index(&self) -> usize {
        match self {
            Self::Failed(_) => 0,
            Self::Softened(_) => 1,
            Self::Skipped(_) => 2,
            Self::Dropped => 3,
            Self::Made(origin) => 4 + *origin as usize,
        }
    }
}

impl Operation {
    /// How many there are.
    pub(super) const N: usize = 5;

    /// Which of them it is.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

impl StoreAnswer<'_> {
    /// How many there are.
    pub(super) const N: usize = 10;

    /// Which of them it is.
    pub(super) const fn index(&self) -> usize {
        match self {
            Self::Hit => 0,
            Self::Stale => 1,
            Self::Claimed => 2,
            Self::Busy => 3,
            Self::Refused => 4,
            Self::Unknown => 5,
            Self::Drift => 6,
            Self::Fenced => 7,
            Self::Done => 8,
            Self::Error(_) => 9,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Origin;
    use super::*;

    #[test]
    fn the_last_of_each_has_the_last_place() {
        // `Origin` and `Operation` are counted by the compiler.
        assert_eq!(StepOutcome::Made(Origin::Given).index(), StepOutcome::N - 1);
        assert_eq!(Operation::MarkLost.index(), Operation::N - 1);
        assert_eq!(StoreAnswer::Done.index(), StoreAnswer::N - 2);
        assert_eq!(ExecutionOutcome::Dropped.index(), ExecutionOutcome::N - 1);
    }
}
