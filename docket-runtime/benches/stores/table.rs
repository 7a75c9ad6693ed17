//! What is told, as Markdown.

use std::fmt;

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

/// The turns of the store, and those of what was done by hand.
pub(crate) struct Cell {
    pub(crate) rounds: Vec<Round>,
}

/// A turn of each.
pub(crate) struct Round {
    pub(crate) docket: Turn,
    pub(crate) by_hand: Turn,
    pub(crate) same_row: Option<Turn>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rows } = self;
        writeln!(f, "\n**{name}**\n")?;
        writeln!(
            f,
            "| callers | operation | Docket | by hand | time, ratio | same row | time, ratio | CPU here | by hand | same row |\n\
             |--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"
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
        let micros = |time: f64| format!("{:.0} µs", time * 1e6);
        let rate = |time: f64| format!("{}/s", thousands(1.0 / time));
        let time = |of: &dyn Fn(&Round) -> Option<Turn>| {
            self.median(&|it| Some(of(it)?.time.as_secs_f64()))
        };
        let cpu = |of: &dyn Fn(&Round) -> Option<Turn>| {
            self.median(&|it| Some(of(it)?.cpu_time.as_secs_f64()))
        };
        // Of each round by itself: what all met in it is in each.
        let ratio = |of: &dyn Fn(&Round) -> Option<Turn>| {
            self.median(&|it| Some(it.docket.time.div_duration_f64(of(it)?.time)))
        };
        let cell =
            |value: Option<f64>, text: &dyn Fn(f64) -> String| value.map_or_else(String::new, text);
        let times = |ratio: f64| format!("{ratio:.2}");
        let docket = |it: &Round| Some(it.docket);
        let by_hand = |it: &Round| Some(it.by_hand);
        let same_row = |it: &Round| it.same_row;
        let cells = [
            cell(time(&docket), &rate),
            cell(time(&by_hand), &rate),
            cell(ratio(&by_hand), &times),
            cell(time(&same_row), &rate),
            cell(ratio(&same_row), &times),
            cell(cpu(&docket), &micros),
            cell(cpu(&by_hand), &micros),
            cell(cpu(&same_row), &micros),
        ];
        f.write_str(&cells.join(" | "))
    }
}

impl Cell {
    /// Of the rounds that have it; `None` where none has.
    fn median(&self, of: &dyn Fn(&Round) -> Option<f64>) -> Option<f64> {
        let mut values: Vec<_> = self.rounds.iter().filter_map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }
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
