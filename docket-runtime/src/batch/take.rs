//! The columns of a batch from outside: putting the items in, sealing, and taking out what was asked for.

use tokio::time::timeout_at;

use super::column::Column;
use crate::error::Error;
use crate::execution::{Frame, late};
use crate::graph::{Graph, Produces};

/// What came of trying to seal a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// It can't be sealed yet.
    Open,
    /// It is sealed.
    Sealed,
    /// It could be, if no task read it any more.
    Held,
}

/// Fills the column of `T` with the items.
pub fn adopt<G: Produces<T>, T: Send + Sync + 'static>(frame: &impl Frame<G>, items: Vec<T>) {
    if let Some(column) = Column::of(frame.slot_at(G::NODE).what()) {
        column.adopt(items);
    }
}

/// Seals the column of `T`, if all items have come to one. If some have come to none, the others move together, and for
/// that there must be no item in flight: `is_idle`.
///
/// # Safety
///
/// It is so if `is_idle`, and `frame` is that of the batch.
pub unsafe fn seal<G: Produces<T>, T: Send + Sync + 'static>(
    frame: &impl Frame<G>,
    is_idle: bool,
) -> Sealing {
    let Some(column) = Column::<T>::of(frame.slot_at(G::NODE).what()) else {
        return Sealing::Open;
    };
    if !column.is_complete() {
        return Sealing::Open;
    }
    if column.has_gaps() {
        if !is_idle {
            return Sealing::Open;
        }
        if frame.may_be_read(G::NODE) {
            return Sealing::Held;
        }
    }
    // SAFETY: what is lent of the column is in the frames of items. If it has gaps, there is no item in flight, which the
    // caller promises, and no task of one may read the column: each says so of what it reads.
    unsafe { column.seal() };
    Sealing::Sealed
}

/// Takes the `T` of each item.
///
/// # Errors
///
/// Where an item has none, and at the deadline.
///
/// # Safety
///
/// `frame` is that of the batch, and all its items are gone.
pub async unsafe fn take_each<G: Produces<T>, T: Send + Sync + 'static>(
    frame: &mut impl Frame<G>,
) -> Result<Vec<T>, Error> {
    // SAFETY: the caller promises it.
    let (values, failed) = unsafe { taken(frame).await? };
    match failed.into_values().next() {
        Some(error) => Err(error),
        None => Ok(values),
    }
}

/// Takes the `T` of each item, or why there is none.
///
/// # Errors
///
/// At the deadline.
///
/// # Safety
///
/// As of [`take_each`].
pub async unsafe fn take_tried<G: Produces<T>, T: Send + Sync + 'static>(
    frame: &mut impl Frame<G>,
) -> Result<Vec<Result<T, Error>>, Error> {
    // SAFETY: the caller promises it.
    let (values, mut failed) = unsafe { taken(frame).await? };
    let n = values.len() + failed.len();
    let mut values = values.into_iter();
    let tried = (0..n).filter_map(|item| match failed.remove(&item) {
        Some(error) => Some(Err(error)),
        None => values.next().map(Ok),
    });
    Ok(tried.collect())
}

type Taken<T> = (Vec<T>, std::collections::BTreeMap<usize, Error>);

/// # Safety
///
/// As of [`take_each`].
async unsafe fn taken<G: Graph + Produces<T>, T: Send + Sync + 'static>(
    frame: &mut impl Frame<G>,
) -> Result<Taken<T>, Error> {
    let unread = frame.unread(G::NODE);
    match frame.run().deadline() {
        None => unread.await,
        // A `blocking` function that reads it may run on past its timeout.
        Some(deadline) => {
            if timeout_at(deadline, unread).await.is_err() {
                return Err(late(frame.run()));
            }
        }
    }
    let column =
        Column::<T>::of(frame.slot_at(G::NODE).what()).expect("a batch keeps what it returns");
    // SAFETY: no item is left, which the caller promises; no step of the frame is, since it is borrowed mutably; and no task
    // may read the column.
    Ok(unsafe { column.take() })
}
