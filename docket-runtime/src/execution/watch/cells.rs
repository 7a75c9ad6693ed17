//! [`Cells`]: how far each step of a frame is.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Span;

use super::Nanos;

/// How far each step of a frame is, by its node.
pub(super) struct Cells {
    n: usize,
    steps: Steps,
    /// Only where `tracing` has a use for them.
    spans: Option<Box<[Mutex<Span>]>>,
}

/// Of a graph of a few nodes they stand in the allocation of the frame's watch: another one would be felt.
enum Steps {
    Few([Cell; FEW]),
    Many(Box<[Cell]>),
}

const FEW: usize = 12;

/// A task of a step writes to it as well as the thread that polls the frame, but neither waits for the other.
#[derive(Default)]
struct Cell {
    /// `WAITING`, `ENDED`, or `STARTED` and the nanoseconds of the execution until then.
    at: AtomicU64,
    /// How often its code was called, and whether its driver has just done so: `CALLED`.
    attempts: AtomicU32,
}

const CALLED: u32 = 1 << 31;

const WAITING: u64 = 0;
const ENDED: u64 = 1;
const STARTED: u64 = 2;

impl Cells {
    pub(super) fn new(n: usize, are_traced: bool) -> Self {
        Self {
            n,
            steps: match n {
                0..=FEW => Steps::Few(Default::default()),
                _ => Steps::Many((0..n).map(|_| Cell::default()).collect()),
            },
            spans: are_traced.then(|| (0..n).map(|_| Mutex::new(Span::none())).collect()),
        }
    }

    #[inline]
    fn step(&self, node: usize) -> &Cell {
        match &self.steps {
            Steps::Few(steps) => &steps[node],
            Steps::Many(steps) => &steps[node],
        }
    }

    pub(super) fn start(&self, node: usize, at: Nanos) {
        self.step(node).at.store(STARTED + at, Ordering::Relaxed);
    }

    /// When the step started, if it has and has not ended.
    pub(super) fn started(&self, node: usize) -> Option<Nanos> {
        match self.step(node).at.load(Ordering::Relaxed) {
            WAITING | ENDED => None,
            at => Some(at - STARTED),
        }
    }

    /// The same, but it has ended now. The thread whose turn it is alone calls this.
    pub(super) fn end(&self, node: usize) -> Option<Nanos> {
        let started = self.started(node);
        self.step(node).at.store(ENDED, Ordering::Relaxed);
        started
    }

    pub(super) fn len(&self) -> usize {
        self.n
    }

    pub(super) fn note_attempt(&self, node: usize, attempt: u32) {
        self.step(node).attempts.store(attempt, Ordering::Relaxed);
    }

    pub(super) fn attempts(&self, node: usize) -> u32 {
        self.step(node).attempts.load(Ordering::Relaxed) & !CALLED
    }

    /// Its driver itself calls the code of the step, once.
    pub(super) fn note_call(&self, node: usize) {
        self.note_attempt(node, 1 | CALLED);
    }

    /// Whether its driver called the code of the step, whose end was not told yet; it is now.
    pub(super) fn end_call(&self, node: usize) -> bool {
        let attempts = &self.step(node).attempts;
        let before = attempts.load(Ordering::Relaxed);
        // Of such a step, nobody else writes here.
        attempts.store(before & !CALLED, Ordering::Relaxed);
        before & CALLED != 0
    }

    /// The place of the span of a step.
    #[inline]
    pub(super) fn span(&self, node: usize) -> Option<MutexGuard<'_, Span>> {
        let spans = self.spans.as_ref()?;
        // It is held while the step is polled, and the step may panic.
        Some(spans[node].lock().unwrap_or_else(PoisonError::into_inner))
    }
}
