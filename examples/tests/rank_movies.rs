//! Runs the program `rank_movies` as a user would, kills it, runs it again, and counts what the rating service was asked for.

mod common;

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use docket::SqliteStore;
use docket::store::{Admin as _, Filter, RowStatus};
use serde_json::Value;

use common::{BAD_ARGUMENTS, FAILED, OK, Place};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rank_movies");

/// How many rows of the list are films, and so are asked for.
const FILMS: usize = 3_127;

/// Faster than the test needs it.
const FAST: &str = "--rate=10000";

impl Place {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_remove("CLICOLOR_FORCE");
        command
            .args([FAST, "--lease=2s", "--folder"])
            .arg(self.folder())
            .args(arguments);
        command
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--output=json"]].concat());
        serde_json::from_str(&run.ends_with(OK).stdout).expect("JSON")
    }

    /// How many films the service was asked for in all runs.
    fn asked(&self) -> usize {
        let text = fs::read_to_string(self.path("asked.txt")).unwrap_or_default();
        text.lines().count()
    }

    fn sqlite(&self) -> String {
        format!("sqlite://{}", self.path("store.db").display())
    }
}

/// What does not depend on how it was found out.
fn films(json: &Value) -> [&Value; 3] {
    ["ranked", "failed", "stats"].map(|it| &json[it])
}

fn asked(json: &Value) -> u64 {
    json["requests"]["films"].as_u64().expect("a number")
}

#[test]
fn of_3201_rows_each_bad_one_fails_alone_named_by_its_line() {
    let place = Place::new();
    let json = place.json(&[]);
    let failed = json["failed"].as_array().expect("a list");
    let ranked = json["ranked"].as_array().expect("a list");
    assert_eq!((ranked.len(), failed.len()), (2_939, 262));
    let errors: Vec<_> = failed
        .iter()
        .filter_map(|it| it["error"].as_str())
        .collect();
    let count = |what: &str| errors.iter().filter(|it| it.contains(what)).count();
    assert_eq!(count("no rating"), 188);
    assert_eq!(count("no worldwide gross"), 50);
    assert_eq!(count("and the list is of 2011"), 22);
    assert_eq!(count("no production budget"), 1);
    assert_eq!(count("no title"), 1);
    assert!(errors.contains(&"line 402: released in 2039, and the list is of 2011"));
    assert_eq!((place.asked(), asked(&json)), (FILMS, FILMS as u64));
}

#[test]
fn the_ten_best_are_these() {
    let json = Place::new().json(&[]);
    let ranked = json["ranked"].as_array().expect("a list");
    let best: Vec<_> = (ranked.iter().take(10))
        .map(|it| {
            (
                it["rank"].as_u64(),
                it["title"].as_str(),
                it["year"].as_u64(),
            )
        })
        .collect();
    let expected = [
        ("The Godfather", 1972),
        ("Paranormal Activity", 2009),
        ("Pulp Fiction", 1994),
        ("One Flew Over the Cuckoo's Nest", 1975),
        ("Tarnation", 2004),
        ("Schindler's List", 1993),
        ("American Beauty", 1999),
        ("Raiders of the Lost Ark", 1981),
        ("The Lord of the Rings: The Return of the King", 2003),
        ("Taxi Driver", 1976),
    ];
    let expected = (1..).zip(expected);
    assert!(
        best.into_iter()
            .eq(expected.map(|(rank, (title, year))| { (Some(rank), Some(title), Some(year)) }))
    );
    assert_eq!(json["stats"]["films"], 2_939);
    assert_eq!(json["stats"]["missing"], 262);
}

