//! What was measured, as tables and as a picture.

use docket_benches_common::{Entrant, Mode, Once};
use docket_benches_shapes::Shape;

mod markdown;
mod svg;

pub(crate) use markdown::markdown;
pub(crate) use svg::svg;

/// One shape whose steps wait in one way.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) mode: Mode,
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// What one library takes for it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) library: &'static str,
    /// Nanoseconds: the median of the rounds.
    pub(crate) time: f64,
    /// Against hand-written `join!`: the median of the ratios within one round.
    pub(crate) ratio: Option<f64>,
    /// Nanoseconds beyond what hand-written `join!` takes: the median of the differences within one round.
    pub(crate) beyond: Option<f64>,
    pub(crate) once: Once,
    /// Bytes.
    pub(crate) size: usize,
}

impl Cell {
    /// `once` and `times` are of the entrants, in their order.
    pub(crate) fn new(
        mode: Mode,
        shape: &Shape,
        entrants: &[&Entrant],
        once: &[Once],
        times: &[Vec<f64>],
    ) -> Self {
        let by_hand = entrants.iter().position(|it| it.library == "join");
        let against = |i: usize, compare: fn(f64, f64) -> f64| {
            let pairs = times[i].iter().zip(&times[by_hand?]);
            Some(median(
                pairs.map(|(it, join)| compare(*it, *join)).collect(),
            ))
        };
        let line = |i: usize| Line {
            library: entrants[i].library,
            time: median(times[i].clone()),
            ratio: against(i, |it, join| it / join),
            beyond: against(i, |it, join| it - join),
            once: once[i],
            size: (entrants[i].size)(),
        };
        Self {
            mode,
            title: shape.title,
            lines: (0..entrants.len()).map(line).collect(),
        }
    }

    pub(crate) fn of(&self, library: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.library == library)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

/// Nanoseconds, as people read them.
pub(crate) fn time(nanos: f64) -> String {
    match nanos {
        n if n < 999.5 => format!("{n:.0} ns"),
        n if n < 9_995.0 => format!("{:.2} µs", n / 1e3),
        n if n < 999_500.0 => format!("{:.0} µs", n / 1e3),
        n => format!("{:.1} ms", n / 1e6),
    }
}
