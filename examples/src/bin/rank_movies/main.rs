//! A batch of 3,201 real films: rows with gaps and mistakes in them, of which a bad one fails alone, ratings that are asked
//! for fifty at a time and kept in a store, and a rank for each film among all.
//!
//! Read this file first: the steps, the graph, and what runs it. Beside it stand the types the steps make ([`model`]), the
//! rules for rows ([`rows`]) and for ranks ([`ranking`]), the client for the rating service ([`client`]), the observer that
//! draws the progress ([`progress`]), what is printed ([`report`]), the command line ([`cli`]), and what nobody would have
//! in one program with the rest: the rating service ([`service`]).

mod cli;
mod client;
mod model;
#[cfg(test)]
mod plan;
mod progress;
mod ranking;
mod report;
mod rows;
mod service;

use std::borrow::Cow;
use std::error::Error as _;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::iter;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use docket::store::AnyStore;
use docket::{Execution, MemoryStore, StepContext, graph, step};
use docket_examples::{Style, is_closed_pipe};

use cli::Cli;
use client::{RatingClient, ServiceError};
use model::{Answer, BatchStats, Film, FilmId, RankedFilm, RatedFilm, Row};
use progress::Progress;
use report::{Failure, Outcome};
use rows::{BadRow, Reason};
use service::RatingService;

// Once for each item: the parameter says so.

#[step]
fn parse_film(row: &Row) -> Result<Film, BadRow> {
    rows::parse(row)
}

#[step]
fn identify(film: &Film) -> FilmId {
    FilmId {
        title: film.title.clone(),
        released: film.released.day.clone(),
    }
}

/// Of many items in one call. The service answers so many calls a second; those that it refuses are tried again. Each rating
/// is recorded on its own, so that a batch that was killed asks for those only that it does not have.
#[step(
    bulk = 50,
    persist = "workflow",
    repeat = "free",
    max_concurrency = 2,
    timeout = "10s",
    retry(attempts = 10, initial = "50ms", max_delay = "1s", jitter),
    retry_if = ServiceError::may_pass
)]
async fn fetch_ratings(
    ids: &[FilmId],
    #[resource] ratings: &RatingClient,
) -> Result<Vec<Answer>, ServiceError> {
    ratings.ask(ids).await
}

#[step]
fn rate(film: &Film, answer: &Answer) -> Result<RatedFilm, BadRow> {
    let Answer { rating } = *answer;
    Ok(RatedFilm {
        rating: rating.ok_or(BadRow {
            line: film.line,
            reason: Reason::Unrated,
        })?,
        film: film.clone(),
    })
}

/// Once for all: the slice says so. It has the films that came so far, in the order of the list.
#[step]
fn compute_stats(films: &[RatedFilm], ctx: &StepContext) -> BatchStats {
    ranking::stats(films, ctx.items_failed())
}

/// Again for each, with what is there once.
#[step]
fn rank(film: &RatedFilm, stats: &BatchStats) -> RankedFilm {
    ranking::rank(film, stats)
}

graph! {
    /// From the rows of a list to the rank of each film in it.
    struct Movies {
        inputs { Row }
        resources { RatingClient }
        steps { parse_film, identify, fetch_ratings, rate, compute_stats, rank }

        async fn rank_movies(rows: [Row]) -> ([docket::Result<RankedFilm>], BatchStats);
    }
}

/// Keeps our rows apart from those of other programs that use the same table.
const NAMESPACE: &str = "rank_movies";

/// How long the store may take to record the last ratings.
const GRACE: Duration = Duration::from_secs(30);

/// From the npm package `vega-datasets`; see `data/README.md`.
const MOVIES: &str = include_str!("../../../data/movies.json");

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let Cli {
        batch,
        input,
        max_concurrency,
        output,
        top,
        store,
        rate,
        folder,
        lease,
    } = cli;
    let list = match &input {
        Some(path) => Cow::Owned(
            fs::read_to_string(path)
                .with_context(|| format!("can't read the list `{}`", path.display()))?,
        ),
        None => Cow::Borrowed(MOVIES),
    };
    fs::create_dir_all(&folder)
        .with_context(|| format!("can't use the folder `{}`", folder.display()))?;
    let service = RatingService::start(MOVIES, &folder, rate.get())
        .await
        .context("can't start the pretend rating service")?;
    let store = match store {
        Some(url) => url.open().await.context("can't use the store")?,
        None => AnyStore::new(MemoryStore::new()),
    };

    let rows: Vec<Row> = rows::rows(&list).collect();
    let lines: Vec<usize> = rows.iter().map(|it| it.line).collect();
    let progress = io::stderr()
        .is_terminal()
        .then(|| Progress::new(rows.len()));
    let bar = progress.as_ref().map(Progress::bar);
    // A proxy from the environment knows no way to our loopback.
    let http = reqwest::Client::builder().no_proxy().build()?;
    let movies = Movies::builder()
        .rating_client(RatingClient::new(http, service.address()))
        .store(store)
        .namespace(NAMESPACE)
        .lease(lease)
        .observer(progress)
        .build();

    // The id of the batch is the id of the execution: that is what makes a second run go on where the first one ended.
    let execution = Execution::new(batch).max_concurrency(max_concurrency.get());
    let outcome = movies.rank_movies(execution, rows).await;
    // What is on its way into the store shall get there before this process ends.
    let unrecorded = movies.shutdown(GRACE).await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    if unrecorded > 0 {
        eprintln!("warning: {unrecorded} ratings could not be recorded in time");
    }
    let (films, stats) = outcome?;

    let (mut ranked, mut failed) = (Vec::new(), Vec::new());
    for (line, film) in lines.into_iter().zip(films) {
        match film {
            Ok(film) => ranked.push(film),
            Err(error) => failed.push(failure(line, &error)),
        }
    }
    ranking::order(&mut ranked);
    let outcome = Outcome {
        ranked,
        failed,
        stats,
        requests: service.requests(),
    };
    let mut out = io::stdout().lock();
    report::write(&mut out, Style::of_stdout(), output, top, &outcome)?;
    out.flush()?;
    Ok(())
}

/// What became of the row at `line`: a bad row names its line itself.
fn failure(line: usize, error: &docket::Error) -> Failure {
    let words = match error.downcast_ref::<BadRow>() {
        Some(bad) => bad.to_string(),
        None => format!("line {line}: {}", words(error)),
    };
    Failure {
        line,
        step: error.step().unwrap_or_default(),
        error: words,
    }
}

/// What went wrong, in words that are the same for each item of which it did. Those of the step's own error are; a panic or a
/// timeout has none, and what Docket says of it has the number of the item in it.
fn words(error: &docket::Error) -> String {
    let causes = iter::successors(error.source(), |&it| it.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    if !causes.is_empty() {
        return causes.join(": ");
    }
    match error.item() {
        Some(item) => error
            .to_string()
            .replacen(&format!("of item {item} "), "", 1),
        None => error.to_string(),
    }
}
