//! Whether a step can start.

use super::SlotRef;
use crate::error::Error;

/// Whether the inputs of a step are there.
#[derive(Debug)]
pub enum Readiness {
    /// They are.
    Ready,
    /// At least one is not.
    Waiting,
    /// One that it can't do without never will be.
    Failed(Error),
}

impl Readiness {
    /// What a hard need of `slot` says.
    #[inline]
    pub fn of<T>(slot: SlotRef<'_, T>) -> Self {
        match slot.get() {
            Some(Ok(_)) => Self::Ready,
            None => Self::Waiting,
            Some(Err(error)) => Self::Failed(error.clone()),
        }
    }

    /// What a soft need of `slot` says.
    #[inline]
    pub fn of_soft<T>(slot: SlotRef<'_, T>) -> Self {
        match slot.get() {
            Some(Ok(_)) => Self::Ready,
            None => Self::Waiting,
            // What nobody knows is not what can be done without.
            Some(Err(error)) if error.is_not_run() => Self::Failed(error.clone()),
            Some(Err(_)) => Self::Ready,
        }
    }

    /// Both: a failure counts at once, though others still run.
    #[inline]
    pub fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Ready => other(),
            Self::Failed(error) => Self::Failed(error),
            Self::Waiting => match other() {
                Self::Failed(error) => Self::Failed(error),
                _ => Self::Waiting,
            },
        }
    }
}
