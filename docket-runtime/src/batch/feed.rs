//! Where items come from, and what an item starts with.

use std::vec;

/// The items that have not started yet, in their order.
#[derive(Debug)]
pub enum Feed<I: Iterator> {
    /// From an iterator that knows how many there are: each is asked for when there is a place for it.
    Lazy(I, usize),
    /// From memory.
    Collected(vec::IntoIter<I::Item>),
}

impl<I: Iterator> Feed<I> {
    /// Of an iterator, which is read to its end where it does not say how many items it has, or `is_kept` asks for all.
    pub fn new(items: I, is_kept: bool) -> Self {
        match items.size_hint() {
            (n, Some(most)) if n == most && !is_kept => Self::Lazy(items, n),
            _ => Self::Collected(items.collect::<Vec<_>>().into_iter()),
        }
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        match self {
            Self::Lazy(_, n) => *n,
            Self::Collected(items) => items.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that are left.
    pub fn into_vec(self) -> Vec<I::Item> {
        match self {
            Self::Lazy(items, n) => items.take(n).collect(),
            // Of the whole of it, this is the allocation that it came from.
            Self::Collected(items) => items.collect(),
        }
    }
}

impl<I: Iterator> Iterator for Feed<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        match self {
            Self::Lazy(_, 0) => None,
            Self::Lazy(items, n) => {
                *n -= 1;
                let item = items.next();
                assert!(
                    item.is_some(),
                    "the items of a batch are as many as their iterator said"
                );
                item
            }
            Self::Collected(items) => items.next(),
        }
    }
}

/// One item that starts, or goes on.
#[derive(Debug)]
pub struct Ticket<I, const W: usize> {
    /// Its number.
    pub item: usize,
    /// Itself, unless it is kept in a column, or was there before.
    pub input: Option<I>,
    /// The steps that are left, by their places in the order.
    pub left: [u64; W],
    /// Whether it was there before.
    pub rested: bool,
}
