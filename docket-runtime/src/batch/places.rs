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
    /// How many ask.
    n_asking: usize,
    bells: Arc<Bells>,
}

struct Seat<F> {
    // Allocated when the place is first taken, and never again.
    future: Pin<Box<Option<F>>>,
    waker: Waker,
    item: usize,
    /// Whether the item waits for the calls of bulk steps, and for nothing else.
    asks: bool,
    /// Whether the gate behind those steps is in its way.
    is_held: bool,
}

impl<F: Future> Places<F> {
    pub(super) fn new(limit: usize, bells: Arc<Bells>) -> Self {
        Self {
            limit,
            places: Vec::new(),
            free: Vec::new(),
            n_asking: 0,
            bells,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.in_flight() == self.limit
    }

    pub(super) fn in_flight(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub(super) fn asking(&self) -> usize {
        self.n_asking
    }

    pub(super) fn asks(&self, place: usize) -> bool {
        self.places.get(place).is_some_and(|seat| seat.asks)
    }

    /// Notes whether the item at `place`, if there is one, asks, and whether it is held; says whether that is new.
    pub(super) fn note(&mut self, place: usize, asks: bool, is_held: bool) -> bool {
        let Some(seat) = (self.places.get_mut(place)).filter(|seat| seat.future.is_some()) else {
            return false;
        };
        self.n_asking = self.n_asking + usize::from(asks) - usize::from(seat.asks);
        seat.asks = asks;
        let was_held = std::mem::replace(&mut seat.is_held, is_held);
        is_held && !was_held
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
            asks: false,
            is_held: false,
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
            asks,
            is_held,
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
        self.n_asking -= usize::from(std::mem::take(asks));
        *is_held = false;
        self.free.push(place);
        Poll::Ready((*item, output))
    }
}
