//! A short storm for each store and policy. The long one is `cargo run -p docket-tests --bin storm`.

use docket_tests::faults::charge::Policy;
use docket_tests::faults::stores::Kind;
use docket_tests::faults::storm::{Plan, Report, storm};

fn weather(kind: Kind, policy: Policy) -> Report {
    let report = storm(&Plan {
        worker: env!("CARGO_BIN_EXE_worker").into(),
        kind,
        policy,
        workers: 3,
        kills: 25,
        seed: fastrand::u64(..),
    });
    println!("{report}");
    assert_eq!(report.recorded_without_effect, 0, "{report}");
    assert_eq!(report.recorded + report.in_doubt, report.orders, "{report}");
    assert!(report.recorded > 0, "{report}");
    report
}

fn never(kind: Kind) {
    let report = weather(kind, Policy::Never);
    assert_eq!(report.repeated_calls, 0, "{report}");
    assert_eq!(report.resolved, report.in_doubt, "{report}");
    assert_eq!(report.repeated_after_resolving, 0, "{report}");
}

fn keyed(kind: Kind) {
    let report = weather(kind, Policy::Keyed);
    assert_eq!(report.in_doubt, 0, "{report}");
    assert_eq!(report.repeated_effects, 0, "{report}");
}

fn reconciled(kind: Kind) {
    let report = weather(kind, Policy::Reconciled);
    assert_eq!(report.in_doubt, 0, "{report}");
    assert_eq!(report.repeated_effects, 0, "{report}");
}

macro_rules! on_each_store {
    ($($store:ident: $kind:ident),+) => {$(
        mod $store {
            use super::Kind;

            #[test]
            fn no_effect_is_repeated_under_never_and_every_doubt_can_be_resolved() {
                super::never(Kind::$kind);
            }

            #[test]
            fn under_keyed_all_is_done_in_the_end_and_the_provider_drops_repeats() {
                super::keyed(Kind::$kind);
            }

            #[test]
            fn with_reconcile_all_is_done_in_the_end_and_nothing_twice() {
                super::reconciled(Kind::$kind);
            }
        }
    )+};
}
on_each_store!(sqlite: Sqlite);
#[cfg(feature = "servers")]
on_each_store!(postgres: Postgres, mariadb: MariaDb, redis: Redis);
