//! Markdown that can be read as it is.

use docket_benches_common::Mode;

use super::{Cell, Line, time};
use crate::arguments::{Arguments, Clock};
use crate::contenders::LIBRARIES;

/// Whose state is in the future, rather than in boxes and tasks that it makes.
const WITH_FUTURES: [&str; 3] = ["join", "docket", "futures_concurrency"];

pub(crate) fn markdown(cells: &[Cell], arguments: &Arguments) -> String {
    let mut out = format!(
        "Medians of {} rounds of {} ms, of {}. A ratio is against `join!` in the same round.\n",
        arguments.rounds,
        arguments.time.as_millis(),
        match arguments.clock {
            Clock::Wall => "the time that passes",
            Clock::Cpu => "the processor time of all threads",
        }
    );
    out.push_str("\n## Time\n");
    for mode in Mode::ALL {
        out.push_str(&format!("\n{}:\n\n", capital(mode.title())));
        let of_mode: Vec<&Cell> = cells.iter().filter(|cell| cell.mode == mode).collect();
        out.push_str(&table(&of_mode, &LIBRARIES, |_, line| match line.ratio {
            Some(ratio) if line.library != "join" => {
                format!("{} ({})", time(line.time), short(ratio))
            }
            _ => time(line.time),
        }));
    }
    out.push_str(BEYOND);
    for mode in Mode::ALL {
        out.push_str(&format!("\n{}:\n\n", capital(mode.title())));
        let of_mode: Vec<&Cell> = cells.iter().filter(|cell| cell.mode == mode).collect();
        out.push_str(&beyond(&of_mode));
    }
    let ready: Vec<&Cell> = cells.iter().filter(|it| it.mode == Mode::Ready).collect();
    let waiting: Vec<&Cell> = cells.iter().filter(|it| it.mode == Mode::Answers).collect();
    out.push_str("\n## Allocations of one execution\n\nReady at the first poll:\n\n");
    out.push_str(&table(&ready, &LIBRARIES, |_, line| {
        line.once.allocations.to_string()
    }));
    out.push_str("\nWith staggered answers:\n\n");
    out.push_str(&table(&waiting, &LIBRARIES, |_, line| {
        line.once.allocations.to_string()
    }));
    let with_futures: Vec<_> = LIBRARIES
        .into_iter()
        .filter(|(name, _)| WITH_FUTURES.contains(name))
        .collect();
    out.push_str("\n## Bytes of the future\n\nReady at the first poll:\n\n");
    out.push_str(&table(&ready, &with_futures, |_, line| {
        line.size.to_string()
    }));
    out.push_str("\nSteps that wait, with room for a timer in each:\n\n");
    out.push_str(&table(&waiting, &with_futures, |_, line| {
        line.size.to_string()
    }));
    out.push_str("\n## Time until the result, by the clock of the timers\n\n");
    let timers: Vec<&Cell> = cells.iter().filter(|it| it.mode == Mode::Timers).collect();
    out.push_str(&table(&timers, &LIBRARIES, |_, line| {
        format!("{} ms", line.once.latency.as_millis())
    }));
    out
}

const BEYOND: &str = "
## Overhead

What each takes beyond `join!`, as a multiple of what Docket takes beyond it. `0` says that there is none; \
where Docket has none, the times of the others stand there.
";

fn beyond(cells: &[&Cell]) -> String {
    let others: Vec<_> = LIBRARIES
        .into_iter()
        .filter(|(name, _)| *name != "join")
        .collect();
    table(cells, &others, |cell, line| {
        let of_docket = cell.of("docket").and_then(|it| it.beyond);
        match (line.beyond, of_docket) {
            (Some(beyond), _) if beyond <= 0.0 => "0".to_owned(),
            (Some(beyond), _) if line.library == "docket" => time(beyond),
            (Some(beyond), Some(docket)) if docket > 0.0 => short(beyond / docket),
            (Some(beyond), _) => time(beyond),
            (None, _) => "–".to_owned(),
        }
    })
}

fn short(ratio: f64) -> String {
    match ratio {
        r if r < 9.95 => format!("{r:.2}×"),
        r => format!("{r:.0}×"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A row for each shape, and a column for each library that has been measured.
fn table(
    cells: &[&Cell],
    libraries: &[(&str, &str)],
    text: impl Fn(&Cell, &Line) -> String,
) -> String {
    let has_any = |library: &str| cells.iter().any(|cell| cell.of(library).is_some());
    let columns: Vec<_> = libraries.iter().filter(|(name, _)| has_any(name)).collect();
    let mut rows = vec![vec![String::new()]];
    rows[0].extend(columns.iter().map(|(_, title)| (*title).to_owned()));
    for cell in cells {
        let mut row = vec![cell.title.to_owned()];
        row.extend(columns.iter().map(|(name, _)| match cell.of(name) {
            Some(line) => text(cell, line),
            None => "–".to_owned(),
        }));
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|i| width(i).unwrap_or(0).max(3))
        .collect();
    let mut out = String::new();
    for (i, row) in rows.iter().enumerate() {
        let fields: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (field, &width))| match column {
                0 => format!("{field:<width$}"),
                _ => format!("{field:>width$}"),
            })
            .collect();
        out.push_str(&format!("| {} |\n", fields.join(" | ")));
        if i == 0 {
            let line = |(column, &width): (usize, &usize)| match column {
                0 => "-".repeat(width),
                _ => format!("{}:", "-".repeat(width - 1)),
            };
            let lines: Vec<String> = widths.iter().enumerate().map(line).collect();
            out.push_str(&format!("| {} |\n", lines.join(" | ")));
        }
    }
    out
}
