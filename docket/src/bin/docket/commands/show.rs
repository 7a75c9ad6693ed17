//! `docket show`

use std::io::{self, Write as _};

use docket::store::{Admin, RowView};

use super::Session;
use super::find::find;
use crate::args::{Output, Show};
use crate::failure::Failure;
use crate::output::{
    Row, Table, age, codec_name, expiry, hex, is_in_doubt, json_line, plain, status,
};

pub(super) async fn run(session: &Session, store: &impl Admin, args: &Show) -> Result<(), Failure> {
    let row = find(store, &args.key).await?;
    let mut out = io::stdout().lock();
    match session.output {
        Output::Table => table(&row, args.value).write(&mut out)?,
        Output::Json if args.value => json_line(&mut out, &Row::with_value(&row)?)?,
        Output::Json => json_line(&mut out, &Row::new(&row)?)?,
    }
    out.flush()?;
    if is_in_doubt(&row) {
        writeln!(
            io::stderr(),
            "nobody knows how this attempt ended: find out, and tell `docket resolve`"
        )?;
    }
    Ok(())
}

fn table(row: &RowView, with_value: bool) -> Table {
    let mut table = Table::new([]);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            table.push([name.to_owned(), value]);
        }
    };
    line("key", hex(&row.key.0));
    line(
        "step",
        format!("{}, version {}", plain(&row.step_name), row.step_version),
    );
    line("status", status(row));
    line("scope", plain(&row.scope));
    line("namespace", plain(&row.namespace));
    line("execution", plain(&row.execution_id));
    line("attempt", row.attempt.to_string());
    line("generation", row.generation.to_string());
    line("fence", row.fence.to_string());
    line("holder", plain(&row.holder));
    if let Some(lease) = row.lease {
        line("lease", format!("{} left", age(lease)));
    }
    line(
        "created",
        format!("{} UTC, {} ago", plain(&row.created_at), age(row.age)),
    );
    if let Some(finished_at) = &row.finished_at {
        line("finished", format!("{} UTC", plain(finished_at)));
    }
    line("expires", expiry(row));
    line("error", plain(row.error.as_deref().unwrap_or_default()));
    line("metadata", plain(&row.metadata));
    line("value", value(row, with_value));
    table
}

/// The value itself only where it was asked for.
fn value(row: &RowView, with_value: bool) -> String {
    let (Some(len), Some(codec)) = (row.value_len, row.codec) else {
        return String::new();
    };
    let codec = codec_name(codec);
    match (&row.value_json, &row.value) {
        _ if !with_value => format!("{len} bytes of {codec}; `--value` prints it"),
        (Some(json), _) => plain(json),
        (None, Some(bytes)) => format!("{codec}, in hexadecimal digits: {}", hex(bytes)),
        (None, None) => String::new(),
    }
}
