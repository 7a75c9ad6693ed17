//! Processes that are killed in the middle of anything, on one SQLite file.
//!
//! Each child claims keys in an order of its own, has an effect by appending the key to a ledger, and records it. The
//! parent kills children at random and starts others, then counts effects and rows.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use docket_runtime::key::{CacheKey, InputHash};
use docket_runtime::store::{
    Call, ClaimId, ClaimOutcome, ClaimRef, ClaimRequest, Completion, Scope, SqliteStore, Store,
    Stored,
};

const N_KEYS: u32 = 150;
const N_CHILDREN: usize = 4;
const STORM: Duration = Duration::from_secs(4);
const LEASE: Duration = Duration::from_millis(250);

/// Set in the children: the folder of the file and the ledger.
const FOLDER: &str = "DOCKET_TEST_KILLS";
/// Set in the children of a storm under `repeat = "keyed"`.
const MAY_REPEAT: &str = "DOCKET_TEST_MAY_REPEAT";

#[test]
fn no_effect_is_repeated_under_never_however_often_processes_are_killed() {
    let storm = storm("never", false);
    assert!(storm.n_kills > 20, "{storm:?}");
    assert_eq!(storm.n_repeated_effects, 0, "{storm:?}");
    assert_eq!(storm.n_recorded_without_effect, 0, "{storm:?}");
    assert_eq!(
        storm.n_succeeded + storm.n_unknown,
        N_KEYS as usize,
        "{storm:?}"
    );
    assert!(storm.n_succeeded > 0, "{storm:?}");
    println!("{storm:?}");
}

#[test]
fn every_key_is_done_in_the_end_where_repeats_are_allowed() {
    let storm = storm("keyed", true);
    assert!(storm.n_kills > 20, "{storm:?}");
    assert_eq!(storm.n_succeeded, N_KEYS as usize, "{storm:?}");
    assert_eq!(storm.n_recorded_without_effect, 0, "{storm:?}");
    println!("{storm:?}");
}

#[derive(Debug)]
#[expect(dead_code, reason = "for the report")]
struct Storm {
    n_kills: usize,
    n_effects: usize,
    n_repeated_effects: usize,
    n_succeeded: usize,
    n_unknown: usize,
    n_recorded_without_effect: usize,
}

fn storm(name: &str, may_repeat: bool) -> Storm {
    let folder = std::env::temp_dir().join(format!("docket-kills-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();

    let start = || start(&folder, may_repeat);
    let mut children: Vec<Child> = (0..N_CHILDREN).map(|_| start()).collect();
    let mut n_kills = 0;
    let until = Instant::now() + STORM;
    while Instant::now() < until {
        std::thread::sleep(Duration::from_millis(fastrand::u64(20..120)));
        let victim = &mut children[fastrand::usize(..N_CHILDREN)];
        victim.kill().unwrap();
        victim.wait().unwrap();
        n_kills += 1;
        *victim = start();
    }
    for child in &mut children {
        assert!(
            child.wait().unwrap().success(),
            "a child that is let alone finishes"
        );
    }
    let storm = count(&folder, n_kills);
    std::fs::remove_dir_all(&folder).unwrap();
    storm
}

fn start(folder: &Path, may_repeat: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "kills::child", "--ignored", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::null());
    if may_repeat {
        command.env(MAY_REPEAT, "1");
    }
    command.spawn().unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn count(folder: &Path, n_kills: usize) -> Storm {
    let mut effects: HashMap<u32, usize> = HashMap::new();
    let ledger = std::fs::read_to_string(folder.join("ledger")).unwrap();
    for line in ledger.lines() {
        *effects.entry(line.parse().unwrap()).or_default() += 1;
    }
    let store = open(folder).await;
    let mut storm = Storm {
        n_kills,
        n_effects: effects.values().sum(),
        n_repeated_effects: effects.values().filter(|it| **it > 1).count(),
        n_succeeded: 0,
        n_unknown: 0,
        n_recorded_without_effect: 0,
    };
    for key in 0..N_KEYS {
        match store.claim(&request(key, false)).await.unwrap() {
            ClaimOutcome::Hit(_) => {
                storm.n_succeeded += 1;
                storm.n_recorded_without_effect += usize::from(!effects.contains_key(&key));
            }
            ClaimOutcome::Unknown { .. } => storm.n_unknown += 1,
            other => panic!("all is settled, and {key} is {other:?}"),
        }
    }
    storm
}

#[test]
#[ignore = "run by the tests of this module, as a process of its own"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    work(
        &PathBuf::from(folder),
        std::env::var_os(MAY_REPEAT).is_some(),
    );
}

#[tokio::main(flavor = "current_thread")]
async fn work(folder: &Path, may_repeat: bool) {
    let store = open(folder).await;
    let mut keys: Vec<u32> = (0..N_KEYS).collect();
    fastrand::shuffle(&mut keys);
    for key in keys {
        let request = request(key, may_repeat);
        loop {
            match store.claim(&request).await {
                Ok(ClaimOutcome::Claimed(claimed)) => {
                    let claim = ClaimRef {
                        key: request.call.key,
                        claim_id: request.claim_id,
                        fence: claimed.fence,
                    };
                    have_effect(folder, key);
                    while let Err(error) = store.complete(&claim, &completion()).await {
                        assert!(error.is_retryable(), "{error:?}");
                    }
                    break;
                }
                Ok(ClaimOutcome::Busy { .. }) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Ok(ClaimOutcome::Hit(_) | ClaimOutcome::Unknown { .. }) => break,
                Ok(other) => panic!("{other:?}"),
                Err(error) => assert!(error.is_retryable(), "{error:?}"),
            }
        }
    }
}

async fn open(folder: &Path) -> SqliteStore {
    let url = format!("sqlite://{}", folder.join("steps.db").display());
    SqliteStore::connect(&url).await.unwrap()
}

/// A line is written whole or not at all.
fn have_effect(folder: &Path, key: u32) {
    let ledger = folder.join("ledger");
    let mut ledger = OpenOptions::new()
        .append(true)
        .create(true)
        .open(ledger)
        .unwrap();
    ledger.write_all(format!("{key}\n").as_bytes()).unwrap();
}

fn request(key: u32, may_repeat: bool) -> ClaimRequest {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&key.to_le_bytes());
    ClaimRequest {
        call: Call {
            key: CacheKey(bytes),
            namespace: "kills".into(),
            scope: Scope::Global,
            execution_id: "".into(),
            step_name: "charge",
            step_version: 0,
            input_hash: InputHash([0; 32]),
        },
        claim_id: ClaimId::random(),
        holder: std::process::id().to_string().into(),
        lease: LEASE,
        retry_failed: may_repeat,
        repeat_lost: may_repeat,
        replace: false,
        reconcile: false,
        max_attempts: 3,
        is_cache: false,
    }
}

fn completion() -> Completion {
    Completion {
        value: Stored {
            bytes: Some(b"done".as_slice().into()),
            codec: 2,
            shared: None,
            expires_in: None,
        },
        json: None,
        ttl: None,
        metadata: "{}".into(),
    }
}