#[test]
fn the_outcome_is_the_same_whatever_the_concurrency_and_the_store() {
    let expected = Place::new().json(&[]);
    for n in ["1", "7", "500"] {
        let json = Place::new().json(&["--max-concurrency", n]);
        assert_eq!(films(&json), films(&expected), "{n} at once");
    }
    let place = Place::new();
    let store = place.sqlite();
    let run = |n| place.json(&["--max-concurrency", n, "--store", &store]);
    for _ in 0..2 {
        assert_eq!(films(&run("7")), films(&expected), "from SQLite");
        // The second run found in the store what the first one put there.
        assert_eq!(place.asked(), FILMS);
    }
    // On a machine under load, the store may be too slow for so many at once, and some are asked for again.
    assert_eq!(films(&run("500")), films(&expected), "500, from SQLite");
}

#[cfg(feature = "postgres")]
#[test]
fn the_outcome_is_the_same_on_postgres() {
    let url = std::env::var("DOCKET_TEST_POSTGRES").expect("`tests/run` starts the servers");
    let place = Place::new();
    let time = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_nanos();
    let batch = format!("batch-{time}-{}", std::process::id());
    let expected = place.json(&[]);
    for n in ["7", "7"] {
        let json = place.json(&[&batch, "--max-concurrency", n, "--store", &url]);
        assert_eq!(films(&json), films(&expected));
    }
    assert_eq!(place.asked(), 2 * FILMS);
}

#[test]
fn requests_that_come_too_fast_are_tried_again() {
    let place = Place::new();
    let movies = concat!(env!("CARGO_MANIFEST_DIR"), "/data/movies.json");
    let movies = fs::read_to_string(movies).expect("the list");
    let few: Vec<_> = movies.lines().take(201).collect();
    fs::write(place.path("few.json"), few.join("\n")).expect("a file");
    let few = place.path("few.json");
    let json = place.json(&["--rate=1", "--input", few.to_str().expect("a Unicode path")]);
    assert!(
        json["requests"]["refused"].as_u64() > Some(0),
        "{}",
        json["requests"]
    );
    let errors = json["failed"].as_array().expect("a list");
    let of_service = errors.iter().filter(|it| it["step"] == "fetch_ratings");
    assert_eq!(of_service.count(), 0);
    assert_eq!(place.asked() as u64, asked(&json));
}

/// How many ratings the store has of all films.
fn recorded(place: &Place) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let store = SqliteStore::connect(&place.sqlite())
            .await
            .expect("a store");
        let rows = store.list(&Filter::default(), 10_000).await.expect("rows");
        let rows = rows.iter().filter(|it| it.step_name == "fetch_ratings");
        rows.filter(|it| it.status == RowStatus::Succeeded).count()
    })
}

#[test]
fn a_batch_that_is_killed_half_way_and_run_again_asks_for_those_only_that_it_does_not_have() {
    let place = Place::new();
    let store = place.sqlite();
    // So few at once that the store is fast enough for each to be recorded.
    let arguments = [
        "--store",
        &store,
        "--max-concurrency=7",
        "--rate=15",
        "--output=json",
    ];
    let mut killed = place
        .command(&arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    while recorded_or_none(&place) < FILMS / 3 {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "it does not get on"
        );
        sleep(Duration::from_millis(20));
    }
    killed.kill().expect("it is ours");
    let status = killed.wait().expect("it ended");
    assert_eq!(status.code(), None, "it ended before it was killed");

    let (asked_before, recorded) = (place.asked(), recorded(&place));
    assert!(recorded < FILMS, "it was killed too late");
    let resumed = place.json(&arguments[..3]);
    assert_eq!(asked(&resumed) as usize, FILMS - recorded);
    assert_eq!(place.asked(), asked_before + FILMS - recorded);
    assert_eq!(films(&resumed), films(&Place::new().json(&[])));

    let third = place.json(&arguments[..3]);
    assert_eq!((asked(&third), films(&third)), (0, films(&resumed)));
}

/// The same while the program may not have made the store yet.
fn recorded_or_none(place: &Place) -> usize {
    if place.asked() < 500 {
        return 0;
    }
    recorded(place)
}

