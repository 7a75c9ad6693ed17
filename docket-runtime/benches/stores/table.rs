//! What is told, as Markdown.

use std::fmt;
use std::time::Duration;

use super::contest::Turn;

/// One store.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

pub(crate) struct Row {
    pub(crate) n_callers: usize,
    pub(crate) hits: Option<Cell>,
    pub(crate) pairs: Option<Cell>,
}

/// The turns of the store, and those that were done by hand.
pub(crate) struct Cell {
    pub(crate) turns: Vec<(Turn, Turn)>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rows } = self;
        writeln!(f, "\n**{name}**\n")?;
        writeln!(
            f,
            "| callers | operation | Docket | by hand | time, ratio | CPU here | by hand |\n|--:|---|--:|--:|--:|--:|--:|"
        )?;
        for row in rows {
            let cells = [("hit", &row.hits), ("claim + record", &row.pairs)];
            for (operation, cell) in cells {
                if let Some(cell) = cell {
                    writeln!(f, "| {} | {operation} | {cell} |", row.n_callers)?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |what: fn(&(Turn, Turn)) -> Duration| {
            median(self.turns.iter().map(|it| what(it).as_secs_f64()))
        };
        let rate = |time: f64| thousands(1.0 / time);
        let micros = |time: f64| format!("{:.0} µs", time * 1e6);
        // Of each round by itself: what both sides met in it is in both.
        let ratios = self.turns.iter();
        let ratio = median(ratios.map(|(ours, by_hand)| ours.time.div_duration_f64(by_hand.time)));
        write!(
            f,
            "{}/s | {}/s | {ratio:.2} | {} | {}",
            rate(of(|it| it.0.time)),
            rate(of(|it| it.1.time)),
            micros(of(|it| it.0.cpu_time)),
            micros(of(|it| it.1.cpu_time)),
        )
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `12345.6` as `12,346`.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
