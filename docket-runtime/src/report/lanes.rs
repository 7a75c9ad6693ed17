//! Which steps can be drawn in one line, one behind the other.

use std::time::Duration;

use super::{RunTrace, StepTrace};

impl RunTrace {
    /// Each step that has started, with its lane: the first in which nothing else is under way at its time.
    pub(super) fn lanes(&self) -> Vec<(&StepTrace, usize)> {
        let mut ends: Vec<Duration> = Vec::new();
        let steps = self.steps.iter().filter(|step| !step.is_skipped());
        steps
            .map(|step| {
                let (start, end) = (step.start, self.end_of(step));
                let lane = ends.iter().position(|last| *last <= start);
                let lane = lane.unwrap_or_else(|| {
                    ends.push(Duration::ZERO);
                    ends.len() - 1
                });
                ends[lane] = end;
                (step, lane)
            })
            .collect()
    }
}
