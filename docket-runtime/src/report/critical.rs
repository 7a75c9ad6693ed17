//! [`RunTrace::critical_path`]: which steps made the run as long as it was.

use std::collections::HashSet;
use std::time::Duration;

use super::{RunTrace, StepTrace};
use crate::chart::EdgeKind;

/// A step on the critical path of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CriticalStep<'a> {
    /// The step.
    pub step: &'a StepTrace,
    /// How long it kept those behind it waiting: from the end of the one before it on the path, or from the start of the run,
    /// to its own end.
    pub time: Duration,
}

impl RunTrace {
    /// The chain of steps that made the run as long as it was: it ends with the step that ended last, or, where one ended the
    /// run by its failure, with that; and before each stands the one that it had to wait for longest. Only what makes one of
    /// these faster makes the run faster.
    ///
    /// It is empty where nothing ran, or the run is of another graph than the [`RunReport`](super::RunReport).
    pub fn critical_path(&self) -> Vec<CriticalStep<'_>> {
        let graph = self.entry.split("::").next();
        if graph != Some(self.plan.name.as_str()) {
            return Vec::new();
        }
        let mut path = Vec::new();
        let mut seen = HashSet::new();
        let mut next = self.last();
        while let Some(step) = next {
            path.push(step);
            seen.insert((step.step, step.item));
            let needs = self.needs(step);
            next = self.latest(needs.filter(|it| !seen.contains(&(it.step, it.item))));
        }
        path.reverse();
        let mut before = Duration::ZERO;
        let timed = path.into_iter().map(|step| {
            let end = self.end_of(step);
            let time = end.saturating_sub(before);
            before = end;
            CriticalStep { step, time }
        });
        timed.collect()
    }

    /// The step that the run ended with.
    fn last(&self) -> Option<&StepTrace> {
        let failed = self.steps.iter().filter(|it| it.is("failed"));
        let is_resolved = self
            .outcome
            .as_ref()
            .is_some_and(|it| it.name == "resolved");
        self.latest(failed).or_else(|| {
            // What was dropped kept a run that has all that it was asked for from nothing; but it is what was waited for
            // by one that was dropped itself, or had no more time.
            let waited_for = |it: &&StepTrace| !(is_resolved && it.is("dropped"));
            self.latest(self.steps.iter().filter(waited_for))
        })
    }

    /// What of this run `step` waited for.
    fn needs<'a>(&'a self, step: &'a StepTrace) -> impl Iterator<Item = &'a StepTrace> {
        let edges = self.plan.edges.iter();
        let edges = edges.filter(move |it| it.to == step.step && it.kind != EdgeKind::Resource);
        edges.flat_map(move |edge| {
            let others = self.steps.iter().filter(move |it| it.step == edge.from);
            // Of an item, what is of the same item, or of all.
            others.filter(move |it| {
                edge.kind == EdgeKind::All || it.item.is_none() || it.item == step.item
            })
        })
    }

    /// The one that ended last; of several, the one that started last.
    fn latest<'a>(&self, steps: impl Iterator<Item = &'a StepTrace>) -> Option<&'a StepTrace> {
        steps.max_by_key(|step| (self.end_of(step), step.start))
    }
}
