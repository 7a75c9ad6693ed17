//! `docket ls`

use std::io::{self, Write as _};

use docket::store::{Admin, Filter, RowView};

use super::Session;
use crate::args::{Ls, Output};
use crate::failure::Failure;
use crate::output::{Row, Table, age, cut, expiry, json_line, plain, rows, short_key, status};

/// Longer errors are cut; `show` has the whole.
const ERROR_WIDTH: usize = 60;

pub(super) async fn run(session: &Session, store: &impl Admin, args: &Ls) -> Result<(), Failure> {
    let mut filter = Filter::from(&args.rows);
    filter.status = args.status;
    filter.expired = args.expired;
    // One more than asked for tells whether there are more.
    let mut found = store.list(&filter, args.limit.saturating_add(1)).await?;
    let limit = args.limit as usize;
    let is_cut = found.len() > limit;
    found.truncate(limit);

    let mut out = io::stdout().lock();
    match session.output {
        Output::Table => table(&found).write(&mut out)?,
        Output::Json => {
            for row in &found {
                json_line(&mut out, &Row::new(row)?)?;
            }
        }
    }
    out.flush()?;
    if is_cut {
        let shown = rows(found.len() as u64);
        writeln!(
            io::stderr(),
            "these are the youngest {shown}; `--limit` shows more"
        )?;
    } else if found.is_empty() {
        writeln!(io::stderr(), "no rows")?;
    }
    Ok(())
}

fn table(found: &[RowView]) -> Table {
    let mut table = Table::new([
        "KEY",
        "STEP",
        "STATUS",
        "ATTEMPT",
        "CREATED",
        "EXPIRES",
        "EXECUTION",
        "ERROR",
    ]);
    for row in found {
        table.push([
            short_key(&row.key),
            plain(&row.step_name),
            status(row),
            row.attempt.to_string(),
            format!("{} ago", age(row.age)),
            expiry(row),
            plain(&row.execution_id),
            cut(
                &plain(row.error.as_deref().unwrap_or_default()),
                ERROR_WIDTH,
            ),
        ]);
    }
    table
}
