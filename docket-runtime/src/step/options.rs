//! The options of a step: as written, as set at run time, and as they apply.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::persist::Repeat;
use crate::plan::mode;
use crate::store::Scope;

/// The options of `#[step(…)]`, as constants.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Of one attempt.
    pub timeout: Option<Duration>,
    /// When and how often a failed attempt is repeated.
    pub retry: Option<Retry>,
    /// For whom the result is recorded.
    pub persist: Option<Scope>,
    /// How long a record counts.
    pub ttl: Option<Duration>,
    /// How much longer a value is used while another is made.
    pub stale: Option<Duration>,
    /// What may happen again.
    pub repeat: Repeat,
    /// Whether there is a function that finds out what became of a lost run.
    pub reconcile: bool,
    /// At most so many at once in one graph value.
    pub max_concurrency: Option<usize>,
    /// In a task of its own.
    pub spawn: bool,
    /// On the blocking pool.
    pub blocking: bool,
    /// Whether there is a fallback.
    pub fallback: bool,
    /// Whether the function takes a `&StepContext`.
    pub context: bool,
    /// At most so many items of a batch in one call, if it takes many.
    pub bulk: Option<usize>,
}

impl Options {
    /// A step with nothing but its function.
    pub const NONE: Self = Self {
        timeout: None,
        retry: None,
        persist: None,
        ttl: None,
        stale: None,
        repeat: Repeat::Keyed,
        reconcile: false,
        max_concurrency: None,
        spawn: false,
        blocking: false,
        fallback: false,
        context: false,
        bulk: None,
    };

    /// How a step with these options runs.
    pub const fn mode(&self) -> u8 {
        if self.persist.is_some() {
            mode::PERSISTED
        } else if self.blocking {
            mode::BLOCKING
        } else if self.spawn {
            mode::SPAWNED
        } else if self.timeout.is_some()
            || self.retry.is_some()
            || self.max_concurrency.is_some()
            || self.fallback
            || self.context
        {
            mode::MANAGED
        } else {
            mode::PLAIN
        }
    }
}

/// How often, and after which delays, a failed attempt is repeated.
///
/// ```
/// use std::time::Duration;
/// use docket_runtime::Retry;
///
/// let retry = Retry::exponential(3, Duration::from_millis(50)).factor(3.0).max_delay(Duration::from_secs(1)).jitter();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// The first included; at least 1.
    pub(crate) attempts: u32,
    pub(crate) delay: Delay,
}

/// The delay before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delay {
    /// Before the second attempt.
    pub initial: Duration,
    /// What each delay is of the one before.
    pub factor: f64,
    /// No delay is longer.
    pub max: Option<Duration>,
    /// Each delay is drawn between half of it and the whole.
    pub jitter: bool,
}

impl Retry {
    /// At most `attempts`, the first included, each `delay` after the end of the one before. 0 attempts count as 1.
    pub const fn fixed(attempts: u32, delay: Duration) -> Self {
        Self::exponential(attempts, delay).factor(1.0)
    }

    /// At most `attempts`, the first included; the delays start with `initial` and double, without bound unless
    /// [`max_delay`](Retry::max_delay) sets one. 0 attempts count as 1.
    pub const fn exponential(attempts: u32, initial: Duration) -> Self {
        let attempts = if attempts == 0 { 1 } else { attempts };
        Self {
            attempts,
            delay: Delay {
                initial,
                factor: 2.0,
                max: None,
                jitter: false,
            },
        }
    }

    /// What each delay is of the one before. Factors below 1, and NaN, count as 1: a delay never shrinks to nothing.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.delay.factor = if factor >= 1.0 { factor } else { 1.0 };
        self
    }

    /// No delay is longer than this.
    pub const fn max_delay(mut self, max: Duration) -> Self {
        self.delay.max = Some(max);
        self
    }

    /// Draws each delay evenly between half of it and the whole, so that callers that failed together do not come back
    /// together.
    pub const fn jitter(mut self) -> Self {
        self.delay.jitter = true;
        self
    }
}

impl Delay {
    /// The delay after the attempt `attempt`, from 1; `draw` is even between 0 and 1.
    pub(crate) fn after(&self, attempt: u32, draw: impl FnOnce() -> f64) -> Duration {
        let grown = self.initial.as_secs_f64()
            * self
                .factor
                .powi(attempt.saturating_sub(1).min(i32::MAX as u32) as i32);
        // Past what a `Duration` holds it stays there: a delay that grew too large must not become none.
        let mut delay = Duration::try_from_secs_f64(grown).unwrap_or(Duration::MAX);
        if let Some(max) = self.max {
            delay = delay.min(max);
        }
        if self.jitter {
            let half = delay / 2;
            delay = half + half.mul_f64(draw());
        }
        delay
    }
}

/// Options set at run time, with `builder.configure::<step>(…)`: each replaces the one in the attribute.
///
/// `persist`, `spawn`, `blocking`, `retry_if`, `fallback` and `reconcile` shape the code that the compiler makes, or
/// name functions over the step's own types, so they stand in the attribute only.
///
/// ```
/// use std::time::Duration;
/// use docket_runtime::{Retry, StepOptions};
///
/// let options = StepOptions::new()
///     .timeout(Duration::from_millis(800))
///     .retry(Retry::fixed(3, Duration::from_millis(20)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct StepOptions {
    timeout: Option<Option<Duration>>,
    retry: Option<Option<Retry>>,
    ttl: Option<Option<Duration>>,
    stale: Option<Option<Duration>>,
    repeat: Option<Repeat>,
    max_concurrency: Option<Option<usize>>,
    bulk: Option<usize>,
}

