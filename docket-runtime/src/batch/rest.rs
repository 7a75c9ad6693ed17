//! The items that can't go on without a column that is not there yet.

use std::collections::VecDeque;
use std::ops::Range;

/// The items at rest, by the steps that they have left: mostly all have the same, and follow each other.
#[derive(Default)]
pub(super) struct Rest<const W: usize> {
    groups: Vec<([u64; W], VecDeque<Range<usize>>)>,
}

impl<const W: usize> Rest<W> {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.iter().all(|(_, ranges)| ranges.is_empty())
    }

    /// Notes that `item` rests with the steps `left`.
    pub(super) fn put(&mut self, item: usize, left: [u64; W]) {
        let at = self.groups.iter().position(|(its, _)| *its == left);
        let at = at.unwrap_or_else(|| {
            self.groups.push((left, VecDeque::new()));
            self.groups.len() - 1
        });
        let ranges = &mut self.groups[at].1;
        match ranges.back_mut() {
            Some(last) if last.end == item => last.end += 1,
            _ => ranges.push_back(item..item + 1),
        }
    }

    /// One of which the steps that are left can go on.
    pub(super) fn take(
        &mut self,
        can_go_on: impl Fn(&[u64; W]) -> bool,
    ) -> Option<(usize, [u64; W])> {
        let (left, ranges) = self
            .groups
            .iter_mut()
            .find(|(left, ranges)| !ranges.is_empty() && can_go_on(left))?;
        let range = ranges.front_mut()?;
        let item = range.next()?;
        if range.start == range.end {
            ranges.pop_front();
        }
        Some((item, *left))
    }
}
