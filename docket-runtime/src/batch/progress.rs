//! How far a batch is, for those who watch it.

use crate::execution::Watch;

/// Counts the items that ended. Where nobody watches, it counts nothing.
pub(super) struct Progress<'a> {
    watch: Option<&'a Watch>,
    /// How many ended well, and how many failed alone.
    counts: [usize; 2],
    total: Option<usize>,
}

impl<'a> Progress<'a> {
    /// Of a batch of `total` items, if that is known.
    pub(super) fn new(watch: Option<&'a Watch>, total: Option<usize>) -> Self {
        Self {
            watch,
            counts: [0; 2],
            total,
        }
    }

    /// Notes how many items there are, now that it is known.
    pub(super) fn set_total(&mut self, total: usize) {
        self.total = Some(total);
    }

    /// Tells that `item` ended.
    #[inline]
    pub(super) fn tell(&mut self, item: usize, is_ok: bool) {
        if let Some(watch) = self.watch {
            self.counts[usize::from(!is_ok)] += 1;
            watch.progressed(item, is_ok, self.counts, self.total);
        }
    }

    /// Tells of `n` items for which there was nothing to do.
    pub(super) fn tell_all(&mut self, n: usize) {
        if self.watch.is_some() {
            for item in 0..n {
                self.tell(item, true);
            }
        }
    }
}
