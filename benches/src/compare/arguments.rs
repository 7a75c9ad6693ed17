//! What is asked of the program.

use std::path::PathBuf;
use std::time::Duration;

pub(crate) const USAGE: &str = "\
compare [--quick] [--only NAME,NAME…] [--rounds N] [--millis N] [--clock wall|cpu] [--write FOLDER]

--quick   checks that all come to the same results, and measures next to nothing
--only    compares these only: docket, join, spawn, futures_concurrency, dagx, operese, async_dag, static_graph, dagrs
--rounds  how many times each is measured, in turns (5)
--millis  for how long each time (100)
--clock   what is measured: the time that passes (wall), or the processor time of all threads (cpu), which holds on a machine
          that does other things too
--write   writes compare.md and compare.svg there";

/// See [`USAGE`].
#[derive(Debug)]
pub(crate) struct Arguments {
    /// Empty: all.
    pub(crate) only: Vec<String>,
    pub(crate) rounds: usize,
    /// How long one measurement takes.
    pub(crate) time: Duration,
    pub(crate) clock: Clock,
    pub(crate) folder: Option<PathBuf>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The time that passes.
    Wall,
    /// The processor time of all threads.
    Cpu,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut it = Self {
            only: Vec::new(),
            rounds: 5,
            time: Duration::from_millis(100),
            clock: Clock::Wall,
            folder: None,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                "--quick" => (it.rounds, it.time) = (1, Duration::from_millis(1)),
                "--only" => it.only = value()?.split(',').map(str::to_owned).collect(),
                "--rounds" => it.rounds = number(&value()?)?.max(1) as usize,
                "--millis" => it.time = Duration::from_millis(number(&value()?)?.max(1)),
                "--clock" => it.clock = clock(&value()?)?,
                "--write" => it.folder = Some(PathBuf::from(value()?)),
                _ => return Err(format!("`{word}` is not known")),
            }
        }
        Ok(it)
    }
}

fn clock(word: &str) -> Result<Clock, String> {
    match word {
        "wall" => Ok(Clock::Wall),
        "cpu" => Ok(Clock::Cpu),
        _ => Err(format!("`{word}` is not a clock: `wall` or `cpu`")),
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse()
        .map_err(|_| format!("`{word}` is not a number"))
}
