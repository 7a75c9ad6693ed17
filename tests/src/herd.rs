//! A graph whose effect is a line in a file, for tests with several processes; `src/bin/herd.rs` is one of them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use docket::{SqliteStore, StepContext, graph, step};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::ms;

/// What is asked for: one key each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Round(pub u32);

/// What is made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Done {
    /// Of which round.
    pub round: u32,
    /// By which process.
    pub by: u32,
}

/// The same by a step that must not happen twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Once(pub u32);

/// Where effects are written, and what happens after.
pub struct Ledger {
    /// The file.
    pub path: PathBuf,
    /// Whether the step never ends.
    pub hangs: bool,
}

impl Ledger {
    /// Has the effect: one line, written in one piece.
    ///
    /// # Panics
    ///
    /// When the file can't be written.
    fn write(&self, line: &str) {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .expect("the ledger opens");
        file.write_all(format!("{line}\n").as_bytes())
            .expect("the ledger takes a line");
    }
}

#[step(persist = "global")]
async fn effect(round: &Round, ctx: &StepContext, #[resource] ledger: &Ledger) -> Done {
    ledger.write(&format!("{} {}", round.0, ctx.idempotency_key()));
    if ledger.hangs {
        std::future::pending::<()>().await;
    }
    // Long enough that all others come while it runs.
    sleep(ms(3)).await;
    Done {
        round: round.0,
        by: std::process::id(),
    }
}

#[step(persist = "global", repeat = "never")]
async fn effect_once(round: &Round, ctx: &StepContext, #[resource] ledger: &Ledger) -> Once {
    ledger.write(&format!("{} {}", round.0, ctx.idempotency_key()));
    if ledger.hangs {
        std::future::pending::<()>().await;
    }
    Once(round.0)
}

graph! {
    /// One step with an effect.
    pub struct Herd {
        inputs { Round }
        resources { Ledger }
        steps { effect, effect_once }
        /// Has the effect, or takes its record.
        pub async fn run(round: Round) -> Done;
        /// Has the effect once at most.
        pub async fn run_once(round: Round) -> Once;
    }
}

/// A graph over the store in `folder`.
///
/// # Panics
///
/// When the store can't be opened.
pub async fn open(folder: &Path, hangs: bool, lease: std::time::Duration) -> Herd {
    let url = format!("sqlite://{}", folder.join("herd.db").display());
    let store = SqliteStore::connect(&url).await.expect("the store opens");
    let ledger = Ledger {
        path: folder.join("ledger"),
        hangs,
    };
    Herd::builder()
        .ledger(ledger)
        .store(store)
        .lease(lease)
        .build()
}
