//! The session on a SQLite file, and what is particular to it or the same on all stores.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use docket::SqliteStore;
use docket::store::{
    Admin as _, CacheKey, Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Claimed, Failure,
    FailureStatus, Filter, InputHash, Scope, SqliteOptions, Store as _, TableName,
};

use crate::graph::score;
use crate::session::{Place, check};
use crate::tool::{Done, Tool};

const TABLE: &str = "shop_steps";

/// A folder for one database that is gone at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = ClaimId::random()
            .as_bytes()
            .map(|it| format!("{it:02x}"))
            .concat();
        let folder = std::env::temp_dir().join(format!("docket-cli-{name}"));
        std::fs::create_dir(&folder).expect("the folder can be made");
        Self(folder)
    }

    fn url(&self) -> String {
        format!("sqlite://{}/steps.db", self.0.display())
    }

    fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.0).is_ok_and(|mut it| it.next().is_none())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Place for Folder {
    type Store = SqliteStore;

    fn tool(&self) -> Tool {
        Tool::new(&["--store", &self.url(), "--table", TABLE])
    }

    async fn open(&self) -> SqliteStore {
        let table = TableName::new(TABLE).expect("it is a name");
        let options = SqliteOptions::new().table(table);
        options.connect(&self.url()).await.expect("the store opens")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_on_a_file() {
    let folder = Folder::new();
    check(&folder).await;
    let tool = folder.tool();
    let found = tool.ok(&["doctor"]);
    assert!(found.contains("ok  durability"), "{found}");
    assert!(found.contains("ok  journal_mode      wal"), "{found}");
    assert!(found.contains("ok  table shop_steps  version 1"), "{found}");
    assert!(
        tool.json(&["doctor"])
            .iter()
            .all(|it| it["advice"].is_null())
    );
}

#[test]
fn only_migrate_makes_a_file_or_a_table() {
    let folder = Folder::new();
    let tool = folder.tool();
    let commands: [&[&str]; 7] = [
        &["ls"],
        &["show", "00"],
        &["stats"],
        &["retry", "--yes"],
        &["resolve", "00", "--not-applied", "--note", "me", "--yes"],
        &["purge", "--yes"],
        &["doctor"],
    ];
    for command in commands {
        let said = tool.fails(1, command);
        assert!(said.contains("`docket migrate` makes a new file"), "{said}");
        assert!(folder.is_empty(), "{command:?}");
    }
    assert!(
        tool.ok(&["schema"])
            .contains(r#"CREATE TABLE IF NOT EXISTS "shop_steps""#)
    );
    assert!(folder.is_empty());

    // Somebody else's file, in a journal mode of its own.
    Tool::new(&["--store", &folder.url(), "--table", "others"]).ok(&["migrate"]);
    for command in &commands[..6] {
        let said = tool.fails(1, command);
        assert!(
            said.contains("Docket's table is not there; `migrate` makes it"),
            "{said}"
        );
    }
    let done = tool.run(&["doctor"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stdout.contains("no  table shop_steps"), "{done:?}");
    assert!(
        done.stderr.contains("`migrate` makes the table"),
        "{done:?}"
    );
}

#[tokio::test]
async fn the_url_may_come_from_the_environment() {
    let folder = Folder::new();
    score(folder.open().await, 0..1).await;
    let done = Tool::new(&["--table", TABLE])
        .command(&["ls"])
        .env("DOCKET_STORE", folder.url())
        .output()
        .map(Done::from)
        .unwrap();
    assert_eq!(
        (done.code, done.stdout.lines().count()),
        (Some(0), 2),
        "{done:?}"
    );
    assert_eq!(
        Tool::new(&[]).fails(2, &["ls"]),
        "error: no store is given\nhelp: pass `--store URL`, or set `DOCKET_STORE`\n"
    );
}

#[tokio::test]
async fn a_reader_who_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    score(folder.open().await, 0..3).await;
    for args in [
        &["ls"][..],
        &["ls", "--output", "json"],
        &["schema"],
        &["--help"],
    ] {
        let mut child = folder
            .tool()
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let done = Done::from(child.wait_with_output().unwrap());
        assert_eq!((done.code, &done.stderr[..]), (Some(0), ""), "{args:?}");
    }
}

#[tokio::test]
async fn a_value_may_come_from_standard_input_and_be_protobuf() {
    let folder = Folder::new();
    folder.tool().ok(&["migrate"]);
    std::thread::scope(|scope| {
        scope.spawn(|| crate::graph::lose(9, || folder.open()));
    });
    let tool = folder.tool();
    let rows = tool.json(&["ls"]);
    let key = rows[0]["key"].as_str().unwrap();
    let args = [
        "resolve",
        key,
        "--applied",
        "-",
        "--codec",
        "protobuf",
        "--note",
        "me",
    ];
    let with_yes = [&args[..], &["--yes"]].concat();
    for (args, code) in [(&args[..], 2), (&with_yes, 0)] {
        let mut child = tool
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"\x08\x96\x01")
            .unwrap();
        let done = Done::from(child.wait_with_output().unwrap());
        assert_eq!(done.code, Some(code), "{done:?}");
    }
    let row = &tool.json(&["show", key, "--value"])[0];
    assert_eq!(
        (&row["codec"], &row["value_hex"]),
        (&1.into(), &"089601".into())
    );
    let shown = tool.ok(&["show", key, "--value"]);
    assert!(
        shown.contains("protobuf, in hexadecimal digits: 089601"),
        "{shown}"
    );

    // The next row of the step is not taken for JSON without a word.
    std::thread::scope(|scope| {
        scope.spawn(|| crate::graph::lose(10, || folder.open()));
    });
    let rows = tool.json(&["ls", "--status", "running"]);
    let key = rows[0]["key"].as_str().unwrap();
    let said = tool.fails(
        2,
        &["resolve", key, "--applied", "-", "--note", "me", "--yes"],
    );
    assert!(
        said.contains("the results of this step are stored as protobuf"),
        "{said}"
    );
}

/// The statement that runs is finished, and what was deleted is told.
#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_purge_says_how_far_it_came() {
    const N_ROWS: u64 = 300;
    let folder = Folder::new();
    let store = folder.open().await;
    for _ in 0..N_ROWS {
        expire(&store).await;
    }
    let tool = folder.tool();
    let mut child = tool
        .command(&["purge", "--yes", "--batch", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    stderr.read_line(&mut first).unwrap();
    assert_eq!(first, "deleted 1 of 300\n");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let rest: Vec<_> = stderr.lines().map(Result::unwrap).collect();
    let said = rest.iter().find(|it| it.starts_with("error: ")).unwrap();
    let n_deleted: u64 = said
        .strip_prefix("error: stopped by Ctrl-C: ")
        .and_then(|it| it.split_once(" of 300 expired rows are deleted"))
        .and_then(|(n, _)| n.parse().ok())
        .unwrap_or_else(|| panic!("{said}"));
    assert!((1..N_ROWS).contains(&n_deleted), "{said}");
    let left = store.count(&Filter::default()).await.unwrap();
    assert_eq!(left, N_ROWS - n_deleted);

    let purged = tool.json(&["purge", "--yes", "--batch", "1000"]);
    assert_eq!(purged[0]["purged"], N_ROWS - n_deleted);
}

/// Leaves a row behind that has expired.
async fn expire(store: &SqliteStore) {
    let half = *ClaimId::random().as_bytes();
    let mut key = [0; 32];
    key[..16].copy_from_slice(&half);
    let request = ClaimRequest {
        call: Call {
            key: CacheKey(key),
            namespace: "".into(),
            scope: Scope::Global,
            execution_id: "long-ago".into(),
            step_name: "Old",
            step_version: 0,
            input_hash: InputHash([0; 32]),
        },
        claim_id: ClaimId::from(half),
        holder: "me".into(),
        lease: Duration::from_secs(30),
        retry_failed: true,
        repeat_lost: true,
        replace: false,
        reconcile: false,
        max_attempts: 3,
        is_cache: false,
        stale: None,
    };
    let ClaimOutcome::Claimed(Claimed { fence, .. }) = store.claim(&request).await.unwrap() else {
        panic!("a new row is free");
    };
    let claim = ClaimRef {
        key: request.call.key,
        claim_id: request.claim_id,
        fence,
    };
    let failure = Failure {
        status: FailureStatus::Failed,
        code: "failed",
        error: "long ago".to_owned(),
        retry_in: Duration::ZERO,
        ttl: Some(Duration::ZERO),
        metadata: "{}".into(),
    };
    store.fail(&claim, &failure).await.unwrap();
}
