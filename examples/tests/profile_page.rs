//! Runs the program `profile_page` as a user would, and reads what it prints.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{BAD_ARGUMENTS, FAILED, OK, Place, Run};

/// All backends well and without delay. Of an option that is given twice, the last counts.
const WELL: [&str; 5] = [
    "--users=0ms",
    "--orders=0ms",
    "--preferences=0ms",
    "--credit=0ms",
    "--recommendations=0ms",
];

impl Place {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_profile_page"));
        command.env_remove("CLICOLOR_FORCE");
        command
            .args(WELL)
            .arg("--database")
            .arg(self.path("page.db"))
            .args(arguments);
        command
    }
}

impl Run {
    /// What is said of each step, in the order of the lines, without bar and time.
    fn steps(&self) -> Vec<(&str, &str)> {
        self.stdout.lines().filter_map(parse_step).collect()
    }

    /// What is said of `step` on the first page.
    #[track_caller]
    fn step(&self, step: &str) -> &str {
        let found = self.steps().into_iter().find(|(name, _)| *name == step);
        found
            .unwrap_or_else(|| panic!("no step `{step}` in\n{}", self.stdout))
            .1
    }
}

fn parse_step(line: &str) -> Option<(&str, &str)> {
    let (before, outcome) = line.split_once(" ms  ")?;
    Some((before.split_whitespace().next()?, outcome))
}

#[test]
fn a_page_is_made_of_what_the_backends_say() {
    let run = Place::new().run(&["42"]).ends_with(OK);
    let (page, _) = run
        .stdout
        .split_once("\n\n")
        .expect("a blank line after the page");
    assert_eq!(
        page,
        "\
Hello, Grace Hopper!
  user     42, New York
  orders   7, the last one a kettle
  credit   604, fair
  for you  teapot, strainer"
    );
    let mut steps = run.steps();
    steps.sort_unstable();
    assert_eq!(
        steps,
        [
            ("compose_page", "ran"),
            ("fetch_orders", "ran"),
            ("fetch_preferences", "ran"),
            ("fetch_user", "ran"),
            ("recommend", "ran"),
            ("score_credit", "ran"),
        ]
    );
}

#[test]
fn a_second_run_takes_the_score_from_the_store_and_asks_no_server_for_it() {
    let place = Place::new();
    let first = place.run(&["42"]).ends_with(OK);
    assert_eq!(first.step("score_credit"), "ran");
    assert_eq!(
        first.line("requests"),
        "users 1, orders 1, preferences 1, credit 1, recommendations 1"
    );

    // With a server that can only fail, the score can be from nowhere else.
    let second = place.run(&["42", "--credit=0ms,fail=always"]).ends_with(OK);
    assert_eq!(second.step("score_credit"), "from the store");
    assert_eq!(
        second.line("requests"),
        "users 1, orders 1, preferences 1, credit 0, recommendations 1"
    );
    assert_eq!(second.line("credit"), first.line("credit"));
}

#[test]
fn a_score_is_kept_for_its_user_alone() {
    let place = Place::new();
    place.run(&["42"]).ends_with(OK);
    assert_eq!(place.run(&["43"]).ends_with(OK).step("score_credit"), "ran");
}

#[test]
fn pages_of_one_user_at_once_share_one_run_of_the_expensive_step() {
    let run = Place::new()
        .run(&["5", "5", "5", "--credit=300ms"])
        .ends_with(OK);
    assert_eq!(
        run.line("requests"),
        "users 3, orders 3, preferences 3, credit 1, recommendations 3"
    );
    let mut scores: Vec<_> = run
        .steps()
        .into_iter()
        .filter(|(step, _)| *step == "score_credit")
        .collect();
    scores.sort_unstable();
    let joined = ("score_credit", "joined the run of another page");
    assert_eq!(scores, [joined, joined, ("score_credit", "ran")]);
}

#[test]
fn a_flaky_backend_is_asked_again() {
    let run = Place::new()
        .run(&["--preferences=0ms,fail=2"])
        .ends_with(OK);
    assert_eq!(
        run.step("fetch_preferences"),
        "ran, retried 2 times: preferences answered 503 Service Unavailable"
    );
    assert_eq!(
        run.line("requests"),
        "users 1, orders 1, preferences 3, credit 1, recommendations 1"
    );
}

#[test]
fn the_page_does_without_an_optional_backend_that_fails() {
    let run = Place::new()
        .run(&["--recommendations=0ms,fail=always"])
        .ends_with(OK);
    assert_eq!(run.line("for you"), "not available just now");
    assert_eq!(
        run.step("recommend"),
        "softened: recommendations answered 503 Service Unavailable"
    );
}

#[test]
fn the_page_does_without_an_optional_backend_that_is_too_slow() {
    let run = Place::new().run(&["--recommendations=1h"]).ends_with(OK);
    assert_eq!(run.line("for you"), "not available just now");
    let outcome = run.step("recommend");
    assert!(
        outcome.starts_with("softened: ") && outcome.contains("timed out"),
        "{outcome}"
    );
}

