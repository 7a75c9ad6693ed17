//! For programs: one object.

use std::io::{self, Write};

use serde::Serialize;

use super::{Failure, Outcome};
use crate::model::{BatchStats, RankedFilm};
use crate::service::Requests;

#[derive(Serialize)]
struct Document<'a> {
    ranked: Vec<Ranked<'a>>,
    failed: &'a [Failure],
    stats: BatchStats,
    requests: Requests,
}

#[derive(Serialize)]
struct Ranked<'a> {
    rank: usize,
    #[serde(flatten)]
    film: &'a RankedFilm,
}

pub(super) fn write(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    let Outcome {
        ranked,
        failed,
        stats,
        requests,
    } = outcome;
    let document = Document {
        ranked: (1..)
            .zip(ranked)
            .map(|(rank, film)| Ranked { rank, film })
            .collect(),
        failed,
        stats: *stats,
        requests: *requests,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
