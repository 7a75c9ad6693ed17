//! What is known of the steps of an entry before it runs.

use super::{CrowdOf, WordOf};

/// The steps that an entry runs.
#[derive(Debug)]
pub struct Steps {
    /// Each after all that it needs.
    pub order: &'static [usize],
    /// For each, from where to where in that order those are that read what it makes.
    pub readers: &'static [(u32, u32)],
    /// For each, the number of a word, and in it bits of steps that it needs: as long as one of them has not ended, it waits.
    /// A few more may be missing, in words before that.
    pub needs: &'static [(u32, u64)],
    /// From where to where in it those are that read of none.
    pub roots: (u32, u32),
    /// By node, whether its failure is the failure of the entry.
    pub hard: &'static [bool],
    /// Whether the list of steps follows that order.
    pub in_order: bool,
}

/// An entry, as a type: so the compiler knows of its steps wherever they are looked up.
pub trait Entry {
    /// The steps that it runs.
    const STEPS: &'static Steps;
    /// Of how many bytes the words are that hold a bit for each of them: a [`Word`](super::Word).
    type Word: WordOf;
    /// Whether so many may be in flight at once that each has a waker of its own: a [`Crowd`](super::Crowd).
    type Crowd: CrowdOf;
}
