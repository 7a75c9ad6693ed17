//! `docket doctor`

use std::io::{self, Write as _};

use docket::store::{Admin, Finding};
use serde::Serialize;

use super::Session;
use crate::args::Output;
use crate::failure::Failure;
use crate::output::{Table, json_line, plain};

/// One line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    subject: &'a str,
    value: &'a str,
    advice: Option<&'a str>,
}

pub(super) async fn run(session: &Session, store: &impl Admin) -> Result<(), Failure> {
    let findings = store.doctor().await?;
    let mut out = io::stdout().lock();
    match session.output {
        Output::Table => table(&findings).write(&mut out)?,
        Output::Json => {
            for finding in &findings {
                let line = Line {
                    subject: &finding.subject,
                    value: &finding.value,
                    advice: finding.advice.as_deref(),
                };
                json_line(&mut out, &line)?;
            }
        }
    }
    out.flush()?;
    let advice: Vec<_> = findings
        .iter()
        .filter_map(|it| Some(format!("{}: {}", it.subject, it.advice.as_deref()?)))
        .collect();
    match advice.len() {
        0 => Ok(()),
        1 => Err(Failure::new("one thing should be otherwise").help(plain(&advice[0]))),
        n => Err(
            Failure::new(format!("{n} things should be otherwise")).help(
                advice
                    .iter()
                    .map(|it| plain(it))
                    .collect::<Vec<_>>()
                    .join("\n      "),
            ),
        ),
    }
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(["", "SUBJECT", "FOUND"]);
    for finding in findings {
        let mark = match finding.advice {
            None => "ok",
            Some(_) => "no",
        };
        table.push([
            mark.to_owned(),
            plain(&finding.subject),
            plain(&finding.value),
        ]);
    }
    table
}
