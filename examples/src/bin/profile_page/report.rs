//! What is printed.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use docket_examples::Style;

use crate::model::{Page, UserId};
use crate::recorder::{Ended, How, StepRecord};
use crate::services::Server;

/// What became of one request for a page.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) id: UserId,
    pub(crate) outcome: docket::Result<Page>,
    pub(crate) took: Duration,
    pub(crate) steps: Vec<StepRecord>,
    pub(crate) execution_id: String,
}

/// Of charts, in columns.
pub(crate) const WIDTH: usize = 100;

pub(crate) fn write_answer(out: &mut impl Write, style: Style, answer: &Answer) -> io::Result<()> {
    let Answer {
        id,
        outcome,
        took,
        steps,
        execution_id: _,
    } = answer;
    match outcome {
        Ok(page) => write_page(out, style, *id, page)?,
        // `{:#}` is the error with all its causes.
        Err(error) => writeln!(
            out,
            "{}",
            style.bold(&format!("No page for user {id}: {error:#}"))
        )?,
    }
    writeln!(out)?;
    write_steps(out, style, steps, *took)?;
    writeln!(out)
}

fn write_page(out: &mut impl Write, style: Style, id: UserId, page: &Page) -> io::Result<()> {
    let Page {
        greeting,
        city,
        orders,
        credit,
        suggestions,
    } = page;
    let suggestions = suggestions.as_deref().unwrap_or("not available just now");
    writeln!(out, "{}", style.bold(&format!("{greeting}!")))?;
    writeln!(out, "  user     {id}, {city}")?;
    writeln!(out, "  orders   {orders}")?;
    writeln!(out, "  credit   {credit}")?;
    writeln!(out, "  for you  {suggestions}")
}

/// One line for each step, with a bar that shows when it was under way.
fn write_steps(
    out: &mut impl Write,
    style: Style,
    steps: &[StepRecord],
    page_took: Duration,
) -> io::Result<()> {
    let Some(start) = steps.iter().map(|it| it.started).min() else {
        return Ok(());
    };
    let mut sum = Duration::ZERO;
    for record in steps {
        let (bar, took) = bar(record, start, page_took);
        let name = record.step;
        writeln!(
            out,
            "  {name:<18} {bar} {:>5} ms  {}",
            took.as_millis(),
            outcome(style, record)
        )?;
        sum += took;
    }
    let (took, sum) = (page_took.as_millis(), sum.as_millis());
    writeln!(out, "  the page took {took} ms, its steps {sum} ms in sum")
}

/// How long the step took, also drawn to the scale of the page.
fn bar(record: &StepRecord, start: Instant, page_took: Duration) -> (String, Duration) {
    const WIDTH: usize = 24;
    let scale = |time: Duration| {
        (time.as_secs_f64() / page_took.as_secs_f64() * WIDTH as f64).round() as usize
    };
    let offset = record.started - start;
    let took = match &record.ended {
        Some(ended) => ended.took,
        None => page_took.saturating_sub(offset),
    };
    let from = scale(offset).min(WIDTH - 1);
    let drawn = match scale(offset + took).min(WIDTH).saturating_sub(from) {
        0 => "╸".to_owned(),
        len => "━".repeat(len),
    };
    (
        format!("{:from$}{drawn:<rest$}", "", rest = WIDTH - from),
        took,
    )
}

fn outcome(style: Style, record: &StepRecord) -> String {
    let Some(Ended { how, text, .. }) = &record.ended else {
        return style.dim("not waited for");
    };
    let text = match how {
        How::Ran => text.clone(),
        How::Spared => style.green(text),
        How::DoneWithout => style.yellow(text),
        How::Failed => style.red(text),
        How::NotWaitedFor => style.dim(text),
    };
    let retried = match record.failed_attempts.len() {
        0 => return text,
        1 => "retried once".to_owned(),
        n => format!("retried {n} times"),
    };
    match (how, record.failed_attempts.last()) {
        (How::Ran, Some(reason)) => {
            format!("{text}, {}", style.yellow(&format!("{retried}: {reason}")))
        }
        // The reason of the last attempt stands in the text already.
        _ => format!("{text}, {retried}"),
    }
}

pub(crate) fn write_summary(
    out: &mut impl Write,
    style: Style,
    servers: &[Server],
    database: &Path,
) -> io::Result<()> {
    let requests: Vec<_> = servers
        .iter()
        .map(|it| format!("{} {}", it.service(), it.requests()))
        .collect();
    let here = env::current_dir().unwrap_or_default();
    let database = database.strip_prefix(here).unwrap_or(database).display();
    writeln!(out, "{}  {}", style.dim("requests"), requests.join(", "))?;
    writeln!(
        out,
        "{}     {database} keeps credit scores for 24 hours; delete it to begin anew",
        style.dim("store")
    )
}
