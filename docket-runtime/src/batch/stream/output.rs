//! What an entry with a stream returns.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use super::outbox::{Done, Outbox};
use crate::error::Error;

/// The items of a batch as they finish: what an entry returns of which the graph says
/// `-> impl Stream<Item = docket::Result<T>>`.
///
/// It is a [`Stream`](https://docs.rs/futures-core/0.3/futures_core/stream/trait.Stream.html) of `docket::Result<T>`, in the
/// order in which the items finish. One that fails is an `Err`, and the stream goes on. Which item an error is of, it says
/// itself: [`Error::item`]. For the others there is [`indexed`](ItemStream::indexed).
///
/// What ends it early ends it for good: `docket::abort`, the failure of a step that all items need, the deadline. Then its
/// last item is that error. Items in flight are dropped.
///
/// Nothing happens before it is polled for the first time, and that is when the time of the execution begins. It works while
/// it is polled, and holds at most `max_concurrency` items: those in flight, and those that are done and not fetched yet. So
/// a consumer that takes its time slows down all that is before it, up to where the items come from. Only steps with
/// `spawn`, `blocking` and `persist` go on by themselves.
///
/// Dropping it cancels what is in flight, as dropping the future of an entry does. A persisted step that has started runs to
/// its end and is recorded.
#[must_use = "streams do nothing unless polled"]
pub struct ItemStream<T> {
    /// `None` when it has ended.
    batch: Option<Batch>,
    outbox: Outbox<T>,
    /// What it ended with.
    last: Option<Error>,
}

type Batch = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

impl<T> ItemStream<T> {
    /// What `batch` puts into its outbox.
    #[doc(hidden)]
    pub fn new<F>(batch: impl FnOnce(Outbox<T>) -> F) -> Self
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let outbox = Outbox::new();
        Self {
            batch: Some(Box::pin(batch(outbox.clone()))),
            outbox,
            last: None,
        }
    }

    /// The next item that finishes, or `None` after the last. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The same with the number of each item, which is its place among those that went in, from 0. Of an error,
    /// [`Error::item`] says it.
    pub fn indexed(self) -> IndexedItems<T> {
        IndexedItems { items: self }
    }

    /// The next item with its number, or the error that ended all.
    fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Done<T>, Error>>> {
        if let Some(batch) = &mut self.batch
            && let Poll::Ready(ended) = batch.as_mut().poll(cx)
        {
            // What it held goes before the consumer learns of the end.
            self.batch = None;
            self.last = ended.err();
        }
        if let Some(done) = self.outbox.take() {
            return Poll::Ready(Some(Ok(done)));
        }
        match &self.batch {
            Some(_) => Poll::Pending,
            None => Poll::Ready(self.last.take().map(Err)),
        }
    }

    fn has_ended(&self) -> bool {
        self.batch.is_none() && self.last.is_none()
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let done = self.poll_done(cx);
        done.map(|done| done.map(|done| done.and_then(|(_, made)| made)))
    }
}

impl<T> FusedStream for ItemStream<T> {
    fn is_terminated(&self) -> bool {
        self.has_ended()
    }
}

// Nothing of it is pinned.
impl<T> Unpin for ItemStream<T> {}

impl<T> fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemStream")
            .field("has_ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}

/// The items of an [`ItemStream`] with their numbers: a stream of `docket::Result<(usize, T)>`.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct IndexedItems<T> {
    items: ItemStream<T>,
}

impl<T> IndexedItems<T> {
    /// The next item that finishes and its number, or `None` after the last. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Result<(usize, T), Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T> Stream for IndexedItems<T> {
    type Item = Result<(usize, T), Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let done = self.items.poll_done(cx);
        done.map(|done| {
            done.map(|done| done.and_then(|(item, made)| made.map(|value| (item, value))))
        })
    }
}

impl<T> FusedStream for IndexedItems<T> {
    fn is_terminated(&self) -> bool {
        self.items.has_ended()
    }
}
