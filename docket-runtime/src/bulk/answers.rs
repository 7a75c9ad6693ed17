//! What a bulk step takes and returns.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use crate::step::Failure;

/// What a bulk step is asked for: an item of its slice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be asked for in bulk",
    label = "not `Clone + Eq + Hash`",
    note = "equal items are asked for once, and each is copied into the slice of the call: `#[derive(Clone, PartialEq, Eq, Hash)]`"
)]
pub trait BulkItem {
    /// `true`. What asks for it depends on the type being such an item, and so has no mistake of its own where it is not.
    const IS_ITEM: bool = true;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Send + Sync + 'static> BulkItem for T {}

/// What a bulk step makes for one item.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be made in bulk",
    label = "not `Clone`",
    note = "equal items are asked for once, and each gets its own: `#[derive(Clone)]`, or `Arc<{Self}>`"
)]
pub trait BulkOutput {
    /// `true`, as in [`BulkItem`].
    const IS_OUTPUT: bool = true;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> BulkOutput for T {}

/// A [`BulkItem`], with what it has to be. The question is asked of the other, so that it is answered in one sentence.
pub trait Item: Clone + Eq + Hash + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Send + Sync + 'static> Item for T {}

/// What a bulk step that is asked for `In` returns, or has in its `Result`. `S` is the step, or a graph that has it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one output for each `{In}` that a bulk step is asked for",
    label = "neither a `Vec<T>` nor a `HashMap<{In}, T>`",
    note = "return `Vec<T>`, with one for each item in their order, or `HashMap<{In}, T>`; either may be in a `Result`"
)]
pub trait Answers<S, In> {
    /// What it makes for one item.
    type Item;
    /// `true`, as in [`BulkItem`].
    const ARE_ANSWERS: bool = true;

    /// For each item its own, in their order.
    ///
    /// # Errors
    ///
    /// Where there are not as many as items.
    fn for_each(self, items: &[In]) -> Result<Vec<Option<Self::Item>>, Failure>
    where
        In: Eq + Hash;
}

#[diagnostic::do_not_recommend]
impl<S, In, T> Answers<S, In> for Vec<T> {
    type Item = T;

    fn for_each(self, items: &[In]) -> Result<Vec<Option<T>>, Failure>
    where
        In: Eq + Hash,
    {
        let (asked, made) = (items.len(), self.len());
        if asked != made {
            let text = format!(
                "it was asked for {asked} {}, and returned {made}; a bulk step returns one for each item, in their order, or \
                 a `HashMap`",
                if asked == 1 { "item" } else { "items" },
            );
            return Err(Failure::new(text).retry_if(false));
        }
        Ok(self.into_iter().map(Some).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<S, In, T, H: BuildHasher> Answers<S, In> for HashMap<In, T, H> {
    type Item = T;

    fn for_each(mut self, items: &[In]) -> Result<Vec<Option<T>>, Failure>
    where
        In: Eq + Hash,
    {
        Ok(items.iter().map(|item| self.remove(item)).collect())
    }
}

/// What was made for the only item.
///
/// # Errors
///
/// Where nothing was.
pub fn one<T>(made: Vec<Option<T>>) -> Result<T, Failure> {
    let made = made.into_iter().next().flatten();
    made.ok_or_else(|| Failure::new(NOTHING).retry_if(false))
}

/// The error of an item whose key is not in the map.
pub(super) const NOTHING: &str = "it returned nothing for this item: its `HashMap` has no such key";
