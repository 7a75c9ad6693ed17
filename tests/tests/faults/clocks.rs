//! A process whose clock jumps by a day, as after a bad synchronization: leases and times to live are the store's.
//!
//! The worker runs under libfaketime, which moves the clock of one process. On SQLite there is nothing to test: its clock
//! is that of the process.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use docket::ErrorKind;
use docket::store::{RowStatus, RowView};
use docket_tests::faults::charge::{Charges, Policy, Setup};
use docket_tests::faults::halts::called;
use docket_tests::faults::holder::{Holder, Opening};
use docket_tests::faults::provider::{Client, Provider};
use docket_tests::faults::proxy::{Network, Proxy};
use docket_tests::faults::stores::{Kind, Place};

const LEASE: Duration = Duration::from_millis(1_500);
/// Long enough that a lease would lapse if it could.
const PATIENCE: Duration = Duration::from_millis(6_000);
const TTL: Duration = Duration::from_secs(600);
const DAY: i64 = 24 * 60 * 60;

/// Where Debian has it, and where others do.
fn libfaketime() -> PathBuf {
    let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(Path::new);
    let nested = folders
        .iter()
        .filter_map(|it| fs::read_dir(it).ok())
        .flatten()
        .flatten()
        .map(|it| it.path());
    let mut places = folders.iter().map(PathBuf::from).chain(nested);
    places
        .find_map(|it| {
            let library = it.join("faketime/libfaketimeMT.so.1");
            library.exists().then_some(library)
        })
        .expect("libfaketime is not installed: run `tests/run`, which installs it")
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

/// What time a worker takes it to be, from now on.
fn ahead(holder: &mut Holder) -> i64 {
    holder.ask("time");
    let said = holder.hear();
    let time: i64 = said.strip_prefix("time ").unwrap().parse().unwrap();
    time - now()
}

fn is_about(seconds: i64, expected: i64) -> bool {
    (seconds - expected).abs() < 60
}

async fn jump(kind: Kind, by: i64) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let line = Proxy::start(provider.address());
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0").unwrap();
    let mut holder = Holder::start(&Opening {
        worker: Path::new(env!("CARGO_BIN_EXE_worker")),
        address: &place.address(),
        provider: Client::new(line.address()),
        policy: Policy::Never,
        options: &[
            format!("lease={}", LEASE.as_millis()),
            format!("patience={}", PATIENCE.as_millis()),
            format!("ttl={}", TTL.as_millis()),
        ],
        environment: &[
            ("LD_PRELOAD", libfaketime().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // Time goes on as before; it is only called otherwise.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ],
    });
    let setup = Setup {
        policy: Policy::Never,
        provider: Client::new(line.address()),
        lease: LEASE,
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: Some(TTL),
    };
    let charges = Charges::new(place.address().open().await.unwrap(), &setup);
    let row = async || newest(place.address().rows().await.unwrap());
    assert!(is_about(ahead(&mut holder), 0));

    // A claim that was made before keeps its lease, and is recorded.
    line.set(Network::Held);
    holder.ask(1);
    called(&provider, 1).await;
    fs::write(&clock, format!("{by:+}")).unwrap();
    assert!(is_about(ahead(&mut holder), by), "its clock has jumped");
    let error = charges.charge(1, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "{error:?}");
    line.set(Network::Good);
    // It may have given up waiting: the run went on all the same.
    let said = holder.hear();
    assert!(["1 done", "1 late"].contains(&&*said), "{said}");
    charges.charge(1, PATIENCE).await.unwrap();
    is_of_now(&row().await);

    // So does one that is made after.
    holder.ask(2);
    assert_eq!(holder.hear(), "2 done");
    is_of_now(&row().await);

    // It does not take a record for expired, or a holder for lost.
    holder.ask(2);
    assert_eq!(holder.hear(), "2 done");
    line.set(Network::Held);
    let mine = charges.charge(3, PATIENCE * 4);
    let theirs = async {
        called(&provider, 3).await;
        holder.ask(3);
        // Not in doubt.
        assert_eq!(holder.hear(), "3 busy");
        line.set(Network::Good);
    };
    let (mine, ()) = tokio::join!(mine, theirs);
    mine.unwrap();

    assert!(is_about(ahead(&mut holder), by), "all the while");
    let counts = holder.see_off();
    for name in ["unknown", "healed", "fenced", "reclaimed"] {
        assert_eq!(counts[name], 0, "{name}: {counts:?}");
    }
    let calls: Vec<u32> = provider.ledger().calls.values().copied().collect();
    assert_eq!(calls, [1, 1, 1]);
}

/// Its times are those of the store.
fn is_of_now(row: &RowView) {
    assert_eq!(row.status, RowStatus::Succeeded);
    assert!(row.age < Duration::from_secs(60), "{:?}", row.age);
    let left = row.expires_in.unwrap();
    assert!(
        left <= TTL && left > TTL - Duration::from_secs(60),
        "{left:?}"
    );
}

fn newest(rows: Vec<RowView>) -> RowView {
    rows.into_iter().next().unwrap()
}

macro_rules! on_each_store {
    ($($store:ident: $kind:ident),+) => {$(
        mod $store {
            use super::{DAY, Kind, jump};

            #[tokio::test(flavor = "multi_thread")]
            async fn a_clock_that_jumps_ahead_moves_no_lease_and_no_ttl() {
                jump(Kind::$kind, DAY).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_clock_that_jumps_back_moves_no_lease_and_no_ttl() {
                jump(Kind::$kind, -DAY).await;
            }
        }
    )+};
}
on_each_store!(postgres: Postgres, mariadb: MariaDb, redis: Redis);
