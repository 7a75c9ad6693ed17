//! A holder that is halted for longer than its lease, as by a debugger, a live migration or a swapping machine.

use std::path::Path;

use docket_tests::faults::charge::Policy;
use docket_tests::faults::halts::halt;
use docket_tests::faults::stores::Kind;

async fn check(kind: Kind, policy: Policy) {
    let halted = halt(Path::new(env!("CARGO_BIN_EXE_worker")), kind, policy).await;
    let broken = halted.broken(policy);
    assert!(broken.is_empty(), "{broken:?}: {halted:?}");
}

macro_rules! on_each_store {
    ($($store:ident: $kind:ident),+) => {$(
        mod $store {
            use super::{Kind, Policy, check};

            #[tokio::test(flavor = "multi_thread")]
            async fn under_never_others_are_in_doubt_and_its_late_result_heals_the_row() {
                check(Kind::$kind, Policy::Never).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn under_keyed_it_is_taken_over_and_fenced() {
                check(Kind::$kind, Policy::Keyed).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn with_reconcile_its_caller_gets_what_the_other_found_out() {
                check(Kind::$kind, Policy::Reconciled).await;
            }
        }
    )+};
}
on_each_store!(sqlite: Sqlite);
#[cfg(feature = "servers")]
on_each_store!(postgres: Postgres, mariadb: MariaDb, redis: Redis);
