//! Where the items of a stream come from: an iterator, or another stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

/// Where the items of a stream can come from: whatever is an [`IntoIterator`], such as a `Vec`, an array or a range, and
/// whatever is a [`Stream`](https://docs.rs/futures-core/0.3/futures_core/stream/trait.Stream.html), such as the rows of a
/// query or a channel.
///
/// An entry that returns an [`ItemStream`](crate::batch::ItemStream) takes its items as this. Items are asked for when there
/// is a place for them, and no sooner; so neither an iterator nor a stream need ever end.
///
/// `Kind` says which of the two it is. The compiler finds it out; it is there because one type could be both, and then it
/// would have to be said.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no source of `{T}`",
    label = "neither an iterator nor a stream of `{T}`",
    note = "items come from an `IntoIterator<Item = {T}>`, such as `Vec<{T}>`, or from a `Stream<Item = {T}>`"
)]
pub trait IntoItems<T, Kind> {
    /// The items.
    type Items: Stream<Item = T>;

    /// Its items.
    fn into_items(self) -> Self::Items;
}

/// The `Kind` of [`IntoItems`] that are [`IntoIterator`].
#[derive(Debug)]
pub enum Iterated {}

/// The `Kind` of [`IntoItems`] that are streams.
#[derive(Debug)]
pub enum Streamed {}

impl<I: IntoIterator> IntoItems<I::Item, Iterated> for I {
    type Items = IteratorItems<I::IntoIter>;

    fn into_items(self) -> Self::Items {
        IteratorItems {
            items: self.into_iter(),
        }
    }
}

impl<S: Stream> IntoItems<S::Item, Streamed> for S {
    type Items = S;

    fn into_items(self) -> S {
        self
    }
}

/// The items of an iterator, which are there whenever they are asked for.
#[derive(Debug)]
pub struct IteratorItems<I> {
    items: I,
}

// Nothing of it is pinned.
impl<I> Unpin for IteratorItems<I> {}

impl<I: Iterator> Stream for IteratorItems<I> {
    type Item = I::Item;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.items.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}
