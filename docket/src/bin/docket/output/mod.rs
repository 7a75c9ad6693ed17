//! How things are printed: for people as a table, for programs as one JSON object a line.

mod json;
mod table;
mod text;

use std::io::{self, Write as _};

use crate::args::Output;
use crate::failure::Failure;

pub(crate) use json::{Row, json_line};
pub(crate) use table::Table;
pub(crate) use text::{
    age, codec_name, cut, expiry, hex, is_in_doubt, millis, plain, rows, short_key, status,
};

/// Prints what came of a command that changes rows.
pub(crate) fn said(output: Output, text: &str, json: &serde_json::Value) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match output {
        Output::Table => writeln!(out, "{text}")?,
        Output::Json => json_line(&mut out, json)?,
    }
    Ok(out.flush()?)
}
