//! The trace file keeps to the form that it is in: Chrome's Trace Event Format, as far as it is used. Perfetto's own reader
//! is asked by `tests/perfetto`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use docket::report::RunReport;
use docket::{Execution, StepContext, graph, step, testing::Replay};
use serde_json::{Map, Value};

use crate::page::{ProfileGraph, UserId, fetch_orders, graph};

/// All that is asked of a file: the kinds of its events, the fields that each has and of which type, a name for each thread,
/// slices of a thread that lie within each other or apart, and that a reader finds within a step what belongs to it.
#[track_caller]
fn check(name: &str, text: &str) -> Vec<Map<String, Value>> {
    // For `tests/perfetto`.
    if let Some(folder) = std::env::var_os("DOCKET_TRACES") {
        std::fs::write(Path::new(&folder).join(format!("{name}.json")), text).unwrap();
    }
    let file: Map<String, Value> = serde_json::from_str(text).unwrap();
    assert_eq!(keys(&file), ["displayTimeUnit", "traceEvents"]);
    assert_eq!(file["displayTimeUnit"], "ms");
    let events = file["traceEvents"].as_array().unwrap();
    let events: Vec<_> = events
        .iter()
        .map(|it| it.as_object().unwrap().clone())
        .collect();
    let mut named = BTreeSet::new();
    let mut used = BTreeSet::new();
    let mut by_thread: BTreeMap<u64, Vec<Moment>> = BTreeMap::new();
    let mut step = 0;
    for (place, event) in events.iter().enumerate() {
        assert!(event["name"].is_string(), "{event:?}");
        assert_eq!(event["pid"].as_u64(), Some(1), "{event:?}");
        let thread = event["tid"].as_u64().unwrap();
        let keys = keys(event);
        match event["ph"].as_str().unwrap() {
            "M" => {
                assert_eq!(keys, ["args", "name", "ph", "pid", "tid"]);
                assert!(event["args"]["name"].is_string());
                match event["name"].as_str().unwrap() {
                    "thread_name" => assert!(named.insert(thread), "two names: {event:?}"),
                    name => assert_eq!(name, "process_name"),
                }
            }
            "X" => {
                assert_eq!(
                    keys,
                    ["args", "cat", "dur", "name", "ph", "pid", "tid", "ts"]
                );
                assert!(event["args"].is_object() && event["cat"].is_string());
                // What belongs to a step follows it.
                if event["cat"] == "step" || event["cat"] == "execution" {
                    step = place;
                }
                let start = nanos(&event["ts"]);
                by_thread.entry(thread).or_default().push(Moment {
                    start,
                    end: start + nanos(&event["dur"]),
                    place,
                    step,
                });
                used.insert(thread);
            }
            "i" => {
                assert_eq!(keys, ["cat", "name", "ph", "pid", "s", "tid", "ts"]);
                assert_eq!(event["s"], "t");
                let start = nanos(&event["ts"]);
                by_thread.entry(thread).or_default().push(Moment {
                    start,
                    end: start,
                    place,
                    step,
                });
                used.insert(thread);
            }
            other => panic!("there is no event {other}"),
        }
    }
    assert_eq!(named, used, "each thread has a name, and something in it");
    for moments in by_thread.values_mut() {
        // As Perfetto's reader does: by start, the longer first.
        moments.sort_by_key(|it| (it.start, -it.end, it.place));
        let mut open: Vec<&Moment> = Vec::new();
        for moment in moments.iter() {
            while open.last().is_some_and(|it| it.is_over(moment)) {
                open.pop();
            }
            let event = &events[moment.place];
            assert!(
                open.last().is_none_or(|it| moment.end <= it.end),
                "it does not lie within what is around it: {event:?}"
            );
            open.push(moment);
            assert_eq!(
                open[0].place, moment.step,
                "it is found within another step: {event:?}"
            );
        }
    }
    events
}

/// Where a reader puts an event.
struct Moment {
    start: i64,
    end: i64,
    /// In the file.
    place: usize,
    /// Where the step stands that it belongs to.
    step: usize,
}

impl Moment {
    /// A slice ends before its end, but one that took no time holds what takes none.
    fn is_over(&self, next: &Self) -> bool {
        let holds = self.start == self.end && next.start == next.end;
        self.end < next.start || self.end == next.start && !holds
    }
}

