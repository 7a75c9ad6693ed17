//! A batch of persisted steps that a process may be killed in, and the ledger of what its service was asked for.

use std::fs::{File, OpenOptions};
use std::future;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
pub struct Ledger {
    file: Arc<Mutex<File>>,
    /// From this item on the service never answers.
    answered: u32,
}

impl Ledger {
    /// The ledger in a file, which may be there, of a service that answers for so many items.
    ///
    /// # Errors
    ///
    /// When it can't be opened.
    pub fn open(path: &Path, answered: u32) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            answered,
        })
    }

    fn write(&self, ids: &[Id]) -> io::Result<()> {
        let lines: String = ids.iter().map(|id| format!("{}\n", id.0)).collect();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // With one call, so that a process that is killed has written all or nothing.
        file.write_all(lines.as_bytes())
    }

    /// Ends once the service has an answer for all of `ids`.
    async fn answer(&self, ids: &[Id], time: Duration) {
        if ids.iter().any(|id| id.0 >= self.answered) {
            future::pending::<()>().await;
        }
        sleep(time).await;
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
    ledger.answer(&[*id], ms(2)).await;
    Ok(Score(id.0 * 3))
}

#[step(bulk = 20, max_concurrency = 3, persist = "workflow", repeat = "free")]
async fn rate(ids: &[Id], #[resource] ledger: &Ledger) -> Result<Vec<Rating>, io::Error> {
    ledger.write(ids)?;
    ledger.answer(ids, ms(5)).await;
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

/// Runs the batch `batch-1` of `n` items, asked for in `bulk` or not, and gives what came of each. The service answers for the
/// first `answered` of them.
///
/// # Errors
///
/// Those of the batch.
///
/// # Panics
///
/// When the ledger can't be opened.
pub async fn run(
    store: AnyStore,
    ledger: &Path,
    bulk: bool,
    n: u32,
    answered: u32,
) -> docket::Result<Vec<u32>> {
    let ledger = Ledger::open(ledger, answered).expect("the folder is there");
    let graph = Items::builder()
        .ledger(ledger)
        .store(store)
        // What a process that was killed has claimed is free again after that.
        .lease(ms(2_000))
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