#[test]
fn the_table_is_for_people() {
    let place = Place::new();
    let run = place.run(&["--top=2"]).ends_with(OK);
    assert_eq!(run.line("3201 rows:"), "2939 ranked, 262 failed");
    assert_eq!(
        run.line("1  The Godfather").split_whitespace().next(),
        Some("1972")
    );
    assert_eq!(run.line("1 no title:"), "line 3055");
    assert_eq!(
        run.line("22 released after the list:"),
        "line 11, 17, 18 and 19 more"
    );
    assert!(!run.stdout.contains("Pulp Fiction"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn where_the_service_refuses_all_films_the_table_says_so_in_one_line() {
    let place = Place::new();
    // It writes down what it is asked for before it answers, and there is no room for that.
    std::os::unix::fs::symlink("/dev/full", place.path("asked.txt")).expect("a link");
    let run = place.run(&[]).ends_with(OK);
    assert_eq!(run.line("3201 rows:"), "0 ranked, 3201 failed");
    assert_eq!(
        run.line("3127 the rating service answered 500 Internal Server Error:"),
        "line 2, 3, 4 and 3124 more"
    );
    let kinds = run.stdout.lines().filter(|it| it.contains(": line "));
    assert_eq!(kinds.count(), 5, "{}", run.stdout);
}

#[test]
fn a_list_of_ones_own_may_be_as_dirty_as_it_is() {
    let place = Place::new();
    let list = place.path("list.json");
    let alien = r#"{"Title": "Alien", "Release Date": "May 25 1979", "Production Budget": 9000000, "Worldwide Gross": 203630630}"#;
    fs::write(&list, format!("[\n{alien},\nno film,\n{{}}\n]\n")).expect("a file");
    let list = list.to_str().expect("a Unicode path");
    let run = place.run(&["--input", list, "--output=csv"]).ends_with(OK);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "rank,line,title,year,rating,gain,score,error",
            "1,2,Alien,1979,8.5000,22.6256,0.0000,",
            ",3,,,,,,line 3: no JSON object",
            ",4,,,,,,line 4: no title",
        ]
    );
    fs::write(place.path("empty.json"), "[\n]\n").expect("a file");
    let empty = place.path("empty.json");
    let run = place.run(&["--input", empty.to_str().expect("a Unicode path")]);
    assert_eq!(run.ends_with(OK).line("0 rows:"), "0 ranked, 0 failed");
}

#[test]
fn bad_arguments_are_refused_and_help_helps() {
    let place = Place::new();
    for (arguments, words) in [
        (&["--max-concurrency=0"][..], "--max-concurrency"),
        (&["--output=xml"], "[possible values: table, json, csv]"),
        (&["--store=mongodb://x"], "it is none of sqlite://FILE"),
        (&["--lease=soon"], "`soon` is not a time"),
        (&["--outptu=csv"], "a similar argument exists: '--output'"),
    ] {
        let run = place.run(arguments).ends_with(BAD_ARGUMENTS);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let help = place.run(&["--help"]).ends_with(OK).stdout;
    for word in [
        "--max-concurrency <N>",
        "--store <URL>",
        "kill it half way",
        "[default: 50]",
    ] {
        assert!(help.contains(word), "{help}");
    }
    let run = place.run(&["--input=/missing.json"]).ends_with(FAILED);
    assert!(
        run.stderr
            .starts_with("error: can't read the list `/missing.json`: "),
        "{}",
        run.stderr
    );
}

/// The command of the README prints what it says.
#[test]
fn it_prints_what_the_readme_says() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let (_, section) = readme
        .split_once("## Many at once")
        .expect("a section of its own");
    let (_, block) = section.split_once("```console\n").expect("a block");
    let (block, _) = block.split_once("```").expect("its end");
    let (command, printed) = block.split_once('\n').expect("a command");
    let (_, arguments) = command.split_once(" -- ").expect("arguments");
    let arguments: Vec<_> = arguments.split(' ').collect();
    let run = Place::new().run(&arguments).ends_with(OK);
    assert_eq!(run.stdout, printed);
}
