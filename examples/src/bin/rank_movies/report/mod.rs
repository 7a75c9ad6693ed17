//! What is printed.

mod csv;
mod json;
mod table;

use std::io::{self, Write};

use docket_examples::Style;

use crate::cli::Output;
use crate::model::{BatchStats, RankedFilm};
use crate::service::Requests;

/// All that came of a batch.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The best first.
    pub(crate) ranked: Vec<RankedFilm>,
    /// By line.
    pub(crate) failed: Vec<Failure>,
    pub(crate) stats: BatchStats,
    pub(crate) requests: Requests,
}

/// A row that was not ranked.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Failure {
    pub(crate) line: usize,
    /// The step that failed.
    pub(crate) step: &'static str,
    pub(crate) error: String,
}

pub(crate) fn write(
    out: &mut impl Write,
    style: Style,
    output: Output,
    top: usize,
    outcome: &Outcome,
) -> io::Result<()> {
    match output {
        Output::Table => table::write(out, style, top, outcome),
        Output::Json => json::write(out, outcome),
        Output::Csv => csv::write(out, outcome),
    }
}
