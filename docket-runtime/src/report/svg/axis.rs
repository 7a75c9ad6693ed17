//! Where the lines of time stand.

use std::time::Duration;

/// So many lines at most.
const MAX_LINES: u128 = 8;

/// Round times from 0 to `whole`, all as far from the next.
pub(super) fn ticks(whole: Duration) -> Vec<Duration> {
    let whole = whole.as_nanos();
    let mut step: u128 = 1;
    // 1, 2, 5, 10, 20, 50, …
    let mut factors = [2, 5, 10].iter().cycle();
    let mut base = 1;
    while whole / step > MAX_LINES {
        let factor = factors.next().expect("it goes round");
        step = base * factor;
        if *factor == 10 {
            base *= 10;
        }
    }
    let nanos = (0..).map(|i| i * step).take_while(|at| *at <= whole);
    nanos
        .map(|at| Duration::from_nanos(u64::try_from(at).unwrap_or(u64::MAX)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let millis = |whole: u64| -> Vec<u128> {
            let ticks = ticks(Duration::from_millis(whole));
            ticks.iter().map(Duration::as_millis).collect()
        };
        assert_eq!(millis(0), [0]);
        assert_eq!(millis(8), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(millis(9), [0, 2, 4, 6, 8]);
        assert_eq!(millis(155), [0, 20, 40, 60, 80, 100, 120, 140]);
        assert_eq!(millis(400), [0, 50, 100, 150, 200, 250, 300, 350, 400]);
        assert_eq!(millis(1234), [0, 200, 400, 600, 800, 1000, 1200]);
    }
}
