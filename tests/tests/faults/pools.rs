//! The application takes every connection of the pool that it shares with the store.

use std::time::Duration;

use docket::ErrorKind;
use docket_tests::faults::pools::exhaust;
use docket_tests::faults::stores::Kind;

/// More than three leases.
const TIME: Duration = Duration::from_secs(25);

async fn check(kind: Kind) {
    let exhausted = exhaust(kind, TIME).await;
    let broken = exhausted.broken();
    assert!(broken.is_empty(), "{broken:?}: {exhausted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_what_runs_keeps_its_lease_and_is_recorded() {
    check(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_mariadb_what_runs_keeps_its_lease_and_is_recorded() {
    check(Kind::MariaDb).await;
}

/// As its documentation says: a store in SQLite has no connections of its own beside the application's pool.
#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_what_runs_counts_as_lost_until_it_is_recorded_after_all() {
    let exhausted = exhaust(Kind::Sqlite, TIME).await;
    assert_eq!(exhausted.other, Err(ErrorKind::InDoubt), "{exhausted:?}");
    assert!(exhausted.counts.heartbeats_missed > 0, "{exhausted:?}");
    assert!(
        exhausted
            .refused
            .iter()
            .all(|it| *it == Err(ErrorKind::Store)),
        "{exhausted:?}"
    );
    assert!(exhausted.meanwhile.is_none(), "{exhausted:?}");
    assert!(exhausted.running.is_ok(), "{exhausted:?}");
    assert!(exhausted.after.is_ok(), "{exhausted:?}");
    assert_eq!(exhausted.calls, 1, "{exhausted:?}");
}
