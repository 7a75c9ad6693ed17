//! What is printed before and after the steps.

use std::env;
use std::io::{self, Write};
use std::time::Duration;

use docket::store::{RowStatus, RowView};
use docket::{ErrorKind, Step};
use docket_examples::Style;

use crate::model::{Cents, CompletedOrder, Customer, OrderId, OrderRequest};
use crate::process_payment;
use crate::services::{Provider, Warehouse};

/// Which order it is, and how far earlier runs of it came.
pub(crate) fn write_start(
    out: &mut impl Write,
    style: Style,
    id: &OrderId,
    request: &OrderRequest,
    customer: &Customer,
    rows: &[RowView],
) -> io::Result<()> {
    let title = format!("Order {}: {request} for {}", id.0, customer.name);
    writeln!(out, "{}", style.bold(&title))?;
    let known: Vec<_> = rows
        .iter()
        .map(|it| format!("{} {}", it.step_name, it.status))
        .collect();
    if !known.is_empty() {
        writeln!(out, "  {}   {}", style.dim("resumes"), known.join(", "))?;
    }
    for row in rows {
        if let Some(lease) = time_to_wait(row) {
            writeln!(
                out,
                "  {}   up to {:.1} s, until the process that had {} counts as gone",
                style.yellow("waiting"),
                lease.as_secs_f64(),
                row.step_name
            )?;
        }
    }
    writeln!(out)?;
    out.flush()
}

/// For how long the row belongs to another process, if that gives no further sign of life.
fn time_to_wait(row: &RowView) -> Option<Duration> {
    let is_running = row.status == RowStatus::Running;
    row.lease.filter(|it| is_running && *it > Duration::ZERO)
}

/// What came of it.
pub(crate) fn write_outcome(
    out: &mut impl Write,
    style: Style,
    outcome: &docket::Result<CompletedOrder>,
) -> io::Result<()> {
    writeln!(out)?;
    let error = match outcome {
        Ok(CompletedOrder { paid, charge, hold }) => {
            let title = format!("Placed: {paid} paid by {charge}, goods held as {hold}");
            return writeln!(out, "{}", style.bold(&title));
        }
        Err(error) => error,
    };
    // `{:#}` is the error with all its causes.
    writeln!(out, "{}", style.bold(&format!("Not placed: {error:#}")))?;
    let advice = match error.kind() {
        ErrorKind::InDoubt => "run it again: the provider is asked what it has charged",
        ErrorKind::InputDrift => {
            "an order is placed as it was begun; give what differs an id of its own"
        }
        ErrorKind::Failed if error.step() == Some(process_payment::NAME) => {
            "a payment that failed is not tried again; give another try an id of its own"
        }
        _ => return Ok(()),
    };
    writeln!(out, "  {}      {advice}", style.dim("next"))
}

/// What the servers were asked in this run, and what the provider has charged in all runs.
pub(crate) fn write_requests_and_ledger(
    out: &mut impl Write,
    style: Style,
    id: &OrderId,
    warehouse: &Warehouse,
    provider: &Provider,
) -> io::Result<()> {
    writeln!(
        out,
        "  {}  hold {}, charge {}, look up {}",
        style.dim("requests"),
        warehouse.hold_requests(),
        provider.charge_requests(),
        provider.lookups(),
    )?;
    let charges = provider.charges_of(&id.0)?;
    let sum: Cents = charges.iter().map(|it| it.cents).sum();
    let plural = if charges.len() == 1 { "" } else { "s" };
    let here = env::current_dir().unwrap_or_default();
    let path = provider.ledger();
    writeln!(
        out,
        "  {}    {} charge{plural} for {}, {sum} in all: {}",
        style.dim("ledger"),
        charges.len(),
        id.0,
        path.strip_prefix(here).unwrap_or(path).display(),
    )
}
