//! A graph whose effect is a line in a file, for tests with several processes; `src/bin/herd.rs` is one of them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use docket::{Reconciled, SqliteStore, StepContext, graph, step};
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

/// The same by a step that can find out what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Checked(pub u32);

/// The first half of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Reserved(pub u32);

/// The second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Packed(pub u32);

/// What is made of both each time.
#[derive(Clone, Debug, PartialEq)]
pub struct Label(pub String);

/// Where effects are written, and where it all stops.
pub struct Ledger {
    folder: PathBuf,
    /// The place that is never left; `""` for none.
    hangs_in: String,
}

impl Ledger {
    /// Has an effect: one line, written in one piece.
    ///
    /// # Panics
    ///
    /// When the file can't be written.
    fn write(&self, line: &str) {
        append(&self.folder.join("ledger"), line);
    }

    fn has(&self, line: &str) -> bool {
        let ledger = std::fs::read_to_string(self.folder.join("ledger")).unwrap_or_default();
        ledger.lines().any(|it| it == line)
    }

    /// Hangs if this is the place, and leaves a file that says so.
    async fn reach(&self, place: &str) {
        if self.hangs_in == place {
            append(&self.folder.join("reached"), place);
            std::future::pending::<()>().await;
        }
    }
}

fn append(path: &Path, line: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .expect("the file opens");
    file.write_all(format!("{line}\n").as_bytes())
        .expect("the file takes a line");
}

#[step(persist = "global")]
async fn effect(round: &Round, ctx: &StepContext, #[resource] ledger: &Ledger) -> Done {
    ledger.write(&format!("{} {}", round.0, ctx.idempotency_key()));
    ledger.reach("effect").await;
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
    ledger.reach("effect_once").await;
    Once(round.0)
}

#[step(persist = "global", repeat = "never", reconcile = find_effect)]
async fn effect_checked(round: &Round, ctx: &StepContext, #[resource] ledger: &Ledger) -> Checked {
    ledger.reach("before effect_checked").await;
    ledger.write(&format!("{} {}", round.0, ctx.idempotency_key()));
    ledger.reach("effect_checked").await;
    Checked(round.0)
}

async fn find_effect(round: &Round, ctx: &StepContext, ledger: &Ledger) -> Reconciled<Checked> {
    match ledger.has(&format!("{} {}", round.0, ctx.idempotency_key())) {
        true => Reconciled::Applied(Checked(round.0)),
        false => Reconciled::NotApplied,
    }
}

#[step(persist = "workflow")]
async fn reserve(round: &Round, #[resource] ledger: &Ledger) -> Reserved {
    ledger.write(&format!("{} reserve", round.0));
    Reserved(round.0)
}

#[step(persist = "workflow")]
async fn pack(reserved: &Reserved, #[resource] ledger: &Ledger) -> Packed {
    ledger.write(&format!("{} pack", reserved.0));
    ledger.reach("pack").await;
    Packed(reserved.0)
}

#[step]
fn label(reserved: &Reserved, packed: &Packed) -> Label {
    Label(format!("{} {}", reserved.0, packed.0))
}

graph! {
    /// Steps with an effect.
    pub struct Herd {
        inputs { Round }
        resources { Ledger }
        steps { effect, effect_once, effect_checked, reserve, pack, label }
        /// Has the effect, or takes its record.
        pub async fn run(round: Round) -> Done;
        /// Has the effect once at most.
        pub async fn run_once(round: Round) -> Once;
        /// Has the effect, or finds out that it was had.
        pub async fn run_checked(round: Round) -> Checked;
        /// Two steps, and what is made of them.
        pub async fn fulfil(round: Round) -> Label;
    }
}

/// A graph over the store in `folder`, which is never done in the place `hangs_in`.
///
/// # Panics
///
/// When the store can't be opened.
pub async fn open(folder: &Path, hangs_in: &str, lease: std::time::Duration) -> Herd {
    let url = format!("sqlite://{}", folder.join("herd.db").display());
    let store = SqliteStore::connect(&url).await.expect("the store opens");
    let ledger = Ledger {
        folder: folder.to_owned(),
        hangs_in: hangs_in.to_owned(),
    };
    Herd::builder()
        .ledger(ledger)
        .store(store)
        .lease(lease)
        .build()
}
