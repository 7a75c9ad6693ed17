//! Sides that take turns.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::side::{Key, Pair, Side, new_key};
use super::table::{Cell, Round, Row, Table};

/// How much is measured.
pub(crate) struct Contest {
    /// How often each side has its turn, in each cell of the table.
    pub(crate) n_rounds: usize,
    /// How many callers there are at once, in each line of the table.
    pub(crate) callers: Vec<usize>,
    /// `hits` or `pairs`, to look into one of them.
    pub(crate) only: Option<String>,
    /// Whether the pools of those by hand ask a server for a sign of life before they lend a connection, as those of sqlx do
    /// where nothing else is said.
    pub(crate) tests_connections: bool,
}

impl Default for Contest {
    fn default() -> Self {
        Self {
            n_rounds: 25,
            callers: vec![1, 8, 64, 512],
            only: None,
            tests_connections: true,
        }
    }
}

/// One turn. Callers who have begun an operation finish it.
const WINDOW: Duration = Duration::from_millis(40);

impl Contest {
    /// `same_row` writes by hand what `docket` does, into a table like its own.
    pub(crate) async fn run(
        &self,
        name: &str,
        docket: impl Side,
        by_hand: impl Side,
        same_row: impl Pair,
    ) -> Table {
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
                row.hits = Some(self.hits(&docket, &by_hand, keys).await);
            }
            if is_asked("pairs") {
                row.pairs = Some(self.pairs(&docket, &by_hand, &same_row, keys).await);
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

    async fn hits(&self, docket: &impl Side, by_hand: &impl Side, keys: &[Key]) -> Cell {
        let mut rounds = Vec::new();
        // Connections are made and statements prepared when they are first needed: the first round does not count.
        for _ in 0..=self.n_rounds {
            rounds.push(Round {
                docket: hit_turn(docket, keys).await,
                by_hand: hit_turn(by_hand, keys).await,
                same_row: None,
            });
        }
        Cell {
            rounds: rounds.split_off(1),
        }
    }

    async fn pairs(
        &self,
        docket: &impl Pair,
        by_hand: &impl Pair,
        same_row: &impl Pair,
        keys: &[Key],
    ) -> Cell {
        let mut rounds = Vec::new();
        for _ in 0..=self.n_rounds {
            rounds.push(Round {
                docket: pair_turn(docket, keys).await,
                by_hand: pair_turn(by_hand, keys).await,
                same_row: Some(pair_turn(same_row, keys).await),
            });
        }
        Cell {
            rounds: rounds.split_off(1),
        }
    }
}

async fn hit_turn(side: &impl Side, keys: &[Key]) -> Turn {
    turn(side, keys, |side, key| async move { side.hit(key).await }).await
}

async fn pair_turn(side: &impl Pair, keys: &[Key]) -> Turn {
    let pair = |side, _| async move { Pair::pair(&side, new_key()).await };
    turn(side, keys, pair).await
}

/// What became of a turn, for each operation.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    pub(crate) time: Duration,
    /// Of this process: the server's is not in it.
    pub(crate) cpu_time: Duration,
}

/// One caller for each of `keys`, who asks again as soon as he is answered. They are tasks, as the requests of a server are.
async fn turn<S, O, F>(side: &S, keys: &[Key], operation: O) -> Turn
where
    S: Pair,
    O: Fn(S, Key) -> F + Copy + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let (start, cpu_start) = (Instant::now(), cpu_time());
    let end = start + WINDOW;
    let mut callers = JoinSet::new();
    for key in keys.iter().copied() {
        let side = side.clone();
        callers.spawn(async move {
            let mut n_done = 0;
            while Instant::now() < end {
                operation(side.clone(), key).await;
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
