//! [`Log`]: what ran, and when.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Instant, sleep};

use crate::ms;

/// The lines that steps wrote, in order. It is a resource of the graphs under test; a clone is the same log.
#[derive(Clone, Debug)]
pub struct Log {
    start: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// An empty log, whose clock starts now.
    #[allow(clippy::new_without_default, reason = "it reads the clock")]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            lines: Arc::default(),
        }
    }

    /// Adds a line.
    pub fn push(&self, line: impl Into<String>) {
        self.lock().push(line.into());
    }

    /// Adds a line that says when: `12ms: a`.
    pub fn stamp(&self, line: &str) {
        self.push(format!("{}ms: {line}", self.elapsed_ms()));
    }

    /// The milliseconds since it was made.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).expect("a test is short")
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.lock().clone()
    }

    /// All lines so far in the order of the alphabet, where theirs is left open.
    pub fn sorted(&self) -> Vec<String> {
        let mut lines = self.lines();
        lines.sort();
        lines
    }

    /// How many lines are `line`.
    pub fn count(&self, line: &str) -> usize {
        self.lock().iter().filter(|it| *it == line).count()
    }

    /// Forgets all lines, and returns them.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    /// Writes `name dropped` when it is dropped, unless it is told that all is well.
    pub fn guard(&self, name: &str) -> Guard {
        Guard {
            log: self.clone(),
            line: Some(format!("{name} dropped")),
        }
    }

    /// Works for so long: writes `name` at the start, `name done` at the end, or `name dropped` if it does not come to that.
    pub async fn work(&self, name: &str, millis: u64) {
        self.push(name);
        let guard = self.guard(name);
        sleep(ms(millis)).await;
        guard.defuse();
        self.push(format!("{name} done"));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Made by [`Log::guard`].
pub struct Guard {
    log: Log,
    line: Option<String>,
}

impl Guard {
    /// Nothing will be written.
    pub fn defuse(mut self) {
        self.line = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            self.log.push(line);
        }
    }
}
