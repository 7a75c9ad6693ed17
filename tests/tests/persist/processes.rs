//! Several processes on one SQLite file.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use docket::ErrorKind;
use docket_tests::herd::{Round, open};
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
    fn start(folder: &Path, lease_ms: u64, mode: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_herd"))
            .arg(folder)
            .arg(lease_ms.to_string())
            .arg(mode)
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

/// The effects: of each round, the idempotency keys.
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
        .map(|_| Member::start(folder.path(), 30_000, "run"))
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

/// Starts a process that is killed in the middle of round 0.
fn kill_in_the_middle(folder: &Path, mode: &str) {
    let mut member = Member::start(folder, 300, mode);
    member.ask(0);
    while ledger(folder).is_empty() {
        std::thread::yield_now();
    }
    // SIGKILL, on Unix.
    member.child.kill().unwrap();
    member.child.wait().unwrap();
}

#[tokio::test]
async fn after_a_kill_the_next_caller_runs_the_step_under_the_same_idempotency_key() {
    let folder = tempfile::tempdir().unwrap();
    kill_in_the_middle(folder.path(), "hang");
    let graph = open(folder.path(), false, ms(300)).await;
    let done = graph.run("after the crash", Round(0)).await.unwrap();
    assert_eq!((done.round, done.by), (0, std::process::id()));
    let keys = ledger(folder.path()).remove(&0).unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    graph.run("later", Round(0)).await.unwrap();
    assert_eq!(ledger(folder.path())[&0].len(), 2);
}

#[tokio::test]
async fn after_a_kill_a_step_that_must_not_repeat_is_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    kill_in_the_middle(folder.path(), "hang-once");
    let graph = open(folder.path(), false, ms(300)).await;
    let error = graph
        .run_once("after the crash", Round(0))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::InDoubt, Some("effect_once"))
    );
    assert_eq!(ledger(folder.path())[&0].len(), 1);
}
