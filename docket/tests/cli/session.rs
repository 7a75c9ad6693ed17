//! An operator's session, the same on each store.

use std::fs;
use std::path::PathBuf;

use docket::ErrorKind;
use docket::store::Store;
use serde_json::{Value, json};

use crate::graph::{Mood, Receipt, charge, lose, score};
use crate::tool::Tool;

/// More than there are hexadecimal digits: two keys begin alike.
const N_SCORES: u32 = 17;

/// A store, as the command is told of it and as a graph opens it.
pub(crate) trait Place {
    type Store: Store;

    fn tool(&self) -> Tool;

    /// Opens the store, whose table is there.
    fn open(&self) -> impl Future<Output = Self::Store> + Send;
}

/// Runs on an empty store whose table is not there yet.
pub(crate) async fn check<P: Place + Sync>(place: &P) {
    let tool = place.tool();
    let migrated = tool.ok(&["migrate"]);
    assert!(migrated.contains("is up to date"), "{migrated}");
    tool.ok(&["migrate"]);
    assert_eq!(tool.ok(&["ls"]), "");
    assert_eq!(tool.ok(&["stats"]), "");

    score(place.open().await, 0..N_SCORES).await;
    let (declined, _) = charge(place.open().await, 1, Mood::Declines).await;
    assert_eq!(declined, Err(ErrorKind::Failed));
    let (broken_off, _) = charge(place.open().await, 2, Mood::BreaksOff).await;
    assert_eq!(broken_off, Err(ErrorKind::InDoubt));
    lose_order(place, 3);

    rows_are_listed(&tool);
    rows_are_counted(&tool);
    a_row_is_shown(&tool);
    a_key_is_found_by_its_beginning(&tool);
    failures_are_retried(place, &tool).await;
    doubts_are_resolved(place, &tool).await;
    expired_rows_are_purged(place, &tool).await;
    let schema = tool.ok(&["schema"]);
    for word in ["{table}", "{bare}", "{schema}", "{prefix}"] {
        assert!(!schema.contains(word), "all is filled in: {schema}");
    }
}

/// In a thread outside of the runtime of the test, which must not be blocked.
fn lose_order<P: Place + Sync>(place: &P, order: u32) {
    std::thread::scope(|scope| {
        scope.spawn(|| lose(order, || place.open()));
    });
}

fn rows_are_listed(tool: &Tool) {
    let table = tool.ok(&["ls"]);
    let header = table.lines().next().unwrap_or_default();
    let words: Vec<_> = header.split_whitespace().collect();
    let columns = [
        "KEY",
        "STEP",
        "STATUS",
        "ATTEMPT",
        "CREATED",
        "EXPIRES",
        "EXECUTION",
        "ERROR",
    ];
    assert_eq!(words, columns);
    assert_eq!(table.lines().count(), 1 + N_SCORES as usize + 3);
    assert_eq!(table.matches("running (lost)").count(), 1, "{table}");
    assert!(table.contains("in 23h"), "scores count for a day: {table}");
    assert!(
        table.contains(r"\u{1b}[31mdeclined"),
        "colours stay away: {table}"
    );
    assert!(!table.contains("hush"), "no values: {table}");

    let failed = tool.json(&["ls", "--status", "failed"]);
    let [row] = &failed[..] else {
        panic!("one row has failed: {failed:?}");
    };
    assert_eq!(row["step"], "ChargeCard");
    assert_eq!(row["status"], "failed");
    assert_eq!(row["in_doubt"], false);
    assert_eq!(row["scope"], "global");
    assert_eq!(row["execution"], "checkout-1");
    assert_eq!(row["attempt"], 1);
    assert_eq!(row["error"], "card \u{1b}[31mdeclined");
    assert_eq!(row["metadata"]["code"], "failed");
    assert_eq!(row["lease_ms"], Value::Null);
    assert_eq!(row["value_bytes"], Value::Null);
    assert!(
        row["age_ms"].as_u64().is_some_and(|it| it < 60_000),
        "{row}"
    );
    assert!(
        row["created_at"]
            .as_str()
            .is_some_and(|it| it.ends_with('Z')),
        "{row}"
    );
    assert!(row["finished_at"].is_string(), "{row}");

    let page = include_str!("../../docs/cli.md");
    for field in row.as_object().expect("a row is an object").keys() {
        assert!(
            page.contains(&format!("`{field}`")),
            "{field} is documented"
        );
    }

    let count = |args: &[&str]| tool.json(&[&["ls"], args].concat()).len();
    assert_eq!(count(&["--step", "ChargeCard"]), 3);
    assert_eq!(count(&["--step", "chargecard"]), 0);
    assert_eq!(count(&["--execution", "scores-3"]), 1);
    assert_eq!(count(&["--step", "ScoreCredit", "--status", "failed"]), 0);
    assert_eq!(count(&["--older-than", "1h"]), 0);
    assert_eq!(count(&["--younger-than", "1h"]), 20);
    assert_eq!(count(&["--younger-than", "5000years"]), 20);
    assert_eq!(count(&["--older-than", "5000years"]), 0);
    assert_eq!(count(&["--expired"]), 0);

    let cut = tool.run(&["ls", "--limit", "2"]);
    assert_eq!(cut.stdout.lines().count(), 3);
    assert_eq!(
        cut.stderr,
        "these are the youngest 2 rows; `--limit` shows more\n"
    );
}

