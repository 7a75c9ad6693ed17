//! A process that aborts at each point of the protocol, under each policy, and what the next caller gets. The table of
//! `SEMANTICS.md`, cell by cell.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use docket::ErrorKind;
use docket_tests::faults::charge::{Charges, Policy, Setup};
use docket_tests::faults::crash::Point;
use docket_tests::faults::provider::{Client, Provider};
use docket_tests::faults::stores::{Kind, Place};
use docket_tests::ms;
use tokio::sync::Semaphore;

/// A claim has a third of it to be answered in, also on a machine that is busy.
const LEASE: Duration = ms(2_000);

/// What the next caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    Reconciled,
    InDoubt,
    Failed,
}

/// What is expected: how it ends, how often the provider is called in all, and how many effects there are.
type Cell = (End, u32, u32);

/// After an abort at `point` of a step that works.
fn after(policy: Policy, point: Point) -> Cell {
    match (point, policy) {
        (Point::BeforeClaim, _) => (End::Done, 1, 1),
        (Point::AfterClaim | Point::BeforeEffect, Policy::Never) => (End::InDoubt, 0, 0),
        (Point::AfterClaim | Point::BeforeEffect, _) => (End::Done, 1, 1),
        (Point::AfterEffect | Point::BeforeRecord, Policy::Free | Policy::Keyed) => {
            (End::Done, 2, 1)
        }
        (Point::AfterEffect | Point::BeforeRecord, Policy::Never) => (End::InDoubt, 1, 1),
        (Point::AfterEffect | Point::BeforeRecord | Point::Reconciling, Policy::Reconciled) => {
            (End::Reconciled, 1, 1)
        }
        (Point::AfterRecord, _) => (End::Done, 1, 1),
        (Point::Reconciling, _) => unreachable!("nothing to reconcile with"),
    }
}

/// After an abort at `point` of a step that failed. When the next caller comes, it would work.
fn after_failure(policy: Policy, point: Point) -> Cell {
    match (point, policy) {
        (Point::BeforeRecord, Policy::Never) => (End::InDoubt, 0, 0),
        (Point::AfterRecord, Policy::Never | Policy::Reconciled) => (End::Failed, 0, 0),
        _ => (End::Done, 1, 1),
    }
}

/// One process, one order, one abort.
struct Scene {
    place: Place,
    provider: Provider,
    policy: Policy,
}

impl Scene {
    fn new(kind: Kind, policy: Policy) -> Self {
        Self {
            place: Place::new(kind),
            provider: Provider::start(),
            policy,
        }
    }

    /// A process that aborts at `point`.
    async fn abort_at(&self, point: Point, fails: bool) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        command
            .args(self.place.address().to_args())
            .arg(self.provider.address().to_string())
            .arg(self.policy.name())
            .arg(format!("lease={}", LEASE.as_millis()))
            .arg(format!("crash={}", point.name()))
            .arg(format!("fails={}", if fails { "yes" } else { "no" }))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let ended = tokio::task::spawn_blocking(move || {
            use std::io::Write as _;

            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(b"1\n").unwrap();
            child.wait_with_output().unwrap()
        });
        let ended = ended.await.unwrap();
        let (policy, kind) = (self.policy, self.place.address().kind);
        assert!(
            !ended.status.success(),
            "{kind:?} {policy:?}: the process never came to {point:?}: {ended:?}"
        );
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(
            !said.contains("panicked"),
            "{kind:?} {policy:?} {point:?}: {said}"
        );
    }

    /// What another process gets then.
    async fn next_caller(&self) -> Cell {
        let setup = Setup {
            policy: self.policy,
            provider: Client::new(self.provider.address()),
            lease: LEASE,
            work: Duration::ZERO,
            crash: None,
            fails: false,
            max_attempts: 3,
            ttl: None,
        };
        let store = self.place.address().open().await.unwrap();
        let charges = Charges::new(store, &setup);
        let end = match charges.charge(1, Duration::from_secs(30)).await {
            Ok(receipt) if receipt.reconciled => End::Reconciled,
            Ok(_) => End::Done,
            Err(error) if error.kind() == ErrorKind::InDoubt => End::InDoubt,
            Err(error) if error.kind() == ErrorKind::Failed => End::Failed,
            Err(error) => panic!("{error:?}"),
        };
        let ledger = self.provider.ledger();
        let effects = u32::try_from(ledger.effects.len()).unwrap();
        (end, ledger.calls_of(1), effects)
    }
}

async fn check(kind: Kind) {
    // All at once, the processes would be too slow for the patience that a `free` step has with its store.
    let turns = Arc::new(Semaphore::new(6));
    let mut cells = tokio::task::JoinSet::new();
    for policy in Policy::ALL {
        for point in Point::ALL {
            if point == Point::Reconciling && policy != Policy::Reconciled {
                continue;
            }
            let turns = Arc::clone(&turns);
            cells.spawn(async move {
                let _turn = turns.acquire().await;
                let scene = Scene::new(kind, policy);
                if point == Point::Reconciling {
                    scene.abort_at(Point::AfterEffect, false).await;
                }
                scene.abort_at(point, false).await;
                let expected = after(policy, point);
                let got = scene.next_caller().await;
                (
                    format!("{policy:?}, aborted {}", point.name()),
                    expected,
                    got,
                )
            });
        }
        for point in [Point::BeforeRecord, Point::AfterRecord] {
            let turns = Arc::clone(&turns);
            cells.spawn(async move {
                let _turn = turns.acquire().await;
                let scene = Scene::new(kind, policy);
                scene.abort_at(point, true).await;
                let expected = after_failure(policy, point);
                let got = scene.next_caller().await;
                let what = format!("{policy:?}, failed and aborted {}", point.name());
                (what, expected, got)
            });
        }
    }
    let cells = cells.join_all().await;
    assert_eq!(cells.len(), 3 * 8 + 9);
    let wrong: Vec<_> = cells.iter().filter(|(_, want, got)| want != got).collect();
    assert!(wrong.is_empty(), "{kind:?}, expected and got: {wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_abort_ends_as_the_table_says_on_sqlite() {
    check(Kind::Sqlite).await;
}

#[cfg(feature = "servers")]
mod servers {
    use super::{Kind, check};

    #[tokio::test(flavor = "multi_thread")]
    async fn each_abort_ends_as_the_table_says_on_postgres() {
        check(Kind::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_abort_ends_as_the_table_says_on_mariadb() {
        check(Kind::MariaDb).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_abort_ends_as_the_table_says_on_redis() {
        check(Kind::Redis).await;
    }
}
