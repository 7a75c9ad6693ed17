//! A storm of kills for as long as one likes, on each store and under each policy: `storm KILLS [STORE…]`.
//!
//! ```text
//! cargo build --release -p docket-tests --features servers --bins
//! tests/run with target/release/storm 200     200 kills on each store under each policy
//! ```
//!
//! It prints what it counted, and ends with 1 if a promise was broken.

use std::process::ExitCode;

use docket_tests::faults::charge::Policy;
use docket_tests::faults::stores::Kind;
use docket_tests::faults::storm::{Plan, Report, storm};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    // It is built beside this one.
    let worker = std::env::current_exe()
        .expect("a path")
        .with_file_name("worker");
    let kills = arguments.next().and_then(|it| it.parse().ok());
    let kills = kills.expect("how many kills");
    let mut kinds: Vec<Kind> = arguments
        .map(|it| Kind::parse(&it).unwrap_or_else(|| panic!("no store is called {it}")))
        .collect();
    if kinds.is_empty() {
        kinds = Kind::ALL.to_vec();
    }
    let mut broken = 0;
    let mut total = 0;
    for kind in kinds {
        for policy in [Policy::Never, Policy::Keyed, Policy::Reconciled] {
            let report = storm(&Plan {
                worker: worker.clone(),
                kind,
                policy,
                workers: 6,
                kills,
                seed: fastrand::u64(..),
            });
            println!("{report}");
            total += report.kills;
            broken += u32::from(!is_kept(&report));
        }
    }
    println!("{total} kills in all, {broken} promises broken");
    if broken > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Whether the storm left what the policy promises.
fn is_kept(report: &Report) -> bool {
    let is_complete = report.recorded + report.in_doubt == report.orders;
    let is_kept = match report.policy {
        Policy::Never => {
            report.repeated_calls == 0
                && report.resolved == report.in_doubt
                && report.repeated_after_resolving == 0
        }
        Policy::Free | Policy::Keyed | Policy::Reconciled => {
            report.in_doubt == 0 && report.repeated_effects == 0
        }
    };
    is_complete && is_kept && report.recorded_without_effect == 0
}
