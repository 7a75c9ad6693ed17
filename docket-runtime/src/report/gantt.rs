//! A run as a chart of text.

use std::fmt::Write as _;
use std::time::Duration;

use super::segments::Doing;
use super::{RunTrace, StepTrace};
use crate::chart::text::cut;

/// A bar is not made narrower than this.
const MIN_BAR: usize = 8;
/// What is said of a step is cut where the line ends, but not to less than this.
const MIN_TOLD: usize = 32;
/// Names are cut beyond this.
const MAX_NAME: usize = 28;

impl RunTrace {
    /// A chart of text, `width` columns wide, for a terminal or a log: a line for each step, in the order in which they
    /// started, and one for all items of a batch.
    ///
    /// `━` is a step whose code runs, `×` one whose code runs in vain, `·` a step that waits: for its next attempt, the
    /// store, or another caller; `│` is a step that took no time. Steps with a `*` are on the
    /// [critical path](RunTrace::critical_path).
    pub fn gantt(&self, width: usize) -> String {
        let rows = self.rows();
        let names = rows.iter().map(|row| row.name.chars().count()).max();
        let names = names.unwrap_or(0);
        let times = rows.iter().map(|row| row.took.len()).max().unwrap_or(0);
        let told = rows.iter().map(|row| row.told.chars().count()).max();
        // What is not bar: the star, the name, the time, what is said, and gaps.
        let rest = 2 + names + 2 + 1 + times + 2 + told.unwrap_or(0).min(MIN_TOLD);
        let bar = width.saturating_sub(rest).max(MIN_BAR);
        let outcome = match &self.outcome {
            Some(outcome) => outcome.name,
            None => "under way",
        };
        let mut out = format!(
            "{} {} {outcome} in {}\n",
            self.entry,
            self.execution_id,
            short(self.took)
        );
        let room = width.saturating_sub(rest - told.unwrap_or(0).min(MIN_TOLD) + bar);
        for row in &rows {
            let star = if row.is_critical { '*' } else { ' ' };
            let drawn = self.bar(&row.steps, bar);
            let told = cut(&row.told, room.max(MIN_TOLD));
            let line = format!(
                "{star} {:<names$}  {drawn} {:>times$}  {told}",
                row.name, row.took
            );
            let _ = writeln!(out, "{}", line.trim_end());
        }
        if self.left_out > 0 {
            let _ = writeln!(
                out,
                "  and {} more steps, which were not kept",
                self.left_out
            );
        }
        out
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let path = self.critical_path();
        let is_critical = |name: &str| path.iter().any(|it| it.step.step == name);
        let mut rows: Vec<Row<'_>> = Vec::new();
        for step in &self.steps {
            match rows.iter_mut().find(|row| row.steps[0].step == step.step) {
                Some(row) => row.steps.push(step),
                None => rows.push(Row {
                    name: cut(step.step, MAX_NAME),
                    steps: vec![step],
                    took: String::new(),
                    told: String::new(),
                    is_critical: is_critical(step.step),
                }),
            }
        }
        for row in &mut rows {
            row.took = self.took_of(&row.steps);
            row.told = told(&row.steps);
        }
        rows
    }

    /// From the first start to the last end.
    fn took_of(&self, steps: &[&StepTrace]) -> String {
        if steps.iter().all(|step| step.is_skipped()) {
            return String::new();
        }
        let start = steps.iter().map(|it| it.start).min().unwrap_or_default();
        let end = steps.iter().map(|it| self.end_of(it)).max();
        short(end.unwrap_or(start) - start)
    }

    fn bar(&self, steps: &[&StepTrace], width: usize) -> String {
        let mut cells = vec![' '; width];
        for step in steps.iter().filter(|step| !step.is_skipped()) {
            let segments = self.segments(step);
            if segments.is_empty() {
                let at = self.cell(step.start, width);
                draw(&mut cells[at], '│');
            }
            for segment in segments {
                let letter = match segment.doing {
                    Doing::Runs => '━',
                    Doing::Fails => '×',
                    Doing::Delays | Doing::Waits => '·',
                };
                let from = self.cell(segment.start, width);
                let to = self.edge(segment.end, width).clamp(from + 1, width);
                cells[from..to]
                    .iter_mut()
                    .for_each(|cell| draw(cell, letter));
            }
        }
        cells.into_iter().collect()
    }

    /// The cell in which `time` lies.
    fn cell(&self, time: Duration, width: usize) -> usize {
        self.edge(time, width).min(width - 1)
    }

    /// The border between cells that is nearest to `time`.
    fn edge(&self, time: Duration, width: usize) -> usize {
        let whole = self.took.as_nanos().max(1);
        let at = (time.as_nanos() * width as u128 + whole / 2) / whole;
        usize::try_from(at).unwrap_or(width).min(width)
    }
}

/// The letter that says more wins: where a step runs is of more interest than where another item of it waits.
fn draw(cell: &mut char, letter: char) {
    const ORDER: [char; 5] = [' ', '·', '│', '━', '×'];
    let rank = |letter: char| ORDER.iter().position(|it| *it == letter);
    if rank(letter) > rank(*cell) {
        *cell = letter;
    }
}

struct Row<'a> {
    name: String,
    steps: Vec<&'a StepTrace>,
    took: String,
    told: String,
    is_critical: bool,
}

/// Of one step what became of it, of items how many came to what.
fn told(steps: &[&StepTrace]) -> String {
    if let [step] = steps
        && step.item.is_none()
    {
        return step.told();
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for step in steps {
        let name = step.outcome.as_ref().map_or("under way", |it| it.name);
        match counts.iter_mut().find(|(it, _)| *it == name) {
            Some((_, n)) => *n += 1,
            None => counts.push((name, 1)),
        }
    }
    let counts = counts.iter().map(|(name, n)| format!("{n} {name}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// A time as short as it is readable: `48ms`, `1.25s`, `12µs`.
pub(super) fn short(time: Duration) -> String {
    let (nanos, secs) = (time.as_nanos(), time.as_secs_f64());
    let text = match nanos {
        0 => return "0ms".to_owned(),
        1..1_000 => return format!("{nanos}ns"),
        1_000..1_000_000 => return format!("{}µs", nanos / 1_000),
        1_000_000..10_000_000 => format!("{:.1}ms", secs * 1e3),
        10_000_000..1_000_000_000 => return format!("{:.0}ms", secs * 1e3),
        1_000_000_000..100_000_000_000 => format!("{secs:.2}s"),
        _ => return humantime::format_duration(Duration::from_secs(time.as_secs())).to_string(),
    };
    let unit = text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
    let number = text.trim_end_matches(unit).trim_end_matches('0');
    format!("{}{unit}", number.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let cases = [
            (0, "0ms"),
            (999, "999ns"),
            (12_345, "12µs"),
            (1_000_000, "1ms"),
            (1_500_000, "1.5ms"),
            (9_040_000, "9ms"),
            (80_000_000, "80ms"),
            (1_000_000_000, "1s"),
            (1_250_000_000, "1.25s"),
            (12_100_000_000, "12.1s"),
            (100_000_000_000, "1m 40s"),
        ];
        for (nanos, expected) in cases {
            assert_eq!(short(Duration::from_nanos(nanos)), expected);
        }
    }
}
