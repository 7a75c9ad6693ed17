//! The command line.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use docket_examples::{StoreUrl, beside_program, parse_lease};

const AFTER_HELP: &str = "\
Examples:
  rank_movies                                   the ten best of 3,201 films, and why others could not be ranked
  rank_movies --output csv > films.csv          all of them
  rank_movies --max-concurrency 1               the same, one film after the other
  rank_movies --store sqlite://ratings.db       ratings are kept: kill it half way, run it again, and only the missing
                                                films are asked for
  rank_movies batch-2 --store sqlite://ratings.db   another batch, which asks for all of them";

/// Ranks films by their ratings and earnings: a list of real and dirty rows, of which a bad one fails alone
#[derive(Debug, Parser)]
#[command(name = "rank_movies", after_help = AFTER_HELP, args_override_self = true)]
pub(crate) struct Cli {
    /// Which batch: running it again with the same store goes on where it was left
    #[arg(value_name = "BATCH_ID", default_value = "batch-1")]
    pub(crate) batch: String,

    /// The list of films, one JSON object to a line [default: 3,201 films that come with this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,

    /// How many films are in flight at once
    #[arg(long, value_name = "N", default_value = "50")]
    pub(crate) max_concurrency: NonZeroUsize,

    /// What is printed: the best as a table, or all as JSON or CSV
    #[arg(long, value_name = "FORM", default_value = "table")]
    pub(crate) output: Output,

    /// How many films the table shows
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) top: usize,

    /// Where ratings are kept: sqlite://FILE, or, by feature, postgres://…, mysql://… or redis://…
    /// [default: in memory, until the program ends]
    #[arg(long, value_name = "URL", value_parser = StoreUrl::parse)]
    pub(crate) store: Option<StoreUrl>,

    /// How many requests a second the rating service answers; more than that it refuses, and they are tried again
    #[arg(long, value_name = "N", default_value = "50")]
    pub(crate) rate: NonZeroU32,

    /// Where the rating service notes what it was asked for, made if missing
    /// [default: rank_movies.files beside this program]
    #[arg(long, value_name = "FOLDER", default_value_os_t = beside_program("rank_movies.files"), hide_default_value = true)]
    pub(crate) folder: PathBuf,

    /// For how long a film is taken to be under way without a sign of its process. The run after a kill waits so long
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_lease)]
    pub(crate) lease: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    Table,
    Json,
    Csv,
}
