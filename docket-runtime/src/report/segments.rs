//! What a step does in each part of its time.

use std::time::Duration;

use super::{RunTrace, StepTrace};

/// A part of the time of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) doing: Doing,
    pub(super) start: Duration,
    pub(super) end: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Its code runs; or, where nobody knows of attempts, it is under way.
    Runs,
    /// Its code runs, in vain.
    Fails,
    /// Another attempt is put off.
    Delays,
    /// The store is asked, or somebody else runs it.
    Waits,
}

impl RunTrace {
    /// The parts of the time of `step`, one after the other, without gaps.
    pub(super) fn segments(&self, step: &StepTrace) -> Vec<Segment> {
        let end = self.end_of(step);
        let mut segments = Vec::new();
        let mut push = |doing, start: Duration, end: Duration| {
            if start < end {
                segments.push(Segment { doing, start, end });
            }
        };
        let mut at = step.start;
        for (i, attempt) in step.attempts.iter().enumerate() {
            let between = if i == 0 { Doing::Waits } else { Doing::Delays };
            let start = attempt.start.clamp(at, end);
            let attempt_end = attempt.end.unwrap_or(end).clamp(start, end);
            push(between, at, start);
            let doing = match attempt.error {
                Some(_) => Doing::Fails,
                None => Doing::Runs,
            };
            push(doing, start, attempt_end);
            at = attempt_end;
        }
        let rest = if step.attempts.is_empty() && step.store.is_empty() && step.waits.is_empty() {
            Doing::Runs
        } else {
            Doing::Waits
        };
        push(rest, at, end);
        segments
    }
}
