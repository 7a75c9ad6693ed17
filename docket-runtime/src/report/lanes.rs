//! Which steps can be drawn in one line, one behind the other.

use std::time::Duration;

use super::{RunTrace, StepTrace};

impl RunTrace {
    /// Each step that has started, with its lane: the first in which nothing else is under way at its time.
    pub(super) fn lanes(&self) -> Vec<(&StepTrace, usize)> {
        // The times of the last step in each.
        let mut lanes: Vec<[Duration; 2]> = Vec::new();
        let steps = self.steps.iter().filter(|step| !step.is_skipped());
        steps
            .map(|step| {
                let times @ [start, _] = [step.start, self.end_of(step)];
                let lane = lanes.iter().position(|last| is_over(*last, start));
                let lane = lane.unwrap_or_else(|| {
                    lanes.push(times);
                    lanes.len() - 1
                });
                lanes[lane] = times;
                (step, lane)
            })
            .collect()
    }
}

/// A step that took no time has its moment for itself: a reader takes what is there too for a part of it, or it for a part of
/// that.
fn is_over([start, end]: [Duration; 2], now: Duration) -> bool {
    end < now || end == now && start < end
}
