//! For people: the best, and why others are not there.

use std::collections::BTreeMap;
use std::io::{self, Write};

use docket_examples::Style;

use super::{Failure, Outcome};

/// How many failures of one kind are named.
const NAMED: usize = 3;

pub(super) fn write(
    out: &mut impl Write,
    style: Style,
    top: usize,
    outcome: &Outcome,
) -> io::Result<()> {
    let Outcome {
        ranked,
        failed,
        stats,
        requests,
    } = outcome;
    let best = &ranked[..top.min(ranked.len())];
    let width = best.iter().map(|it| it.title.chars().count()).max();
    let width = width.unwrap_or(0).max("film".len());
    if !best.is_empty() {
        let head = format!("rank  {:width$}  year  rating     gain  score", "film");
        writeln!(out, "{}", style.bold(&head))?;
    }
    for (rank, film) in (1..).zip(best) {
        writeln!(
            out,
            "{rank:>4}  {:width$}  {}  {:>6.2}  {:>7.1}  {:>5.2}",
            film.title, film.year, film.rating, film.gain, film.score,
        )?;
    }
    writeln!(
        out,
        "\n{} rows: {} ranked, {} failed",
        ranked.len() + failed.len(),
        ranked.len(),
        failed.len(),
    )?;
    for ((what, _), those) in by_kind(failed) {
        let lines: Vec<_> = those.iter().take(NAMED).map(|it| it.to_string()).collect();
        let more = match those.len().saturating_sub(NAMED) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        let named = style.dim(&format!("line {}{more}", lines.join(", ")));
        writeln!(
            out,
            "  {} {what}: {named}",
            style.red(&format!("{:>4}", those.len()))
        )?;
    }
    if stats.films > 0 {
        writeln!(
            out,
            "rating: {:.2} on average; gain: {:.2} times the budget in the middle",
            stats.rating.mean,
            stats.gain.mean.exp(),
        )?;
    }
    writeln!(
        out,
        "service: asked for {} films in {} requests, refused {}",
        requests.films, requests.answered, requests.refused,
    )
}

/// The lines of what went wrong in one way in one step: its words, without the numbers and names that are of one row, and the
/// step.
fn by_kind(failed: &[Failure]) -> BTreeMap<(String, &str), Vec<usize>> {
    let mut kinds: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for failure in failed {
        let words = failure.error.split_once(": ").map_or("", |it| it.1);
        let what = match words {
            words if words.starts_with("released in ") => "released after the list".to_owned(),
            words => words.to_owned(),
        };
        let kind = (what, failure.step);
        kinds.entry(kind).or_default().push(failure.line);
    }
    kinds
}
