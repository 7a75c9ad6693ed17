//! Two sides that take turns.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::side::{Key, Side, new_key};
use super::table::{Cell, Row, Table};

/// How much is measured.
pub(crate) struct Contest {
    /// How often each side has its turn, in each cell of the table.
    pub(crate) n_rounds: usize,
    /// How many callers there are at once, in each line of the table.
    pub(crate) callers: Vec<usize>,
    /// `hits` or `pairs`, to look into one of them.
    pub(crate) only: Option<String>,
}

impl Default for Contest {
    fn default() -> Self {
        Self {
            n_rounds: 25,
            callers: vec![1, 8, 64, 512],
            only: None,
        }
    }
}

/// One turn. Callers who have begun an operation finish it.
const WINDOW: Duration = Duration::from_millis(40);

#[derive(Clone, Copy)]
enum Operation {
    Hit,
    Pair,
}

impl Contest {
    pub(crate) async fn run(&self, name: &str, docket: impl Side, by_hand: impl Side) -> Table {
        let n_keys = self.callers.iter().copied().max().unwrap_or(1);
        let keys: Vec<Key> = (0..n_keys).map(|_| new_key()).collect();
        for key in &keys {
            docket.pair(*key).await;
            by_hand.pair(*key).await;
        }
        let mut rows = Vec::new();
        for n_callers in self.callers.iter().copied() {
            let keys = &keys[..n_callers];
            let is_asked = |name| self.only.as_deref().is_none_or(|it| it == name);
            let mut row = Row {
                n_callers,
                hits: None,
                pairs: None,
            };
            if is_asked("hits") {
                row.hits = Some(self.cell(&docket, &by_hand, keys, Operation::Hit).await);
            }
            if is_asked("pairs") {
                row.pairs = Some(self.cell(&docket, &by_hand, keys, Operation::Pair).await);
            }
            eprint!(".");
            rows.push(row);
        }
        eprintln!(" {name}");
        Table {
            name: name.to_owned(),
            rows,
        }
    }

    async fn cell(
        &self,
        docket: &impl Side,
        by_hand: &impl Side,
        keys: &[Key],
        operation: Operation,
    ) -> Cell {
        // Connections are made and statements prepared when they are first needed.
        turn(docket, keys, operation).await;
        turn(by_hand, keys, operation).await;
        let mut turns = Vec::new();
        for _ in 0..self.n_rounds {
            turns.push((
                turn(docket, keys, operation).await,
                turn(by_hand, keys, operation).await,
            ));
        }
        Cell { turns }
    }
}

/// What became of a turn, for each operation.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    pub(crate) time: Duration,
    /// Of this process: the server's is not in it.
    pub(crate) cpu_time: Duration,
}

/// One caller for each of `keys`, who asks again as soon as he is answered. They are tasks, as the requests of a server are.
async fn turn(side: &impl Side, keys: &[Key], operation: Operation) -> Turn {
    let (start, cpu_start) = (Instant::now(), cpu_time());
    let end = start + WINDOW;
    let mut callers = JoinSet::new();
    for key in keys.iter().copied() {
        let side = side.clone();
        callers.spawn(async move {
            let mut n_done = 0;
            while Instant::now() < end {
                match operation {
                    Operation::Hit => side.hit(key).await,
                    Operation::Pair => side.pair(new_key()).await,
                }
                n_done += 1;
            }
            n_done
        });
    }
    let n_done: u32 = callers.join_all().await.into_iter().sum();
    // With many callers, the last to come may find that the time is over.
    let n_done = n_done.max(1);
    Turn {
        time: start.elapsed() / n_done,
        cpu_time: (cpu_time() - cpu_start) / n_done,
    }
}

/// Of all threads that are there, by the scheduler's own count.
fn cpu_time() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return Duration::ZERO;
    };
    let of_thread = |folder: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(folder.ok()?.path().join("schedstat")).ok()?;
        text.split(' ')
            .next()?
            .parse()
            .ok()
            .map(Duration::from_nanos)
    };
    threads.filter_map(of_thread).sum()
}
