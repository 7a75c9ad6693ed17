//! For spreadsheets: a line for each row of the list, the ranked ones first.

use std::io::{self, Write};

use super::Outcome;

pub(super) fn write(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    writeln!(out, "rank,line,title,year,rating,gain,score,error")?;
    for (rank, film) in (1..).zip(&outcome.ranked) {
        writeln!(
            out,
            "{rank},{},{},{},{:.4},{:.4},{:.4},",
            film.line,
            quoted(&film.title),
            film.year,
            film.rating,
            film.gain,
            film.score,
        )?;
    }
    for failure in &outcome.failed {
        writeln!(out, ",{},,,,,,{}", failure.line, quoted(&failure.error))?;
    }
    Ok(())
}

/// As RFC 4180 has it: in quotes where it must be, and quotes doubled.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_would_end_a_field_is_in_quotes() {
        assert_eq!(quoted("Alien"), "Alien");
        assert_eq!(quoted("Me, \"Myself\""), "\"Me, \"\"Myself\"\"\"");
    }
}
