//! Outages, for as long as one likes: `outage SECONDS [STORE…]`, over the servers of `tests/run`, which it also starts
//! some of by itself. It prints what it counted, and ends with code 1 if a promise was broken.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use docket_tests::faults::charge::Policy;
use docket_tests::faults::halts::halt;
use docket_tests::faults::outages::{break_network, kill_server};
use docket_tests::faults::pools::exhaust;
use docket_tests::faults::stores::Kind;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|it| it.parse().ok());
    let Some(time) = seconds.map(Duration::from_secs) else {
        eprintln!("usage: outage SECONDS [STORE…]");
        return ExitCode::FAILURE;
    };
    let mut kinds: Vec<Kind> = arguments
        .map(|it| Kind::parse(&it).unwrap_or_else(|| panic!("no store is called {it}")))
        .collect();
    if kinds.is_empty() {
        kinds = vec![Kind::Postgres, Kind::MariaDb, Kind::Redis];
    }
    let mut broken = 0;
    for kind in kinds {
        println!("== {kind:?}: the server is killed");
        for report in kill_server(kind, time).await {
            println!("{report}");
            broken += report.broken().len();
        }
        println!("== {kind:?}: the network fails");
        for policy in [Policy::Never, Policy::Keyed] {
            let report = break_network(kind, policy, time / 2).await;
            println!("{report}");
            broken += report.broken().len();
        }
        println!("== {kind:?}: holders are halted");
        broken += halts(kind, time).await;
        if kind != Kind::Redis {
            println!("== {kind:?}: the pool is exhausted");
            let report = exhaust(kind, time.min(Duration::from_secs(30))).await;
            println!("{report}");
            broken += report.broken().len();
        }
    }
    println!("{broken} promises broken");
    if broken > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// One after the other, for `time`; how many promises were broken.
async fn halts(kind: Kind, time: Duration) -> usize {
    let start = std::time::Instant::now();
    let (mut halts, mut broken) = (0, 0);
    while start.elapsed() < time {
        for policy in [Policy::Never, Policy::Keyed, Policy::Reconciled] {
            let halted = halt(&worker(), kind, policy).await;
            halts += 1;
            for promise in halted.broken(policy) {
                println!(
                    "BROKEN: {}: it is promised that {promise}: {halted:?}",
                    policy.name()
                );
                broken += 1;
            }
        }
    }
    println!("{halts} holders halted for longer than their lease, {broken} promises broken\n");
    broken
}

/// The program beside this one.
fn worker() -> PathBuf {
    let here = std::env::current_exe().expect("this program is a file");
    here.with_file_name("worker")
}