#[test]
fn without_a_needed_backend_there_is_no_page_but_an_error_that_names_step_and_cause() {
    let run = Place::new()
        .run(&["9", "--preferences=0ms,fail=always"])
        .ends_with(FAILED);
    assert_eq!(
        run.line("No page for user 9:"),
        "step `fetch_preferences` failed after 3 attempts: preferences answered 503 Service Unavailable"
    );
    assert_eq!(
        run.step("fetch_preferences"),
        "failed: preferences answered 503 Service Unavailable, retried 2 times"
    );
}

#[test]
fn a_page_that_takes_too_long_is_given_up() {
    let run = Place::new()
        .run(&["--orders=1h", "--timeout=2s"])
        .ends_with(FAILED);
    let error = run.line("No page for user 42:");
    assert!(error.contains("deadline"), "{error}");
    assert_eq!(run.step("fetch_orders"), "not waited for");
}

#[test]
fn a_run_that_ends_within_the_expensive_step_does_not_lock_out_the_next() {
    let place = Place::new();
    // As with Ctrl-C, the process goes while the step is under way, and its claim stays in the store.
    let cut_short = place
        .run(&["--credit=1h", "--preferences=200ms,fail=always"])
        .ends_with(FAILED);
    assert_eq!(cut_short.step("score_credit"), "not waited for");
    assert!(cut_short.line("requests").contains("credit 1"));

    assert_eq!(place.run(&[]).ends_with(OK).step("score_credit"), "ran");
}

#[test]
fn a_path_with_signs_that_mean_something_in_a_url_is_a_path() {
    let place = Place::new();
    let path = place.path("what? 100% [a#b].db");
    let path = path.to_str().expect("a Unicode path");
    place.run(&["--database", path]).ends_with(OK);
    assert!(Path::new(path).is_file());
    assert_eq!(
        place.run(&["--database", path]).step("score_credit"),
        "from the store"
    );
}

#[test]
fn a_report_is_a_chart_of_each_page_and_a_trace_a_file_of_the_last() {
    let place = Place::new();
    place.run(&[]).ends_with(OK);
    let (picture, trace) = (place.path("page.svg"), place.path("page.json"));
    let run = place
        .run(&[
            "--report",
            "--trace",
            picture.to_str().expect("a Unicode path"),
        ])
        .ends_with(OK);
    let (_, chart) = run
        .stdout
        .split_once("ProfileGraph::profile_page request-1 resolved in ")
        .expect("the head of the chart");
    let score = chart.lines().find(|line| line.contains("score_credit"));
    assert!(
        score.expect("a line of the score").ends_with(" hit"),
        "{chart}"
    );
    assert!(
        chart.lines().any(|line| line.starts_with("* compose_page")),
        "{chart}"
    );
    let drawn = fs::read_to_string(&picture).expect("a picture");
    assert!(drawn.starts_with("<svg class=\"docket-run\""), "{drawn}");

    place
        .run(&["7", "--trace", trace.to_str().expect("a Unicode path")])
        .ends_with(OK);
    let trace = fs::read_to_string(&trace).expect("a trace");
    let trace: serde_json::Value = serde_json::from_str(&trace).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    assert!(
        events
            .iter()
            .any(|it| it["name"] == "fetch_user" && it["ph"] == "X")
    );
}

#[test]
fn help_names_every_option_and_shows_examples() {
    let run = Place::new().run(&["--help"]).ends_with(OK);
    for word in [
        "USER_ID",
        "--database",
        "--timeout",
        "--users",
        "--orders",
        "--preferences",
        "--credit",
        "--recommendations",
        "--report",
        "--trace",
        "[default: 42]",
        "Examples:",
    ] {
        assert!(
            run.stdout.contains(word),
            "`{word}` is missing in\n{}",
            run.stdout
        );
    }
}

#[test]
fn bad_arguments_are_named_and_nothing_runs() {
    #[track_caller]
    fn check(arguments: &[&str], expected: &str) {
        let run = Place::new().run(arguments).ends_with(BAD_ARGUMENTS);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    check(&["0"], "invalid value '0' for '[USER_ID]...'");
    check(&["ada"], "invalid value 'ada' for '[USER_ID]...'");
    check(&["--credit=9"], "`9` is not a time, such as `80ms` or `2s`");
    check(
        &["--credit=9ms,slow"],
        "`slow` is not `fail=N` or `fail=always`",
    );
    check(
        &["--credit=9ms,fail=some"],
        "`some` is neither a number nor `always`",
    );
    check(&["--timeout=0s"], "no page is made in no time");
    check(&["--credits=9ms"], "a similar argument exists: '--credit'");
}

#[test]
fn a_database_that_cannot_be_used_is_named() {
    #[track_caller]
    fn check(place: &Place, path: &Path, expected: &str) {
        let path = path.to_str().expect("a Unicode path");
        let run = place.run(&["--database", path]).ends_with(FAILED);
        let start = format!("error: can't use the database `{path}`: ");
        assert!(
            run.stderr.starts_with(&start) && run.stderr.contains(expected),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
    let place = Place::new();
    check(
        &place,
        &place.path("missing/page.db"),
        "unable to open database file",
    );
    check(&place, place.folder(), "unable to open database file");

    let text = place.path("notes.txt");
    fs::write(
        &text,
        "Not a database, and long enough to be looked at. ".repeat(40),
    )
    .expect("a file");
    check(&place, &text, "file is not a database");
}
