//! How long to wait before asking again.

use std::time::Duration;

/// Delays that double up to a bound, each drawn between its half and its whole so that those who failed together do not
/// come back together.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    cap: Duration,
}

impl Backoff {
    /// Between looks at a row that another process has: from 10 ms on, half a second at most.
    pub(super) const fn of_waiters() -> Self {
        Self::new(Duration::from_millis(20), Duration::from_millis(500))
    }

    /// Between tries of a claim, of which there are few, since a caller waits.
    pub(super) const fn of_claims() -> Self {
        Self::new(Duration::from_millis(50), Duration::from_millis(200))
    }

    /// Between tries of a record, of which there are as many as it takes.
    pub(super) const fn of_records() -> Self {
        Self::new(Duration::from_millis(20), Duration::from_secs(5))
    }

    const fn new(first: Duration, cap: Duration) -> Self {
        Self { next: first, cap }
    }

    pub(super) fn delay(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(self.cap);
        whole.mul_f64(0.5 + 0.5 * fastrand::f64())
    }

    pub(super) async fn pause(&mut self) {
        tokio::time::sleep(self.delay()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiters_look_every_10_to_500_milliseconds() {
        let mut backoff = Backoff::of_waiters();
        let delays: Vec<_> = (0..50).map(|_| backoff.delay()).collect();
        assert!(delays[0] >= Duration::from_millis(10) && delays[0] <= Duration::from_millis(20));
        assert!(delays[49] >= Duration::from_millis(250));
        assert!(
            delays
                .iter()
                .all(|delay| *delay <= Duration::from_millis(500))
        );
    }
}
