//! A batch whose process is killed half way, and run again under the same id.

use std::process::Command;

use docket::store::RowStatus;
use docket_tests::faults::batch::{Ledger, run};
use docket_tests::faults::stores::{Kind, Place};
use tempfile::TempDir;

const ITEMS: usize = 400;

async fn killed_half_way(kind: Kind, bulk: bool) {
    let (folder, place) = (TempDir::new().unwrap(), Place::new(kind));
    let ledger = folder.path().join("ledger");
    // The table is made before the process starts, and what it takes is not counted.
    let store = place.address().open().await.unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_batcher"))
        .args(place.address().to_args())
        .arg(&ledger)
        .arg(if bulk { "bulk" } else { "one" })
        .arg(ITEMS.to_string())
        // It can't come to its end before it is killed.
        .arg((ITEMS * 3 / 4).to_string())
        .spawn()
        .unwrap();
    while Ledger::count(&ledger) < ITEMS / 2 {
        assert!(process.try_wait().unwrap().is_none(), "it is not done");
        std::thread::yield_now();
    }
    // SIGKILL, on Unix.
    process.kill().unwrap();
    process.wait().unwrap();

    let asked = Ledger::count(&ledger);
    let tally = place.address().tally().await.unwrap();
    let recorded: u64 = tally
        .iter()
        .filter(|it| it.status == RowStatus::Succeeded)
        .map(|it| it.rows)
        .sum();
    let recorded = usize::try_from(recorded).unwrap();
    assert!(0 < recorded && recorded <= asked && asked < ITEMS);

    let run = |store| run(store, &ledger, bulk, ITEMS as u32, ITEMS as u32);
    let made = run(store).await.unwrap();
    assert!(made.into_iter().eq((0..ITEMS as u32).map(|it| it * 3)));
    // What was recorded is not asked for again, and all else is asked for once.
    assert_eq!(Ledger::count(&ledger) - asked, ITEMS - recorded);

    let store = place.address().open().await.unwrap();
    run(store).await.unwrap();
    assert_eq!(Ledger::count(&ledger), asked + ITEMS - recorded);
}

macro_rules! on_each_store {
    ($($store:ident: $kind:ident),+) => {$(
        mod $store {
            use super::Kind;

            #[tokio::test]
            async fn only_what_is_missing_is_asked_for_again_one_by_one() {
                super::killed_half_way(Kind::$kind, false).await;
            }

            #[tokio::test]
            async fn only_what_is_missing_is_asked_for_again_in_bulk() {
                super::killed_half_way(Kind::$kind, true).await;
            }
        }
    )+};
}
on_each_store!(sqlite: Sqlite);
#[cfg(feature = "servers")]
on_each_store!(postgres: Postgres, mariadb: MariaDb, redis: Redis);
