//! From lines to films: the list is real, and so are its gaps and mistakes.

use std::error::Error;
use std::fmt;

use serde_json::{Map, Value};

use crate::model::{Film, Released, Row};

/// When the list was made. What is dated later was not: films of 1936 stand there as of 2036.
const LAST_YEAR: u16 = 2011;

/// Why a line is no film that could be ranked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    pub(crate) line: usize,
    pub(crate) reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    NotJson,
    /// There is none, or it is null, 0, or of another type than it should be.
    Missing(&'static str),
    NotADate(String),
    FromTheFuture(u16),
    /// The rating service does not know the film.
    Unrated,
}

/// The lines that hold a film, or should: all but the brackets around them.
pub(crate) fn rows(list: &str) -> impl Iterator<Item = Row> {
    let lines = list.lines().zip(1..);
    lines.filter_map(|(line, number)| {
        let text = line.trim().trim_end_matches(',');
        (!matches!(text, "" | "[" | "]")).then(|| Row {
            line: number,
            text: text.to_owned(),
        })
    })
}

pub(crate) fn parse(row: &Row) -> Result<Film, BadRow> {
    let film = parse_text(&row.text);
    film.map(|film| Film {
        line: row.line,
        ..film
    })
    .map_err(|reason| BadRow {
        line: row.line,
        reason,
    })
}

fn parse_text(text: &str) -> Result<Film, Reason> {
    let fields: Map<String, Value> = serde_json::from_str(text).map_err(|_| Reason::NotJson)?;
    Ok(Film {
        line: 0,
        title: title(&fields)?,
        released: released(&fields)?,
        budget: dollars(&fields, "Production Budget")?,
        gross: dollars(&fields, "Worldwide Gross")?,
    })
}

/// Some films are called 300, and stand there as numbers.
pub(crate) fn title(fields: &Map<String, Value>) -> Result<String, Reason> {
    const FIELD: &str = "Title";
    match fields.get(FIELD) {
        Some(Value::String(title)) if !title.trim().is_empty() => Ok(title.trim().to_owned()),
        Some(Value::Number(title)) => Ok(title.to_string()),
        _ => Err(Reason::Missing(FIELD)),
    }
}

pub(crate) fn released(fields: &Map<String, Value>) -> Result<Released, Reason> {
    const FIELD: &str = "Release Date";
    let Some(Value::String(text)) = fields.get(FIELD) else {
        return Err(Reason::Missing(FIELD));
    };
    let year = match *text.split(' ').collect::<Vec<_>>() {
        [_month, _day, year] => year.parse().ok(),
        _ => None,
    };
    match year {
        None => Err(Reason::NotADate(text.clone())),
        Some(year) if year > LAST_YEAR => Err(Reason::FromTheFuture(year)),
        Some(year) => Ok(Released {
            day: text.clone(),
            year,
        }),
    }
}

/// Nothing is made for nothing: a 0 is a gap, too.
fn dollars(fields: &Map<String, Value>, field: &'static str) -> Result<u64, Reason> {
    let amount = fields.get(field).and_then(Value::as_u64);
    amount.filter(|it| *it > 0).ok_or(Reason::Missing(field))
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("no JSON object"),
            Self::Missing(field) => write!(f, "no {}", field.to_lowercase()),
            Self::NotADate(text) => write!(f, "`{text}` is no date"),
            Self::FromTheFuture(year) => {
                write!(f, "released in {year}, and the list is of {LAST_YEAR}")
            }
            Self::Unrated => f.write_str("no rating"),
        }
    }
}

impl Error for BadRow {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let row = Row {
            line: 7,
            text: text.to_owned(),
        };
        let found = parse(&row).map(|it| it.title).map_err(|it| it.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    fn with(field: &str, value: &str) -> String {
        let fields = [
            ("Title", "\"Alien\""),
            ("Release Date", "\"May 25 1979\""),
            ("Production Budget", "9000000"),
            ("Worldwide Gross", "203630630"),
        ];
        let fields = fields.map(|(name, given)| {
            let value = if name == field { value } else { given };
            format!("\"{name}\": {value}")
        });
        format!("{{{}}}", fields.join(", "))
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_its_line() {
        check(&with("", ""), Ok("Alien"));
        check(&with("Title", "300"), Ok("300"));
        check(&with("Title", "null"), Err("line 7: no title"));
        check(
            &with("Worldwide Gross", "0"),
            Err("line 7: no worldwide gross"),
        );
        check(
            &with("Production Budget", "\"much\""),
            Err("line 7: no production budget"),
        );
        check(
            &with("Release Date", "\"1979\""),
            Err("line 7: `1979` is no date"),
        );
        check(
            &with("Release Date", "\"May 25 2036\""),
            Err("line 7: released in 2036, and the list is of 2011"),
        );
        check("{\"Title\": ", Err("line 7: no JSON object"));
    }

    #[test]
    fn brackets_are_no_rows() {
        let rows: Vec<_> = rows("[\n  {\"a\": 1},\n\n  oops\n]\n").collect();
        let lines: Vec<_> = rows.iter().map(|it| (it.line, it.text.as_str())).collect();
        assert_eq!(lines, [(2, "{\"a\": 1}"), (4, "oops")]);
    }
}
