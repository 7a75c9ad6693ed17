//! Those who are compared.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::wait::{self, Connection};

/// One graph of one library, or written by hand in one way.
pub struct Entrant {
    pub library: &'static str,
    /// The name of the shape.
    pub shape: &'static str,
    /// Executes it so many times, one after the other, and says how long that took.
    pub time: fn(&Runtimes, Mode, u64) -> Duration,
    /// Executes it a few times, and says what is the same each time.
    pub once: fn(&Runtimes, Mode) -> Once,
    /// How many bytes its future has.
    pub size: fn() -> usize,
}

/// What does not depend on the machine.
#[derive(Clone, Copy, Debug)]
pub struct Once {
    /// What it came to.
    pub value: u64,
    /// Allocations per execution.
    pub allocations: usize,
    /// How far the clock, where it is paused, moved on in one execution.
    pub latency: Duration,
}

/// What steps wait for: see [`wait`](crate::wait).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Ready,
    Yields,
    Answers,
    Timers,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Ready, Self::Yields, Self::Answers, Self::Timers];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Yields => "yields",
            Self::Answers => "answers",
            Self::Timers => "timers",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Ready => "ready at the first poll",
            Self::Yields => "each step yields three times",
            Self::Answers => "staggered wakeups: one answer at a time",
            Self::Timers => "staggered wakeups: timers",
        }
    }
}

/// Where executions run.
pub struct Runtimes {
    /// Two workers, as in a server.
    workers: Runtime,
    /// One thread, with the connection that gives answers.
    single: Runtime,
    /// One thread, and a paused clock.
    paused: Runtime,
}

impl Runtimes {
    pub fn start() -> Self {
        let build = |builder: &mut Builder| builder.enable_all().build().expect("a runtime starts");
        let it = Self {
            workers: build(Builder::new_multi_thread().worker_threads(2)),
            single: build(&mut Builder::new_current_thread()),
            paused: build(Builder::new_current_thread().start_paused(true)),
        };
        it.single.spawn(Connection);
        it
    }

    fn of(&self, mode: Mode) -> &Runtime {
        match mode {
            Mode::Ready | Mode::Yields => &self.workers,
            Mode::Answers => &self.single,
            Mode::Timers => &self.paused,
        }
    }

    /// Runs it in a task of its own, as a server runs a request.
    pub fn in_task<T: Send + 'static>(
        &self,
        mode: Mode,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        wait::choose(mode);
        let runtime = self.of(mode);
        let task = runtime.spawn(work);
        runtime.block_on(task).expect("it does not panic")
    }

    /// Runs what can't be sent to another thread, and so can't be a task of a server with two workers.
    pub fn in_place<T>(&self, mode: Mode, work: impl Future<Output = T>) -> T {
        wait::choose(mode);
        let runtime = match mode {
            Mode::Timers => &self.paused,
            _ => &self.single,
        };
        runtime.block_on(work)
    }
}
