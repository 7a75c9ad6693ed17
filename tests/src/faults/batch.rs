//! A batch of persisted steps that a process may be killed in, and the ledger of what its service was asked for.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use docket::store::AnyStore;
use docket::{Execution, graph, step};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::ms;

/// An item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
pub struct Id(pub u32);

/// What is asked for one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Score(pub u32);

/// What is asked for in bulk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Rating(pub u32);

/// The file that the service writes to: a line for each item that it is asked for, when it is.
#[derive(Clone)]
pub struct Ledger(Arc<Mutex<File>>);

impl Ledger {
    /// The ledger in a file, which may be there.
    ///
    /// # Errors
    ///
    /// When it can't be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    fn write(&self, ids: &[Id]) -> io::Result<()> {
        let lines: String = ids.iter().map(|id| format!("{}\n", id.0)).collect();
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // With one call, so that a process that is killed has written all or nothing.
        file.write_all(lines.as_bytes())
    }

    /// For how many items the service was asked so far.
    ///
    /// # Panics
    ///
    /// When the file can't be read.
    pub fn count(path: &Path) -> usize {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines().count()
    }
}

#[step(persist = "workflow")]
async fn score(id: &Id, #[resource] ledger: &Ledger) -> Result<Score, io::Error> {
    ledger.write(&[*id])?;
    sleep(ms(2)).await;
    Ok(Score(id.0 * 3))
}

#[step(bulk = 20, max_concurrency = 3, persist = "workflow", repeat = "free")]
async fn rate(ids: &[Id], #[resource] ledger: &Ledger) -> Result<Vec<Rating>, io::Error> {
    ledger.write(ids)?;
    sleep(ms(5)).await;
    Ok(ids.iter().map(|id| Rating(id.0 * 3)).collect())
}

graph! {
    /// Items, asked for one by one, or in bulk.
    pub struct Items {
        inputs { Id }
        resources { Ledger }
        steps { score, rate }
        async fn scores(ids: [Id]) -> [Score];
        async fn ratings(ids: [Id]) -> [Rating];
    }
}

/// Runs the batch `batch-1` of `n` items, asked for in `bulk` or not, and gives what came of each.
///
/// # Errors
///
/// Those of the batch.
///
/// # Panics
///
/// When the ledger can't be opened.
pub async fn run(store: AnyStore, ledger: &Path, bulk: bool, n: u32) -> docket::Result<Vec<u32>> {
    let ledger = Ledger::open(ledger).expect("the folder is there");
    let graph = Items::builder()
        .ledger(ledger)
        .store(store)
        // What a process that was killed has claimed is free again after that.
        .lease(ms(400))
        .build();
    let ids = (0..n).map(Id);
    let execution = Execution::new("batch-1").max_concurrency(16);
    Ok(if bulk {
        let ratings = graph.ratings(execution, ids).await?;
        ratings.into_iter().map(|it| it.0).collect()
    } else {
        let scores = graph.scores(execution, ids).await?;
        scores.into_iter().map(|it| it.0).collect()
    })
}
