//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use docket::store::{Filter, KeyPrefix, RowStatus, TableName};

/// Look at the rows of a Docket store, and set right what is failed or in doubt.
///
/// Exit codes: 0 on success, 1 on failure, 2 when the command line has to change.
#[derive(Parser)]
#[command(name = "docket", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: Place,

    /// How to print: aligned for people, or one JSON object a line.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM", help_heading = EVERYWHERE)]
    pub(crate) output: Output,

    #[command(subcommand)]
    pub(crate) work: Work,
}

#[derive(Subcommand)]
pub(crate) enum Work {
    /// On the rows of a store.
    #[command(flatten)]
    Rows(Command),
    /// Draw the plan of a graph, as its `plan().to_json()` wrote it, or compare two.
    Graph(Graph),
}

/// Above the options that every command has.
const EVERYWHERE: &str = "Options of all commands";

/// Which rows are worked on.
#[derive(clap::Args)]
#[command(next_help_heading = EVERYWHERE)]
pub(crate) struct Place {
    /// The store: sqlite://FILE, postgres://…, mysql://… or redis://…
    // Its value may hold a password, and help shows values of the environment by default.
    #[arg(
        long,
        global = true,
        env = "DOCKET_STORE",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) store: Option<String>,

    /// The table of a SQL store, with its schema if need be.
    #[arg(long, global = true, value_parser = table_name, value_name = "NAME", default_value = "step_cache")]
    pub(crate) table: TableName,

    /// What the keys of a Redis store begin with.
    #[arg(long, global = true, value_name = "PREFIX", default_value = "docket:")]
    pub(crate) prefix: String,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Output {
    /// Columns, and times as ages.
    #[default]
    Table,
    /// One object a line, with times in milliseconds.
    Json,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create the table, or bring it up to date. No other command creates anything.
    Migrate,
    /// Print the statements that create the table, for migrations of your own.
    Schema,
    /// List rows, the youngest first.
    Ls(Ls),
    /// Show one row.
    Show(Show),
    /// Count the rows of each step in each status.
    Stats,
    /// Let failed rows expire, so that the next call of each runs its step.
    Retry(Retry),
    /// Say how an attempt ended that is in doubt.
    Resolve(Resolve),
    /// Delete the rows that have expired.
    Purge(Purge),
    /// Check the store: what it promises, its settings, its clock. Fails if something is wrong.
    Doctor,
}

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Graph {
    #[command(subcommand)]
    pub(crate) command: Option<GraphCommand>,

    /// The plan, as JSON; `-` is standard input.
    #[arg(required = true, value_name = "PLAN.json")]
    pub(crate) plan: Option<PathBuf>,

    /// What to draw it as.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) format: Format,

    /// Draw resources too.
    #[arg(long)]
    pub(crate) resources: bool,

    /// Where to write it, instead of to standard output.
    #[arg(short = 'o', value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum GraphCommand {
    /// Say what is different in the second plan. Fails if anything is.
    Diff {
        /// The plan as it was, as JSON.
        #[arg(value_name = "OLD.json")]
        old: PathBuf,
        /// The plan as it is; of the two, one may be `-`, standard input.
        #[arg(value_name = "NEW.json")]
        new: PathBuf,
    },
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    /// A picture for browsers, in light and dark.
    #[default]
    Svg,
    /// A flowchart for Markdown.
    Mermaid,
    /// A text for Graphviz.
    Dot,
}

#[derive(clap::Args)]
pub(crate) struct Ls {
    #[command(flatten)]
    pub(crate) rows: Rows,

    /// Only rows in this status.
    #[arg(long, value_parser = status, value_name = "STATUS")]
    pub(crate) status: Option<RowStatus>,

    /// Only rows that have expired.
    #[arg(long)]
    pub(crate) expired: bool,

    /// How many rows at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// Filters that `ls` and `retry` share. All that are given must fit.
#[derive(clap::Args)]
pub(crate) struct Rows {
    /// Only rows of this step.
    #[arg(long, value_name = "NAME")]
    pub(crate) step: Option<String>,

    /// Only rows that this execution claimed last.
    #[arg(long, value_name = "ID")]
    pub(crate) execution: Option<String>,

    /// Only rows created at least so long ago, as `1h` or `2days`.
    #[arg(long, value_parser = humantime::parse_duration, value_name = "AGE")]
    pub(crate) older_than: Option<Duration>,

    /// Only rows created at most so long ago.
    #[arg(long, value_parser = humantime::parse_duration, value_name = "AGE")]
    pub(crate) younger_than: Option<Duration>,

    /// Only rows whose key begins like this.
    #[arg(long, value_parser = key_prefix, value_name = "DIGITS")]
    pub(crate) key: Option<KeyPrefix>,
}

#[derive(clap::Args)]
pub(crate) struct Show {
    /// The key, or as much of its beginning as no other key shares; `ls` prints 12 digits.
    #[arg(value_parser = key_prefix)]
    pub(crate) key: KeyPrefix,

    /// Print the value, too. It may be a secret.
    #[arg(long)]
    pub(crate) value: bool,
}

#[derive(clap::Args)]
pub(crate) struct Retry {
    #[command(flatten)]
    pub(crate) rows: Rows,

    /// Don't ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(clap::Args)]
#[command(group = ArgGroup::new("outcome").required(true))]
pub(crate) struct Resolve {
    /// The key, or as much of its beginning as no other key shares.
    #[arg(value_parser = key_prefix)]
    pub(crate) key: KeyPrefix,

    /// It took effect, and this file holds its result; `-` is standard input.
    #[arg(long, group = "outcome", value_name = "FILE")]
    pub(crate) applied: Option<String>,

    /// It took no effect: the next call runs the step, under the same idempotency key.
    #[arg(long, group = "outcome")]
    pub(crate) not_applied: bool,

    /// Who says so, and why. Kept in the row.
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: String,

    /// How the file is encoded. [default: json, unless other rows of the step are not]
    #[arg(long, value_enum, requires = "applied", value_name = "CODEC")]
    pub(crate) codec: Option<Codec>,

    /// How long the result counts, as `24h`. [default: for ever]
    #[arg(long, value_parser = humantime::parse_duration, requires = "applied", value_name = "TIME")]
    pub(crate) ttl: Option<Duration>,

    /// Don't ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The encodings of Docket's own values.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Codec {
    /// Serde types.
    Json,
    /// Protobuf messages.
    Protobuf,
}

#[derive(clap::Args)]
pub(crate) struct Purge {
    /// How many rows one statement deletes.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) batch: u32,

    /// Don't ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

impl From<&Rows> for Filter {
    fn from(rows: &Rows) -> Self {
        let Rows {
            step,
            execution,
            older_than,
            younger_than,
            key,
        } = rows;
        let mut filter = Self::default();
        filter.step.clone_from(step);
        filter.execution.clone_from(execution);
        filter.older_than = *older_than;
        filter.younger_than = *younger_than;
        filter.key.clone_from(key);
        filter
    }
}

fn table_name(text: &str) -> Result<TableName, String> {
    TableName::new(text).map_err(|error| error.to_string())
}

fn key_prefix(text: &str) -> Result<KeyPrefix, String> {
    KeyPrefix::new(text).map_err(|error| error.to_string())
}

fn status(text: &str) -> Result<RowStatus, String> {
    RowStatus::parse(text).ok_or_else(|| {
        let all = RowStatus::ALL.map(RowStatus::as_str);
        format!("one of {}", all.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}
