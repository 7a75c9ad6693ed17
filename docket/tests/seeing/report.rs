//! What has run, as data, text and pictures.

use std::fs;
use std::path::Path;
use std::time::Duration;

use docket::report::{RunReport, RunTrace};
use docket::{Execution, graph, step};
use tokio::time::sleep;

use crate::page::{ProfileGraph, UserId, graph};

/// A page whose score is in the store.
async fn page() -> RunTrace {
    let report = RunReport::new(ProfileGraph::plan());
    let graph = graph(report.clone());
    graph.score("request-1", UserId(42)).await.unwrap();
    graph.profile_page("request-2", UserId(42)).await.unwrap();
    report.last().unwrap()
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn workspace(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// `text` is what is kept in the file, which `DOCKET_BLESS=1` writes.
#[track_caller]
fn assert_kept(path: &str, text: &str) {
    let file = workspace(path);
    if std::env::var_os("DOCKET_BLESS").is_some_and(|it| it == "1") {
        fs::write(&file, text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "{path} is not what is drawn; DOCKET_BLESS=1 rewrites it. Drawn is:\n{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_chart_is_the_one_that_the_readme_shows() {
    let gantt = page().await.gantt(96);
    let readme = fs::read_to_string(workspace("README.md")).unwrap();
    let opening = "```text\nProfileGraph::profile_page";
    if std::env::var_os("DOCKET_BLESS").is_some_and(|it| it == "1") {
        let start = readme.find(opening).unwrap() + "```text\n".len();
        let end = start + readme[start..].find("```").unwrap();
        let readme = format!("{}{gantt}{}", &readme[..start], &readme[end..]);
        fs::write(workspace("README.md"), readme).unwrap();
    }
    let readme = fs::read_to_string(workspace("README.md")).unwrap();
    assert!(
        readme.contains(&format!("```text\n{gantt}```")),
        "the README does not show\n{gantt}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_picture_and_the_trace_file_are_those_that_are_kept() {
    let run = page().await;
    assert_kept("docs/run.svg", &run.to_svg());
    // The number of a run is another each time, and stands nowhere.
    assert_kept("docket/tests/traces/page.json", &run.to_perfetto_json());
}

#[tokio::test(start_paused = true)]
async fn a_trace_has_the_times_of_steps_attempts_and_answers() {
    let run = page().await;
    assert_eq!(
        (run.entry.as_str(), run.execution_id.as_str()),
        ("ProfileGraph::profile_page", "request-2")
    );
    assert_eq!(
        (run.outcome.as_ref().unwrap().name, run.took),
        ("resolved", ms(180))
    );

    let preferences = run.step("fetch_preferences").unwrap();
    assert_eq!((preferences.start, preferences.end), (ms(0), Some(ms(170))));
    let attempts: Vec<_> = preferences
        .attempts
        .iter()
        .map(|it| (it.start, it.end, it.error.is_some()))
        .collect();
    assert_eq!(
        attempts,
        [(ms(0), Some(ms(60)), true), (ms(110), Some(ms(170)), false)]
    );

    let score = run.step("score_credit").unwrap();
    assert_eq!(
        (score.outcome.as_ref().unwrap().name, score.took()),
        ("hit", Some(ms(0)))
    );
    assert_eq!(score.attempts, []);

    let recommend = run.step("recommend").unwrap();
    let outcome = recommend.outcome.as_ref().unwrap();
    assert_eq!(
        (outcome.name, outcome.error.as_deref()),
        ("softened", Some("connection refused"))
    );
    assert!(!recommend.is_made() && score.is_made());
}

#[tokio::test(start_paused = true)]
async fn the_critical_path_is_what_each_step_had_to_wait_for_longest() {
    let run = page().await;
    let path: Vec<_> = run
        .critical_path()
        .iter()
        .map(|it| (it.step.step, it.time))
        .collect();
    assert_eq!(
        path,
        [("fetch_preferences", ms(170)), ("compose_page", ms(10))]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_is_told_to_its_end() {
    let report = RunReport::new(ProfileGraph::plan());
    let graph = graph(report.clone());
    let execution = Execution::new("request-1").timeout(ms(100));
    graph.profile_page(execution, UserId(42)).await.unwrap_err();
    let run = report.last().unwrap();
    assert_eq!(
        run.gantt(100),
        "\
ProfileGraph::profile_page request-1 failed in 100ms
  fetch_user         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━          80ms  ran
  fetch_orders       ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100ms  dropped
  fetch_preferences  ×××××××××××××××××××××××················ 100ms  dropped
* score_credit       ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100ms  failed: step `score_credit` was…
"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_is_seen_while_it_is_under_way() {
    let report = RunReport::new(ProfileGraph::plan()).keep(2);
    let graph = graph(report.clone());
    let running = graph.clone();
    let task = tokio::spawn(async move { running.profile_page("request-1", UserId(42)).await });
    tokio::time::sleep(ms(130)).await;
    let run = report.of("request-1").unwrap();
    assert!(run.outcome.is_none());
    assert_eq!(
        run.gantt(80),
        "\
ProfileGraph::profile_page request-1 under way in 130ms
  fetch_user         ━━━━━━━━━━━━━━━━━━━━━━━━━━                  80ms  ran
* fetch_orders       ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━    120ms  ran
  fetch_preferences  ×××××××××××××××××××·················━━━━━━ 130ms  under way
  score_credit       ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 130ms  under way
* recommend                                                 ━━━  10ms  under way
"
    );
    task.await.unwrap().unwrap();
    for id in ["request-2", "request-3", "request-4"] {
        graph.score(id, UserId(42)).await.unwrap();
    }
    let kept: Vec<_> = report
        .runs()
        .into_iter()
        .map(|it| it.execution_id)
        .collect();
    assert_eq!(kept, ["request-3", "request-4"]);
    assert!(report.of("request-1").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_run_without_time_and_a_chart_without_room_are_drawn() {
    let report = RunReport::new(ProfileGraph::plan());
    let graph = graph(report.clone());
    graph.score("x", UserId(42)).await.unwrap();
    graph.score("y", UserId(42)).await.unwrap();
    let run = report.last().unwrap();
    assert_eq!(run.took, ms(0));
    assert_eq!(
        run.gantt(0),
        "ProfileGraph::score y resolved in 0ms\n* score_credit  │        0ms  hit\n"
    );
    assert!(run.to_svg().contains("class=\"point\""));
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_batch_share_a_line() {
    let report = RunReport::new(ProfileGraph::plan());
    let graph = graph(report.clone());
    graph.score("x", UserId(3)).await.unwrap();
    let execution = Execution::new("batch-1").max_concurrency(2);
    graph.total(execution, (1..=5).map(UserId)).await.unwrap();
    assert_eq!(
        report.last().unwrap().gantt(80),
        "\
ProfileGraph::total batch-1 resolved in 1.8s
* score_credit  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1.8s  4 ran, 1 hit
* add_up                                                    │  0ms  ran
"
    );
}

/// One that is quick to fail, and one that would be slow.
mod race {
    use super::*;

    pub(super) struct Quick;
    pub(super) struct First;
    pub(super) struct Slow;
    pub(super) struct Both;

    #[step]
    async fn quick(_n: &u32) -> Result<Quick, &'static str> {
        sleep(ms(50)).await;
        Err("no")
    }
    #[step]
    async fn first(_n: &u32) -> First {
        sleep(ms(10)).await;
        First
    }
    #[step]
    async fn slow(_first: &First) -> Slow {
        sleep(ms(500)).await;
        Slow
    }
    #[step]
    fn both(_quick: &Quick, _slow: &Slow) -> Both {
        Both
    }

    graph! {
        pub(super) struct Race {
            inputs { u32 }
            steps { quick, first, slow, both }
            pub(super) async fn run(n: u32) -> Both;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_critical_path_of_a_failure_ends_with_the_step_that_failed() {
    let report = RunReport::new(race::Race::plan());
    let graph = race::Race::builder().observer(report.clone()).build();
    let path = || {
        let run = report.last().unwrap();
        let path = run.critical_path();
        let path = path.iter().map(|it| (it.step.step, it.time));
        path.collect::<Vec<_>>()
    };
    assert!(graph.run("x", 1).await.is_err());
    assert_eq!(path(), [("quick", ms(50))]);
    // One that had no more time waited for what was dropped.
    let execution = Execution::new("x").timeout(ms(30));
    assert!(graph.run(execution, 1).await.is_err());
    assert_eq!(path(), [("first", ms(10)), ("slow", ms(20))]);
}

/// More items than a report has room for.
mod many {
    use super::*;

    pub(super) struct Twice(#[allow(dead_code)] u32);

    #[step]
    fn twice(n: &u32) -> Twice {
        Twice(n * 2)
    }

    graph! {
        pub(super) struct Many {
            inputs { u32 }
            steps { twice }
            pub(super) async fn all(n: [u32]) -> [Twice];
        }
    }
}

#[tokio::test]
async fn a_report_counts_each_step_that_it_left_out_once() {
    let report = RunReport::new(many::Many::plan());
    let graph = many::Many::builder().observer(report.clone()).build();
    graph.all("x", 0..10_003).await.unwrap();
    let run = report.last().unwrap();
    assert_eq!((run.steps.len(), run.left_out), (10_000, 3));
}
