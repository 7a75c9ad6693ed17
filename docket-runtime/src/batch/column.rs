//! A column holds the values of one node for all items of a batch, side by side, so that a step can read them as a slice.
//!
//! This file holds the `unsafe` code of batches, but for places in `item.rs` and `take.rs` that rely on it, and for two in
//! `frame.rs` that take a value out of the slot of an item.
//!
//! Invariant: a cell is written once, by the thread that polls the batch, and from then on it is only read. Cells move, or
//! are taken out, only while nobody can read them: there is no slice, and whoever may read a [`Lent`] of them is gone.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::mem::{MaybeUninit, needs_drop, take};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::PoisonError;

use crate::error::Error;
#[cfg(docket_loom)]
use crate::sync::atomic::GetMut as _;
use crate::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard};

/// The values of one node for all items.
pub struct Column<T> {
    n: usize,
    n_settled: AtomicUsize,
    /// How many values there are, once they stand side by side; `OPEN` until then.
    sealed: AtomicUsize,
    /// The first value, from when `sealed` says how many there are.
    first: AtomicPtr<T>,
    book: Mutex<Book<T>>,
}

const OPEN: usize = usize::MAX;

struct Book<T> {
    /// Empty until the first value comes. It is never looked at as a slice, since cells of it are lent.
    cells: Vec<MaybeUninit<T>>,
    /// A bit for each item that has a value. Until the column is sealed it stands in the cell of the item's number, and
    /// then it follows those of the items before it.
    full: Box<[u64]>,
    failed: BTreeMap<usize, Error>,
    /// The items without a value in order, once the column is sealed.
    gaps: Vec<usize>,
}

/// A value in a column, for the slot of an item.
///
/// Whoever may read it must be gone before the column is, and before its cells move. It may itself be there for longer: in a
/// slot of an item of which a task still reads other slots. It is not looked at any more then, and nothing happens when it
/// is dropped.
pub struct Lent<T>(NonNull<T>);

// SAFETY: it gives a `&T`, and nothing else.
unsafe impl<T: Sync> Send for Lent<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Lent<T> {}

