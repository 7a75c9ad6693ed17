//! The places in flight: a bounded number of futures, each in memory that is used again for the next.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::bells::Bells;

/// The items in flight.
pub(super) struct Places<F> {
    limit: usize,
    places: Vec<Seat<F>>,
    free: Vec<usize>,
    bells: Arc<Bells>,
}

struct Seat<F> {
    // Allocated when the place is first taken, and never again.
    future: Pin<Box<Option<F>>>,
    waker: Waker,
    item: usize,
}

impl<F: Future> Places<F> {
    pub(super) fn new(limit: usize, bells: Arc<Bells>) -> Self {
        Self {
            limit,
            places: Vec::new(),
            free: Vec::new(),
            bells,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.in_flight() == self.limit
    }

    pub(super) fn in_flight(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// How many words hold a bit for each place that was ever taken.
    pub(super) fn words(&self) -> usize {
        self.places.len().div_ceil(64)
    }

    /// Takes a place, of which there is one.
    #[inline]
    pub(super) fn enter(&mut self, item: usize, future: F) -> usize {
        let place = self.free.pop().unwrap_or_else(|| self.add());
        let seat = &mut self.places[place];
        seat.item = item;
        seat.future.set(Some(future));
        place
    }

    fn add(&mut self) -> usize {
        let place = self.places.len();
        self.places.push(Seat {
            future: Box::pin(None),
            waker: self.bells.bell(place),
            item: 0,
        });
        place
    }

    /// Polls the item at `place`, if there is one. When it is ready, it is gone, and its place is free.
    #[inline]
    pub(super) fn poll(&mut self, place: usize) -> Poll<(usize, F::Output)> {
        let Some(Seat {
            future,
            waker,
            item,
        }) = self.places.get_mut(place)
        else {
            return Poll::Pending;
        };
        let Some(running) = future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let Poll::Ready(output) = running.poll(&mut Context::from_waker(waker)) else {
            return Poll::Pending;
        };
        future.set(None);
        self.free.push(place);
        Poll::Ready((*item, output))
    }
}
