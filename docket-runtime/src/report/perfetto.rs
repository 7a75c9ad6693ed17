//! A run as a trace file.
//!
//! The form is that of Chrome's trace viewer, "Trace Event Format", which <https://ui.perfetto.dev> opens. Of it there are
//! complete events (`X`), which nest by their times within one thread, instant events (`i`), and the names of processes and
//! threads (`M`). Times are microseconds. A lane of steps is a thread.

use std::time::Duration;

use serde::Serialize;

use super::segments::Doing;
use super::{RunTrace, StepTrace};

/// There is one process: the run.
const PID: u32 = 1;
/// The thread of the execution itself; lanes follow.
const EXECUTION: usize = 1;

#[derive(Default, Serialize)]
struct Event {
    ph: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    pid: u32,
    tid: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    /// Of an instant event: that it is of its thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Args>,
}

/// What a viewer shows of a slice that is clicked at.
#[derive(Default, Serialize)]
struct Args {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    critical: bool,
}

impl RunTrace {
    /// As JSON for [ui.perfetto.dev](https://ui.perfetto.dev) and `chrome://tracing`, in Chrome's Trace Event Format: the
    /// execution is a track, and below it are as many as there were steps at the same time. Within a step there are its
    /// attempts, the delays between them, the times in which it waited, and what was asked of the store. The arguments of a
    /// slice say what became of the step, and whether it is on the [critical path](RunTrace::critical_path).
    pub fn to_perfetto_json(&self) -> String {
        let lanes = self.lanes();
        let n_lanes = lanes.iter().map(|(_, lane)| lane + 1).max().unwrap_or(0);
        let mut events = vec![
            named("process_name", EXECUTION, "docket"),
            named("thread_name", EXECUTION, "execution"),
        ];
        let names = (0..n_lanes).map(|lane| format!("steps {}", lane + 1));
        events.extend(
            (0..)
                .zip(names)
                .map(|(lane, name)| named("thread_name", thread(lane), &name)),
        );
        events.push(self.execution());
        let path = self.critical_path();
        for (step, lane) in lanes {
            let critical = path.iter().any(|it| std::ptr::eq(it.step, step));
            self.step_events(step, thread(lane), critical, &mut events);
        }
        let lines: Vec<String> = events
            .iter()
            .map(|it| serde_json::to_string(it).expect("it is made of texts and numbers"))
            .collect();
        // An event a line: a kept file then shows what has changed.
        format!(
            "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{}\n]}}\n",
            lines.join(",\n")
        )
    }

    fn execution(&self) -> Event {
        let outcome = self.outcome.as_ref();
        let args = Args {
            execution_id: Some(self.execution_id.clone()),
            outcome: outcome.map(|it| it.name),
            error: outcome.and_then(|it| it.error.clone()),
            ..Args::default()
        };
        let whole = [Duration::ZERO, self.took];
        slice(&self.entry, "execution", EXECUTION, whole, args)
    }

    /// What is within a step follows each other without overlapping, as slices within a slice have to.
    fn step_events(
        &self,
        step: &StepTrace,
        thread: usize,
        critical: bool,
        events: &mut Vec<Event>,
    ) {
        let outcome = step.outcome.as_ref();
        let args = Args {
            item: step.item,
            outcome: Some(outcome.map_or("under way", |it| it.name)),
            error: outcome.and_then(|it| it.error.clone()),
            attempts: Some(step.attempts.len()).filter(|n| *n > 0),
            critical,
            ..Args::default()
        };
        let whole = [step.start, self.end_of(step)];
        let last = last_moment(whole);
        events.push(slice(step.step, "step", thread, whole, args));
        for attempt in &step.attempts {
            // The code of a persisted step goes on when nobody waits for it any more.
            let start = attempt.start.clamp(whole[0], whole[1]);
            let end = attempt.end.unwrap_or(whole[1]).clamp(start, whole[1]);
            let times = if start < end {
                [start, end]
            } else {
                [start.min(last); 2]
            };
            let args = Args {
                error: attempt.error.map(|kind| format!("{kind:?}")),
                ..Args::default()
            };
            let name = format!("attempt {}", attempt.attempt);
            events.push(slice(&name, "attempt", thread, times, args));
        }
        for segment in self.segments(step) {
            let name = match segment.doing {
                Doing::Delays => "delay",
                Doing::Waits => "wait",
                Doing::Runs | Doing::Fails => continue,
            };
            let times = [segment.start, segment.end];
            events.push(slice(name, name, thread, times, Args::default()));
        }
        for wait in &step.waits {
            let name = format!("waits for {}", wait.on);
            let at = wait.start.clamp(whole[0], last);
            events.push(instant(name, thread, at));
        }
        for asked in &step.store {
            let name = format!("{}: {}", asked.operation, asked.answer);
            let at = asked.end.clamp(whole[0], last);
            events.push(instant(name, thread, at));
        }
    }
}

/// The last moment that a reader takes for a part of a slice: its end is none.
fn last_moment([start, end]: [Duration; 2]) -> Duration {
    end.saturating_sub(Duration::from_nanos(1)).max(start)
}

/// The thread of a lane.
fn thread(lane: usize) -> usize {
    EXECUTION + 1 + lane
}

fn named(what: &str, thread: usize, name: &str) -> Event {
    Event {
        ph: "M",
        name: what.to_owned(),
        pid: PID,
        tid: thread,
        args: Some(Args {
            name: Some(name.to_owned()),
            ..Args::default()
        }),
        ..Event::default()
    }
}

fn slice(
    name: &str,
    category: &'static str,
    thread: usize,
    [start, end]: [Duration; 2],
    args: Args,
) -> Event {
    Event {
        ph: "X",
        name: name.to_owned(),
        cat: Some(category),
        pid: PID,
        tid: thread,
        ts: Some(micros(start)),
        dur: Some(micros(end.saturating_sub(start))),
        args: Some(args),
        ..Event::default()
    }
}

fn instant(name: String, thread: usize, at: Duration) -> Event {
    Event {
        ph: "i",
        name,
        cat: Some("event"),
        pid: PID,
        tid: thread,
        ts: Some(micros(at)),
        s: Some("t"),
        ..Event::default()
    }
}

/// With three digits for nanoseconds, which a double holds for a hundred days.
fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}