fn rows_are_counted(tool: &Tool) {
    let counts = tool.json(&["stats"]);
    let counts: Vec<_> = counts
        .iter()
        .map(|it| (&it["step"], &it["status"], &it["rows"]))
        .collect();
    assert_eq!(
        counts,
        [
            (&json!("ChargeCard"), &json!("running"), &json!(1)),
            (&json!("ChargeCard"), &json!("failed"), &json!(1)),
            (&json!("ChargeCard"), &json!("unknown"), &json!(1)),
            (&json!("ScoreCredit"), &json!("succeeded"), &json!(N_SCORES)),
        ]
    );
    let table = tool.ok(&["stats"]);
    assert!(
        table.starts_with("STEP         STATUS     ROWS  BYTES  OLDEST\n"),
        "{table}"
    );
    assert!(table.contains("s ago"), "{table}");
}

fn a_row_is_shown(tool: &Tool) {
    let key = key_of(tool, &["--execution", "scores-5"]);
    let shown = tool.ok(&["show", &key[..12]]);
    assert!(shown.contains(&key), "{shown}");
    assert!(shown.contains("ScoreCredit, version 0"), "{shown}");
    assert!(
        shown.contains("19 bytes of JSON; `--value` prints it"),
        "{shown}"
    );
    assert!(!shown.contains("hush"), "{shown}");
    let shown = tool.ok(&["show", &key.to_uppercase(), "--value"]);
    assert!(
        shown.contains(r#"{"secret":"hush-5"}"#) || shown.contains(r#"{"secret": "hush-5"}"#),
        "{shown}"
    );

    let row = &tool.json(&["show", &key])[0];
    assert_eq!(row["value"], Value::Null);
    assert_eq!(row["value_bytes"], 19);
    let row = &tool.json(&["show", &key, "--value"])[0];
    assert_eq!(row["value"], json!({ "secret": "hush-5" }));

    let lost = key_of(tool, &["--status", "running"]);
    let lost = tool.run(&["show", &lost]);
    assert!(lost.stdout.contains("running (lost)"), "{lost:?}");
    assert!(lost.stderr.contains("`docket resolve`"), "{lost:?}");
}

fn a_key_is_found_by_its_beginning(tool: &Tool) {
    let rows = tool.json(&["ls", "--step", "ScoreCredit"]);
    let keys: Vec<_> = rows.iter().filter_map(|it| it["key"].as_str()).collect();
    assert_eq!(keys.len(), N_SCORES as usize);
    let digit = (0..16)
        .map(|it| format!("{it:x}"))
        .find(|digit| keys.iter().filter(|it| it.starts_with(digit)).count() > 1)
        .expect("of 17 keys two begin alike");
    let said = tool.fails(1, &["show", &digit]);
    assert!(
        said.starts_with(&format!("error: {digit} is the beginning of ")),
        "{said}"
    );
    for key in keys.iter().filter(|it| it.starts_with(&digit)).take(2) {
        assert!(
            said.contains(&format!("{} ScoreCredit succeeded", &key[..12])),
            "{said}"
        );
    }
    assert_eq!(
        tool.fails(1, &["show", &"0".repeat(64)]),
        format!(
            "error: no key begins with {}\nhelp: `docket ls` lists the rows and the beginnings of their keys\n",
            "0".repeat(64)
        )
    );
    let said = tool.fails(2, &["show", "xyz"]);
    assert!(said.contains("1 to 64 hexadecimal digits"), "{said}");
}

async fn failures_are_retried<P: Place>(place: &P, tool: &Tool) {
    let said = tool.fails(2, &["retry", "--step", "ChargeCard"]);
    assert!(said.contains("1 failed row of "), "{said}");
    assert!(said.contains("help: pass `--yes` to go ahead"), "{said}");
    let (declined, n_charges) = charge(place.open().await, 1, Mood::Charges).await;
    assert_eq!(
        (declined, n_charges),
        (Err(ErrorKind::Failed), 0),
        "nothing was changed"
    );

    assert_eq!(
        tool.json(&["retry", "--step", "Other"]),
        [json!({ "retried": 0 })]
    );
    let retried = tool.ok(&["retry", "--step", "ChargeCard", "--yes"]);
    assert_eq!(retried, "1 row will run at the next call of each\n");
    assert_eq!(
        tool.json(&["retry", "--yes"]),
        [json!({ "retried": 0 })],
        "it is free already"
    );
    let (charged, n_charges) = charge(place.open().await, 1, Mood::Charges).await;
    assert_eq!((charged, n_charges), (Ok(Receipt { number: 1 }), 1));
}

async fn doubts_are_resolved<P: Place>(place: &P, tool: &Tool) {
    let score = key_of(tool, &["--execution", "scores-5"]);
    let said = tool.fails(
        1,
        &["resolve", &score, "--not-applied", "--note", "me", "--yes"],
    );
    assert!(said.contains("is not in doubt: it has succeeded"), "{said}");

    let (doubted, n_charges) = charge(place.open().await, 2, Mood::Charges).await;
    assert_eq!((doubted, n_charges), (Err(ErrorKind::InDoubt), 0));
    let unknown = key_of(tool, &["--status", "unknown"]);
    let lost = key_of(tool, &["--status", "running"]);

    let said = tool.fails(2, &["resolve", &unknown, "--not-applied", "--note", "me"]);
    assert!(said.contains("1 row of "), "{said}");
    let not_applied = [
        "resolve",
        &unknown[..12],
        "--not-applied",
        "--note",
        "Ada: no charge",
        "--yes",
    ];
    let resolved = tool.ok(&not_applied);
    assert!(
        resolved.contains("failed, and runs at its next call"),
        "{resolved}"
    );
    let row = &tool.json(&["show", &unknown])[0];
    assert_eq!(row["metadata"]["note"], "Ada: no charge");
    assert_eq!(row["metadata"]["code"], "not_applied");
    assert_eq!(
        (&row["status"], &row["expires_in_ms"]),
        (&json!("failed"), &json!(0))
    );
    let (charged, n_charges) = charge(place.open().await, 2, Mood::Charges).await;
    assert_eq!((charged, n_charges), (Ok(Receipt { number: 2 }), 1));

    let file = File::new("{\n  \"number\": 77\n}\n");
    let applied = |file: &str| {
        let mut args = vec![
            "resolve",
            &lost,
            "--applied",
            file,
            "--note",
            "Ada: charge 77",
        ];
        args.extend(["--ttl", "24h", "--yes"]);
        tool.run(&args)
    };
    let bad = File::new("{\"number\": ");
    let said = applied(bad.path());
    assert_eq!((said.code, &said.stdout[..]), (Some(1), ""));
    assert!(said.stderr.contains("is not JSON"), "{said:?}");
    assert!(applied("no-such-file").stderr.contains("can't be read"));
    let resolved = applied(file.path());
    assert_eq!(resolved.code, Some(0), "{resolved:?}");
    assert!(
        resolved
            .stdout
            .contains("succeeded for 24h, with a value of 18 bytes"),
        "{resolved:?}"
    );
    let (found, n_charges) = charge(place.open().await, 3, Mood::Declines).await;
    assert_eq!((found, n_charges), (Ok(Receipt { number: 77 }), 0));
    let row = &tool.json(&["show", &lost, "--value"])[0];
    assert_eq!(row["metadata"]["note"], "Ada: charge 77");
    assert_eq!(row["value"], json!({ "number": 77 }));
    assert_eq!(row["error"], Value::Null);

    let again = applied(file.path());
    assert!(
        again.stderr.contains("is not in doubt: it has succeeded"),
        "{again:?}"
    );
}

async fn expired_rows_are_purged<P: Place + Sync>(place: &P, tool: &Tool) {
    lose_order(place, 4);
    let lost = key_of(tool, &["--status", "running"]);
    let file = File::new(r#"{"number":4}"#);
    let mut brief = vec!["resolve", &lost, "--applied", file.path(), "--note", "me"];
    brief.extend(["--ttl", "1ms", "--yes"]);
    tool.ok(&brief);
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert_eq!(tool.json(&["ls", "--expired"]).len(), 1);
    let said = tool.fails(2, &["purge"]);
    assert!(said.contains("1 row of "), "{said}");
    assert_eq!(tool.ok(&["purge", "--yes"]), "1 row deleted\n");
    assert_eq!(
        tool.json(&["purge"]),
        [json!({ "purged": 0 })],
        "nothing to ask about"
    );
    assert_eq!(tool.json(&["ls", "--expired"]).len(), 0);
}

/// The key of the one row that `ls` finds so.
#[track_caller]
fn key_of(tool: &Tool, filter: &[&str]) -> String {
    let rows = tool.json(&[&["ls"], filter].concat());
    let [row] = &rows[..] else {
        panic!("{filter:?} finds one row: {rows:?}");
    };
    let key = row["key"].as_str().expect("a row has a key");
    assert_eq!(key.len(), 64);
    key.to_owned()
}

/// A file that is gone at the end of its test.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        let name = format!("docket-cli-{}-{}", std::process::id(), fastrand());
        let file = Self(std::env::temp_dir().join(name));
        fs::write(&file.0, text).expect("the file can be written");
        file
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("its path is UTF-8")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Different each time.
fn fastrand() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