impl StepOptions {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits one attempt.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(Some(timeout));
        self
    }

    /// Takes the limit of one attempt away.
    pub fn no_timeout(mut self) -> Self {
        self.timeout = Some(None);
        self
    }

    /// Repeats failed attempts.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(Some(retry));
        self
    }

    /// Makes the first attempt the only one.
    pub fn no_retry(mut self) -> Self {
        self.retry = Some(None);
        self
    }

    /// How long a record counts. For persisted steps.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(Some(ttl));
        self
    }

    /// Keeps records for ever.
    pub fn no_ttl(mut self) -> Self {
        self.ttl = Some(None);
        self
    }

    /// How much longer than its `ttl` a value is used, at once, while another is made in the background. For persisted steps
    /// with `repeat = "free"` and a `ttl`: without either, it is of no effect.
    pub fn stale(mut self, stale: Duration) -> Self {
        self.stale = Some(Some(stale));
        self
    }

    /// Has callers wait for the next value when one has expired.
    pub fn no_stale(mut self) -> Self {
        self.stale = Some(None);
        self
    }

    /// What may happen again. For persisted steps.
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = Some(repeat);
        self
    }

    /// At most `n` of this step at once in one graph value; 0 counts as 1.
    pub fn max_concurrency(mut self, n: usize) -> Self {
        self.max_concurrency = Some(Some(n.max(1)));
        self
    }

    /// Takes that limit away.
    pub fn no_max_concurrency(mut self) -> Self {
        self.max_concurrency = Some(None);
        self
    }

    /// At most `n` items of a batch in one call; 0 counts as 1. For steps with `bulk`.
    pub fn bulk(mut self, n: usize) -> Self {
        self.bulk = Some(n.max(1));
        self
    }

    pub(crate) fn sets_bulk(&self) -> bool {
        self.bulk.is_some()
    }

    pub(crate) fn sets_persistence(&self) -> bool {
        self.ttl.is_some() || self.stale.is_some() || self.repeat.is_some()
    }
}

/// The options that apply to one step of one graph value.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<Retry>,
    pub(crate) ttl: Option<Duration>,
    /// Only of what is free to repeat and expires.
    pub(crate) stale: Option<Duration>,
    pub(crate) repeat: Repeat,
    pub(crate) limit: Option<Arc<Semaphore>>,
    pub(crate) max_concurrency: Option<usize>,
    /// How many items of a batch are in one call.
    pub(crate) bulk: usize,
    pub(crate) is_recorded: bool,
    /// Whether a step that is plain by its attribute has options all the same.
    pub(crate) is_managed: bool,
}

impl Policy {
    pub(crate) fn new(written: &Options, set: &StepOptions) -> Self {
        let StepOptions {
            timeout,
            retry,
            ttl,
            stale,
            repeat,
            max_concurrency,
            bulk,
        } = set;
        let timeout = timeout.unwrap_or(written.timeout);
        let retry = retry.unwrap_or(written.retry);
        let limit = max_concurrency.unwrap_or(written.max_concurrency);
        let ttl = ttl.unwrap_or(written.ttl);
        let repeat = repeat.unwrap_or(written.repeat);
        let is_cache = repeat == Repeat::Free && ttl.is_some();
        Self {
            timeout,
            retry,
            ttl,
            stale: stale.unwrap_or(written.stale).filter(|_| is_cache),
            repeat,
            limit: limit.map(|n| Arc::new(Semaphore::new(n.min(Semaphore::MAX_PERMITS)))),
            max_concurrency: limit,
            is_recorded: written.persist.is_some(),
            bulk: bulk.or(written.bulk).unwrap_or(1),
            is_managed: timeout.is_some() || retry.is_some() || limit.is_some(),
        }
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.retry.map_or(1, |retry| retry.attempts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(retry: Retry, draw: f64) -> Vec<u64> {
        (1..=5)
            .map(|attempt| retry.delay.after(attempt, || draw).as_millis() as u64)
            .collect()
    }

    const TEN: Duration = Duration::from_millis(10);

    #[test]
    fn fixed_delays_stay() {
        assert_eq!(delays(Retry::fixed(9, TEN), 0.5), [10, 10, 10, 10, 10]);
    }

    #[test]
    fn exponential_delays_grow_up_to_their_bound() {
        assert_eq!(
            delays(Retry::exponential(9, TEN), 0.5),
            [10, 20, 40, 80, 160]
        );
        assert_eq!(
            delays(Retry::exponential(9, TEN).max_delay(TEN * 3), 0.5),
            [10, 20, 30, 30, 30]
        );
    }

    #[test]
    fn jitter_draws_between_the_half_and_the_whole() {
        assert_eq!(
            delays(Retry::exponential(9, TEN).jitter(), 0.0),
            [5, 10, 20, 40, 80]
        );
        assert_eq!(
            delays(Retry::exponential(9, TEN).jitter(), 1.0),
            [10, 20, 40, 80, 160]
        );
    }

    #[test]
    fn a_delay_without_bound_never_wraps_to_nothing() {
        let delay = Retry::exponential(u32::MAX, TEN).delay;
        assert_eq!(delay.after(u32::MAX, || 0.0), Duration::MAX);
        assert_eq!(delay.after(5_000, || 0.0), Duration::MAX);
    }

    #[test]
    fn a_factor_that_shrinks_counts_as_one() {
        assert_eq!(delays(Retry::exponential(9, TEN).factor(0.1), 0.5), [10; 5]);
        assert_eq!(
            delays(Retry::exponential(9, TEN).factor(f64::NAN), 0.5),
            [10; 5]
        );
    }
}
