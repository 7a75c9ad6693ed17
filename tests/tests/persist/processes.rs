//! Several processes on one SQLite file.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use docket::ErrorKind;
use docket_tests::herd::{Checked, Herd, Label, Round, open};
use docket_tests::ms;

const PROCESSES: usize = 8;
const ROUNDS: u32 = 100;

/// A process that resolves what it is told to.
struct Member {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Member {
    fn start(folder: &Path, lease_ms: u64, entry_and_place: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_herd"))
            .arg(folder)
            .arg(lease_ms.to_string())
            .args(entry_and_place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (asks, says) = (
            child.stdin.take().unwrap(),
            BufReader::new(child.stdout.take().unwrap()),
        );
        let mut member = Self { child, asks, says };
        assert_eq!(member.hear(), "ready");
        member
    }

    fn ask(&mut self, round: u32) {
        writeln!(self.asks, "{round}").unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

/// Also where a test fails.
impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The effects: of each round, the idempotency keys, or what else was written.
fn ledger(folder: &Path) -> HashMap<u32, Vec<String>> {
    let mut effects: HashMap<u32, Vec<String>> = HashMap::new();
    for line in std::fs::read_to_string(folder.join("ledger"))
        .unwrap_or_default()
        .lines()
    {
        let (round, key) = line.split_once(' ').unwrap();
        effects
            .entry(round.parse().unwrap())
            .or_default()
            .push(key.to_owned());
    }
    effects
}

#[test]
fn of_8_processes_that_ask_for_one_key_one_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut herd: Vec<_> = (0..PROCESSES)
        .map(|_| Member::start(folder.path(), 30_000, &["run"]))
        .collect();
    let mut runners = std::collections::HashSet::new();
    for round in 0..ROUNDS {
        // Another order each time, so that not always the same one is first.
        herd.rotate_left(3);
        for member in &mut herd {
            member.ask(round);
        }
        let answers: Vec<String> = herd.iter_mut().map(Member::hear).collect();
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{answers:?}"
        );
        runners.insert(answers[0].clone().split_once(' ').unwrap().1.to_owned());
    }
    let effects = ledger(folder.path());
    assert_eq!(effects.len(), ROUNDS as usize);
    assert!(effects.values().all(|keys| keys.len() == 1), "{effects:?}");
    assert!(runners.len() > 1, "they did compete");
}

/// How long a process that is killed is waited for. A claim has a third of it for its answer.
const LEASE_MS: u64 = 1_500;

/// Starts a process that is killed in the middle of round 0, in `place`.
fn kill_in(folder: &Path, entry: &str, place: &str) {
    let reached = folder.join("reached");
    let _ = std::fs::remove_file(&reached);
    let mut member = Member::start(folder, LEASE_MS, &[entry, place]);
    member.ask(0);
    while !reached.exists() {
        let ended = member.child.try_wait().unwrap();
        assert!(ended.is_none(), "it did not come so far: {ended:?}");
        std::thread::yield_now();
    }
    // SIGKILL, on Unix.
    member.child.kill().unwrap();
    member.child.wait().unwrap();
}

async fn survivor(folder: &Path) -> Herd {
    open(folder, "", ms(LEASE_MS)).await
}

/// The status of the only row.
async fn status(folder: &Path) -> String {
    column(folder, "SELECT status FROM step_cache").await
}

async fn column(folder: &Path, query: &'static str) -> String {
    let url = format!("sqlite://{}", folder.join("herd.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query_scalar(query).fetch_one(&pool).await.unwrap()
}

#[tokio::test]
async fn after_a_kill_the_next_caller_runs_the_step_under_the_same_idempotency_key() {
    let folder = tempfile::tempdir().unwrap();
    kill_in(folder.path(), "run", "effect");
    let graph = survivor(folder.path()).await;
    let done = graph.run("after the crash", Round(0)).await.unwrap();
    assert_eq!((done.round, done.by), (0, std::process::id()));
    let keys = ledger(folder.path()).remove(&0).unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    graph.run("later", Round(0)).await.unwrap();
    assert_eq!(ledger(folder.path())[&0].len(), 2);
}

#[tokio::test]
async fn after_a_kill_a_step_that_must_not_repeat_is_in_doubt_and_its_row_says_so() {
    let folder = tempfile::tempdir().unwrap();
    kill_in(folder.path(), "run_once", "effect_once");
    assert_eq!(status(folder.path()).await, "running");
    let graph = survivor(folder.path()).await;
    let error = graph
        .run_once("after the crash", Round(0))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::InDoubt, Some("effect_once"))
    );
    assert_eq!(ledger(folder.path())[&0].len(), 1);
    assert_eq!(status(folder.path()).await, "unknown");
}

#[tokio::test]
async fn an_effect_that_was_had_before_a_kill_is_found_and_one_that_was_not_is_had() {
    for (place, had, found) in [
        ("effect_checked", 1, true),
        ("before effect_checked", 0, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        kill_in(folder.path(), "run_checked", place);
        assert_eq!(ledger(folder.path()).len(), had, "{place}");
        let graph = survivor(folder.path()).await;
        for execution in ["after the crash", "later"] {
            let checked = graph.run_checked(execution, Round(0)).await.unwrap();
            assert_eq!(checked, Checked(0));
        }
        assert_eq!(ledger(folder.path())[&0].len(), 1, "{place}");
        let counts = graph.counts();
        assert_eq!((counts.reconciles, counts.hit), (1, 1), "{place}");
        assert_eq!(status(folder.path()).await, "succeeded");
        let metadata = column(folder.path(), "SELECT metadata FROM step_cache").await;
        assert_eq!(
            metadata.contains(r#""reconciled":true"#),
            found,
            "{metadata}"
        );
    }
}

#[tokio::test]
async fn a_step_that_takes_three_processes_with_it_is_not_started_a_fourth_time() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        kill_in(folder.path(), "run", "effect");
    }
    let graph = survivor(folder.path()).await;
    let error = graph.run("after the crash", Round(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InDoubt, 3));
    assert!(error.to_string().contains("`max_attempts`"), "{error}");
    assert_eq!(ledger(folder.path())[&0].len(), 3);
    assert_eq!(status(folder.path()).await, "unknown");
}

#[tokio::test]
async fn an_execution_goes_on_where_a_kill_left_it() {
    let folder = tempfile::tempdir().unwrap();
    kill_in(folder.path(), "fulfil", "pack");
    assert_eq!(ledger(folder.path())[&0], ["reserve", "pack"]);
    let graph = survivor(folder.path()).await;
    // The id that the lost process ran.
    for _ in 0..2 {
        let label = graph.fulfil("herd", Round(0)).await.unwrap();
        assert_eq!(label, Label("0 0".into()));
    }
    assert_eq!(ledger(folder.path())[&0], ["reserve", "pack", "pack"]);
    graph.fulfil("another", Round(0)).await.unwrap();
    assert_eq!(ledger(folder.path())[&0].len(), 5);
}
