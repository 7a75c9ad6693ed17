//! `docket`: what an operator does with the rows of a store, and pictures of graphs. See `docs/cli.md`.
//!
//! The arguments are parsed (`args.rs`), the store behind the URL is opened (`open/`), and one command runs on it
//! (`commands/`), which knows nothing but the trait `Admin`. `docket graph` works on files alone.

// Without the stores there is nothing to run the commands on. It says so, and names the feature.
#![cfg_attr(
    not(any(
        feature = "sqlite",
        feature = "postgres",
        feature = "mysql",
        feature = "redis"
    )),
    allow(dead_code, unused_imports, unused_variables)
)]

mod args;
mod commands;
mod confirm;
mod failure;
mod open;
mod output;
mod secrets;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Work};
use failure::Failure;
use secrets::Secrets;

fn main() -> ExitCode {
    let secrets = Secrets::of_process();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            tell(&secrets.redact(&error.render().to_string()));
            return ExitCode::from(failure::USAGE);
        }
        // Help and version are asked for: they go to standard output.
        Err(error) => {
            return match error.print() {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => finish(Err(error.into()), &secrets),
            };
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(args)),
        Err(error) => Err(error.into()),
    };
    finish(done, &secrets)
}

async fn run(args: Args) -> Result<(), Failure> {
    let Args {
        place,
        output,
        work,
    } = args;
    match work {
        Work::Rows(command) => open::run(place, output, command).await,
        // It needs no store.
        Work::Graph(graph) => commands::graph::run(output, &graph),
    }
}

fn finish(done: Result<(), Failure>, secrets: &Secrets) -> ExitCode {
    let Err(failure) = done else {
        return ExitCode::SUCCESS;
    };
    if failure.is_closed_pipe() {
        // `docket ls | head` has got what it wanted.
        return ExitCode::SUCCESS;
    }
    tell(&secrets.redact(&failure.to_string()));
    ExitCode::from(failure.code())
}

/// Standard error may be closed; there is nobody left to tell then.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}
