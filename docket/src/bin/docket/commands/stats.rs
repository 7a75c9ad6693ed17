//! `docket stats`

use std::io::{self, Write as _};

use docket::store::Admin;
use serde::Serialize;

use super::Session;
use crate::args::Output;
use crate::failure::Failure;
use crate::output::{Table, age, json_line, millis, plain};

/// One line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    step: &'a str,
    status: &'a str,
    rows: u64,
    bytes: u64,
    oldest_ms: u64,
}

pub(super) async fn run(session: &Session, store: &impl Admin) -> Result<(), Failure> {
    let tallies = store.stats().await?;
    let mut out = io::stdout().lock();
    match session.output {
        Output::Table => {
            let mut table = Table::new(["STEP", "STATUS", "ROWS", "BYTES", "OLDEST"]);
            for tally in &tallies {
                table.push([
                    plain(&tally.step_name),
                    tally.status.to_string(),
                    tally.rows.to_string(),
                    tally.bytes.to_string(),
                    format!("{} ago", age(tally.oldest)),
                ]);
            }
            table.write(&mut out)?;
        }
        Output::Json => {
            for tally in &tallies {
                let line = Line {
                    step: &tally.step_name,
                    status: tally.status.as_str(),
                    rows: tally.rows,
                    bytes: tally.bytes,
                    oldest_ms: millis(tally.oldest),
                };
                json_line(&mut out, &line)?;
            }
        }
    }
    out.flush()?;
    if tallies.is_empty() {
        writeln!(io::stderr(), "no rows")?;
    }
    Ok(())
}
