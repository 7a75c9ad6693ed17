//! Many callers of one key, in one process and in eight: one run a round.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use docket_tests::faults::charge::{Charges, Policy, Setup};
use docket_tests::faults::provider::{Client, Provider};
use docket_tests::faults::stores::{Kind, Place};
use docket_tests::ms;
use tokio::task::JoinSet;

const CALLERS: usize = 1_000;
const ROUNDS: u32 = 20;
const PROCESSES: usize = 8;
const WORK: Duration = ms(10);

/// A thousand tasks of this process.
async fn in_one_process(kind: Kind) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let setup = Setup {
        policy: Policy::Keyed,
        provider: Client::new(provider.address()),
        lease: Duration::from_secs(30),
        work: WORK,
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: None,
    };
    let store = place.address().open().await.unwrap();
    let charges = Arc::new(Charges::new(store, &setup));
    for round in 0..ROUNDS {
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let charges = Arc::clone(&charges);
            callers.spawn(async move { charges.charge(round, Duration::from_secs(60)).await });
        }
        for receipt in callers.join_all().await {
            assert_eq!(receipt.unwrap().order, round);
        }
    }
    one_call_a_round(&provider);
}

/// A thousand callers, spread over eight processes.
fn in_eight_processes(kind: Kind) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let mut members: Vec<Member> = (0..PROCESSES)
        .map(|_| Member::start(&place, &provider))
        .collect();
    for round in 0..ROUNDS {
        // Another order each time, so that not always the same one is first.
        members.rotate_left(3);
        for member in &mut members {
            member.ask(round, CALLERS / PROCESSES);
        }
        for member in &mut members {
            for _ in 0..CALLERS / PROCESSES {
                assert_eq!(member.hear(), format!("{round} done"));
            }
        }
    }
    one_call_a_round(&provider);
}

fn one_call_a_round(provider: &Provider) {
    let calls: Vec<u32> = provider.ledger().calls.values().copied().collect();
    assert_eq!(calls, [1; ROUNDS as usize]);
}

struct Member {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Member {
    fn start(place: &Place, provider: &Provider) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_worker"))
            .args(place.address().to_args())
            .arg(provider.address().to_string())
            .arg(Policy::Keyed.name())
            .arg(format!("work={}", WORK.as_millis()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let asks = child.stdin.take().unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        let mut member = Self { child, asks, says };
        assert_eq!(member.hear(), "ready");
        member
    }

    fn ask(&mut self, round: u32, callers: usize) {
        let lines = format!("{round}\n").repeat(callers);
        self.asks.write_all(lines.as_bytes()).unwrap();
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

macro_rules! on_each_store {
    ($($store:ident: $kind:ident),+) => {$(
        mod $store {
            use super::Kind;

            #[tokio::test(flavor = "multi_thread")]
            async fn of_a_thousand_callers_in_one_process_one_runs() {
                super::in_one_process(Kind::$kind).await;
            }

            #[test]
            fn of_a_thousand_callers_in_eight_processes_one_runs() {
                super::in_eight_processes(Kind::$kind);
            }
        }
    )+};
}
on_each_store!(sqlite: Sqlite);
#[cfg(feature = "servers")]
on_each_store!(postgres: Postgres, mariadb: MariaDb, redis: Redis);