impl<T> Lent<T> {
    #[inline]
    pub(crate) fn as_ref(&self) -> &T {
        // SAFETY: the cell was full when it was lent, and does not change while somebody may read this.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Send + Sync + 'static> Column<T> {
    /// A column for `n` items.
    pub fn new(n: usize) -> Self {
        Self {
            n,
            n_settled: AtomicUsize::new(0),
            sealed: AtomicUsize::new(OPEN),
            first: AtomicPtr::new(ptr::null_mut()),
            book: Mutex::new(Book {
                cells: Vec::new(),
                full: vec![0; n.div_ceil(64)].into(),
                failed: BTreeMap::new(),
                gaps: Vec::new(),
            }),
        }
    }

    /// The column that a slot of whatever type is, if it is one.
    #[inline(always)]
    pub fn of(slot: &dyn Any) -> Option<&Self> {
        slot.downcast_ref()
    }

    /// Fills all cells at once, with the items themselves.
    pub(super) fn adopt(&self, values: Vec<T>) {
        let mut book = self.book();
        assert!(
            values.len() == self.n && book.cells.is_empty(),
            "items come once"
        );
        let mut values = std::mem::ManuallyDrop::new(values);
        let (start, capacity) = (values.as_mut_ptr(), values.capacity());
        // SAFETY: `MaybeUninit<T>` has the layout of `T`, and `values` is not dropped.
        book.cells = unsafe { Vec::from_raw_parts(start.cast(), self.n, capacity) };
        for (word, bits) in book.full.iter_mut().enumerate() {
            let left = self.n - word * 64;
            *bits = if left < 64 { (1 << left) - 1 } else { u64::MAX };
        }
        self.n_settled.store(self.n, Ordering::Release);
    }

    /// Writes the value of `item`.
    pub(super) fn put(&self, item: usize, value: T) -> Lent<T> {
        let mut book = self.book();
        self.begin(&book, item);
        if book.cells.is_empty() {
            let mut cells = Vec::with_capacity(self.n);
            // SAFETY: a cell may be uninitialised, and there is room for so many.
            unsafe { cells.set_len(self.n) };
            book.cells = cells;
        }
        // SAFETY: `item` is below `n`, which is the number of cells.
        let cell = unsafe { book.cells.as_mut_ptr().add(item) };
        // SAFETY: as above; `begin` saw that the cell is empty, so that nobody reads it.
        unsafe { (*cell).write(value) };
        book.full[item / 64] |= 1 << (item % 64);
        drop(book);
        self.n_settled.fetch_add(1, Ordering::Release);
        // SAFETY: a cell has an address.
        Lent(unsafe { NonNull::new_unchecked(cell.cast()) })
    }

    /// Notes that `item` has no value.
    pub(super) fn fail(&self, item: usize, error: Error) {
        let mut book = self.book();
        self.begin(&book, item);
        book.failed.insert(item, error);
        drop(book);
        self.n_settled.fetch_add(1, Ordering::Release);
    }

    fn begin(&self, book: &Book<T>, item: usize) {
        let is_new = item < self.n && !book.is_full(item) && !book.failed.contains_key(&item);
        assert!(is_new && !self.is_sealed(), "a cell is written once");
    }

    /// What became of `item`, if that is known. What it gives is subject to the invariant of [`Lent`].
    pub(super) fn get(&self, item: usize) -> Option<Result<Lent<T>, Error>> {
        let mut book = self.book();
        if !book.is_full(item) {
            return book.failed.get(&item).cloned().map(Err);
        }
        let cell = item - book.gaps.partition_point(|gap| *gap < item);
        // SAFETY: the item has a value, which stands in this cell.
        let value = unsafe { book.cells.as_mut_ptr().add(cell).cast() };
        // SAFETY: a cell has an address.
        Some(Ok(Lent(unsafe { NonNull::new_unchecked(value) })))
    }

    /// Whether all items have come to their value, or to none.
    pub(super) fn is_complete(&self) -> bool {
        self.n_settled.load(Ordering::Acquire) == self.n
    }

    /// Whether an item has come to none.
    pub(super) fn has_gaps(&self) -> bool {
        !self.book().failed.is_empty()
    }

    /// For how many items there is no value.
    pub(super) fn missing(&self) -> usize {
        self.book().failed.len()
    }

    /// Whether the values can be read as a slice.
    #[inline]
    pub fn is_sealed(&self) -> bool {
        self.sealed.load(Ordering::Acquire) != OPEN
    }

    /// Makes the values readable as a slice.
    ///
    /// # Safety
    ///
    /// If the column has gaps, nobody can read a [`Lent`] of it any more: the values move together.
    pub(super) unsafe fn seal(&self) {
        assert!(
            self.is_complete() && !self.is_sealed(),
            "a column is sealed once"
        );
        let mut book = self.book();
        let n_values = self.n - book.failed.len();
        let first: *mut T = book.cells.as_mut_ptr().cast();
        if n_values < self.n {
            let mut to = 0;
            for item in 0..self.n {
                if book.is_full(item) {
                    // SAFETY: the cell of `item` is full, and nothing refers to it. `to` is not above it, and its value
                    // has been moved on.
                    unsafe { ptr::copy(first.add(item), first.add(to), 1) };
                    to += 1;
                }
            }
            book.gaps = book.failed.keys().copied().collect();
        }
        self.first.store(first, Ordering::Relaxed);
        self.sealed.store(n_values, Ordering::Release);
    }

    /// The values, in the order of the items.
    pub fn all(&self) -> &[T] {
        let n_values = self.sealed.load(Ordering::Acquire);
        assert!(
            n_values != OPEN,
            "a step starts when the slices that it reads are there"
        );
        if n_values == 0 {
            return &[];
        }
        // SAFETY: `sealed` was stored with `Release` after the first so many cells were filled; they stay as they are.
        unsafe { slice::from_raw_parts(self.first.load(Ordering::Relaxed), n_values) }
    }

    /// Takes out all there is: the values in the order of the items, and for each item without one its error.
    ///
    /// # Safety
    ///
    /// Nobody can read any more what this column gave.
    pub(super) unsafe fn take(&self) -> (Vec<T>, BTreeMap<usize, Error>) {
        if !self.is_sealed() {
            // SAFETY: the caller says so.
            unsafe { self.seal() };
        }
        let n_values = self.sealed.swap(0, Ordering::Relaxed);
        let mut book = self.book();
        let mut cells = std::mem::ManuallyDrop::new(take(&mut book.cells));
        let (start, capacity) = (cells.as_mut_ptr(), cells.capacity());
        // SAFETY: `T` has the layout of `MaybeUninit<T>`; the column is sealed, so that the first so many cells are full;
        // nobody else has them, and `cells` is not dropped.
        let values = unsafe { Vec::from_raw_parts(start.cast(), n_values, capacity) };
        (values, take(&mut book.failed))
    }

    fn book(&self) -> MutexGuard<'_, Book<T>> {
        // A panic while it is held is one of those above, and leaves it as it was.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Book<T> {
    fn is_full(&self, item: usize) -> bool {
        self.full[item / 64] & (1 << (item % 64)) != 0
    }
}

impl<T> Drop for Column<T> {
    fn drop(&mut self) {
        if !needs_drop::<T>() {
            return;
        }
        let (n, sealed) = (self.n, *self.sealed.get_mut());
        let book = self.book.get_mut().unwrap_or_else(PoisonError::into_inner);
        for cell in 0..if sealed == OPEN { n } else { sealed } {
            if sealed != OPEN || book.is_full(cell) {
                // SAFETY: the cell is full, and whoever could read it is gone before the column is.
                unsafe { book.cells[cell].assume_init_drop() };
            }
        }
    }
}

impl<T> fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            n,
            n_settled,
            sealed: _,
            first: _,
            book: _,
        } = self;
        f.debug_struct("Column")
            .field("n", n)
            .field("n_settled", n_settled)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Lent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use crate::error::ErrorKind;

    fn error() -> Error {
        Error::new(ErrorKind::Failed)
    }

    #[test]
    fn values_stand_in_the_order_of_the_items_however_they_come() {
        let column = Column::new(3);
        for item in [2, 0, 1] {
            assert!(!column.is_complete());
            assert_eq!(
                column.put(item, item.to_string()).as_ref(),
                &item.to_string()
            );
        }
        // SAFETY: there are no gaps.
        unsafe { column.seal() };
        assert_eq!(column.all(), ["0", "1", "2"]);
        assert_eq!(column.get(1).unwrap().unwrap().as_ref(), "1");
    }

    #[test]
    fn values_move_together_over_gaps_and_are_found_again() {
        let column = Column::new(70);
        for item in 0..70 {
            if item % 3 == 0 {
                column.fail(item, error());
            } else {
                column.put(item, Box::new(item));
            }
        }
        assert_eq!(column.missing(), 24);
        // SAFETY: nothing is lent.
        unsafe { column.seal() };
        assert!(
            column
                .all()
                .iter()
                .map(|it| **it)
                .eq((0..70).filter(|it| it % 3 != 0))
        );
        for item in 0..70 {
            match column.get(item).unwrap() {
                Ok(value) => assert_eq!(**value.as_ref(), item),
                Err(_) => assert_eq!(item % 3, 0),
            }
        }
        // SAFETY: nothing is lent.
        let (values, failed) = unsafe { column.take() };
        assert_eq!((values.len(), failed.len()), (46, 24));
    }

    #[test]
    fn a_value_can_be_read_while_others_are_written() {
        let column = Arc::new(Column::new(2));
        let first = column.put(0, String::from("a"));
        let reader = thread::spawn(move || first.as_ref().clone());
        column.put(1, String::from("b"));
        assert_eq!(reader.join().unwrap(), "a");
    }

    #[test]
    fn items_are_adopted_in_one_piece() {
        let column = Column::new(65);
        column.adopt((0..65).map(|it| it.to_string()).collect());
        assert!(column.is_complete());
        // SAFETY: there are no gaps.
        unsafe { column.seal() };
        assert_eq!(column.all()[64], "64");
        // SAFETY: nothing is lent.
        assert_eq!(unsafe { column.take() }.0.len(), 65);
    }

    #[test]
    fn what_is_not_taken_is_dropped_once() {
        let value = Arc::new(());
        for seal in [false, true] {
            let column = Column::new(3);
            column.put(2, Arc::clone(&value));
            column.put(0, Arc::clone(&value));
            column.fail(1, error());
            if seal {
                // SAFETY: nothing is lent.
                unsafe { column.seal() };
            }
            drop(column);
            assert_eq!(Arc::strong_count(&value), 1);
        }
    }

    #[test]
    fn a_column_of_nothing_is_an_empty_slice() {
        let column = Column::<String>::new(0);
        assert!(column.is_complete());
        // SAFETY: nothing is lent.
        unsafe { column.seal() };
        assert!(column.all().is_empty());
    }

    #[test]
    #[should_panic(expected = "a cell is written once")]
    fn a_cell_is_not_written_twice() {
        let column = Column::new(1);
        column.put(0, 1);
        column.put(0, 2);
    }
}