/// In the order of the alphabet.
fn keys(object: &Map<String, Value>) -> Vec<&str> {
    let mut keys: Vec<_> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// A time in microseconds, with three digits at most.
#[track_caller]
fn nanos(micros: &Value) -> i64 {
    let micros = micros.as_f64().unwrap();
    let nanos = (micros * 1e3).round();
    assert!(
        nanos >= 0.0 && (nanos / 1e3 - micros).abs() < 1e-9,
        "{micros}"
    );
    nanos as i64
}

fn names<'a>(events: &'a [Map<String, Value>], category: &str) -> Vec<&'a str> {
    let of_category = events
        .iter()
        .filter(|it| it.get("cat").is_some_and(|it| it == category));
    of_category.map(|it| it["name"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_trace_file_keeps_to_its_form() {
    let report = RunReport::new(ProfileGraph::plan());
    let graph = graph(report.clone());
    graph.score("request-1", UserId(42)).await.unwrap();
    check("score", &report.last().unwrap().to_perfetto_json());

    graph.profile_page("request-2", UserId(42)).await.unwrap();
    let events = check("page_again", &report.last().unwrap().to_perfetto_json());
    assert_eq!(names(&events, "execution"), ["ProfileGraph::profile_page"]);
    assert_eq!(
        names(&events, "step"),
        [
            "fetch_user",
            "fetch_orders",
            "fetch_preferences",
            "score_credit",
            "recommend",
            "compose_page"
        ]
    );
    assert_eq!(names(&events, "delay"), ["delay"]);
    let tries: Vec<_> = events
        .iter()
        .filter(|it| it["name"] == "attempt 1" || it["name"] == "attempt 2")
        .filter(|it| it["args"].get("error").is_some())
        .collect();
    assert_eq!(tries.len(), 2, "of the preferences and the recommendations");
    let recommend = events.iter().find(|it| it["name"] == "recommend").unwrap();
    assert_eq!(recommend["args"]["outcome"], "softened");
    assert_eq!(recommend["args"]["error"], "connection refused");
    assert_eq!(names(&events, "event"), ["claim: hit"]);
}

#[tokio::test(start_paused = true)]
async fn so_does_that_of_a_batch_of_one_that_fails_and_of_one_under_way() {
    let report = RunReport::new(ProfileGraph::plan());
    let graph = graph(report.clone());
    graph.total("batch-1", (1..=20).map(UserId)).await.unwrap();
    let events = check("batch", &report.last().unwrap().to_perfetto_json());
    assert_eq!(names(&events, "step").len(), 21);

    let closed = Replay::new().fail::<fetch_orders, _>(|| "closed");
    let execution = closed.execution("request-3");
    graph.profile_page(execution, UserId(42)).await.unwrap_err();
    check("failed", &report.last().unwrap().to_perfetto_json());

    let execution = Execution::new("request-4").timeout(std::time::Duration::from_millis(75));
    graph.profile_page(execution, UserId(42)).await.unwrap_err();
    check("timed_out", &report.last().unwrap().to_perfetto_json());
}

#[step]
async fn needed(id: &u32) -> u64 {
    u64::from(*id)
}

#[step(retry(attempts = 3, delay = "50ms"))]
async fn flaky(needed: &u64, ctx: &StepContext) -> Result<i64, String> {
    match ctx.attempt() {
        3 => Ok(needed.cast_signed()),
        _ => Err("at once".to_owned()),
    }
}

#[step]
fn ended(flaky: &i64) -> bool {
    *flaky > 0
}

graph! {
    struct InNoTime {
        inputs { u32 }
        steps { needed, flaky, ended }
        async fn ended(id: u32) -> bool;
    }
}

#[tokio::test(start_paused = true)]
async fn and_that_of_steps_that_take_no_time() {
    let report = RunReport::new(InNoTime::plan());
    let graph = InNoTime::builder().observer(report.clone()).build();
    graph.ended("request-1", 7).await.unwrap();
    let events = check("in_no_time", &report.last().unwrap().to_perfetto_json());
    assert_eq!(names(&events, "step"), ["needed", "flaky", "ended"]);

    let report = RunReport::new(ProfileGraph::plan());
    let graph = crate::page::graph(report.clone());
    graph.total("batch-1", (1..=20).map(UserId)).await.unwrap();
    graph.total("batch-2", (1..=20).map(UserId)).await.unwrap();
    let events = check("batch_again", &report.last().unwrap().to_perfetto_json());
    assert_eq!(names(&events, "step").len(), 21);
}
