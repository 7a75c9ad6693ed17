//! The profile page of a user, put together from five backend services. It is what Docket is for, in one program.
//!
//! Read this file first: the steps, the graph, and what a service does with them. Beside it stand the types the steps
//! make ([`model`]), the client they call backends with ([`client`]), the observer that hears of them ([`recorder`]),
//! the command line ([`cli`]), the printing ([`report`]), and the pretend backends ([`services`]), which a real service
//! would not have.

mod cli;
mod client;
mod model;
mod recorder;
mod report;
mod services;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser as _;
use docket::report::{RunReport, RunTrace};
use docket::{SqliteStore, graph, step};
use docket_examples::{Style, is_closed_pipe, sqlite_url};

use cli::Cli;
use client::{BackendError, Backends};
use model::{CreditScore, Orders, Page, Preferences, Recommendations, User, UserId};
use recorder::Recorder;
use report::Answer;
use services::{Server, Service};

#[step]
async fn fetch_user(id: &UserId, #[resource] backends: &Backends) -> Result<User, BackendError> {
    backends.get(Service::Users, id).await
}

#[step]
async fn fetch_orders(
    id: &UserId,
    #[resource] backends: &Backends,
) -> Result<Orders, BackendError> {
    backends.get(Service::Orders, id).await
}

/// This backend is flaky, so it gets three tries; but not for an answer that will not change.
#[step(
    retry(attempts = 3, initial = "50ms", factor = 2.0, jitter),
    retry_if = BackendError::is_temporary
)]
async fn fetch_preferences(
    id: &UserId,
    #[resource] backends: &Backends,
) -> Result<Preferences, BackendError> {
    backends.get(Service::Preferences, id).await
}

/// This one is slow and costs money, so each user is scored once a day, by whichever process asks first.
#[step(persist = "global", ttl = "24h")]
async fn score_credit(
    id: &UserId,
    #[resource] backends: &Backends,
) -> Result<CreditScore, BackendError> {
    backends.get(Service::Credit, id).await
}

/// Nice to have, so not worth a long wait. It starts as soon as the orders are there.
#[step(timeout = "500ms")]
async fn recommend(
    orders: &Orders,
    #[resource] backends: &Backends,
) -> Result<Recommendations, BackendError> {
    backends
        .get(Service::Recommendations, &orders.last_item)
        .await
}

/// Plain computation on what the others made. The `Option` is a soft need: the page does without, if it must.
#[step]
fn compose_page(
    user: &User,
    preferences: &Preferences,
    orders: &Orders,
    credit: &CreditScore,
    recommendations: Option<&Recommendations>,
) -> Page {
    Page::new(user, preferences, orders, credit, recommendations)
}

graph! {
    /// All that a profile page shows of one user.
    struct ProfileGraph {
        inputs { UserId }
        resources { Backends }
        steps { fetch_user, fetch_orders, fetch_preferences, score_credit, recommend, compose_page }

        /// The one question: the page of this user.
        async fn profile_page(id: UserId) -> Page;
    }
}

/// For how long a scoring counts as alive after its process last gave a sign. It is short so that a run that was
/// stopped with Ctrl-C in the middle of one does not keep the next run waiting; the default is made for servers.
const LEASE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Cli::parse()).await {
        Ok(exit_code) => exit_code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let servers = start_servers(cli)
        .await
        .context("can't start the pretend backends")?;
    let store = SqliteStore::connect(&sqlite_url(&cli.database)?)
        .await
        .with_context(|| format!("can't use the database `{}`", cli.database.display()))?;
    let recorder = Recorder::default();
    let runs = RunReport::new(ProfileGraph::plan()).keep(cli.ids.len());
    let is_asked_for = cli.report || cli.trace.is_some();

    let graph = ProfileGraph::builder()
        .backends(Backends::new(&servers)?)
        .store(store)
        .lease(LEASE)
        .observer(recorder.clone())
        .observer(is_asked_for.then(|| runs.clone()))
        .default_timeout(cli.timeout)
        .build();

    // All pages at once, as requests come to a service. A clone of the graph is a handle to the same one.
    let mut requests = Vec::new();
    for (n, &id) in (1..).zip(&cli.ids) {
        let (graph, recorder) = (graph.clone(), recorder.clone());
        let answer = answer(graph, recorder, format!("request-{n}"), UserId(id));
        requests.push(tokio::spawn(answer));
    }

    let mut out = io::stdout().lock();
    let style = Style::of_stdout();
    let mut exit_code = ExitCode::SUCCESS;
    for request in requests {
        let answer = request.await?;
        report::write_answer(&mut out, style, &answer)?;
        if cli.report
            && let Some(run) = runs.of(&answer.execution_id)
        {
            writeln!(out, "{}", run.gantt(report::WIDTH))?;
        }
        if answer.outcome.is_err() {
            exit_code = ExitCode::FAILURE;
        }
    }
    if let Some(file) = &cli.trace
        && let Some(run) = runs.last()
    {
        write_trace(file, &run).with_context(|| format!("can't write `{}`", file.display()))?;
    }
    report::write_summary(&mut out, style, &servers, &cli.database)?;
    out.flush()?;
    Ok(exit_code)
}

/// What the handler of a request does: it asks the graph.
async fn answer(
    graph: ProfileGraph,
    recorder: Recorder,
    execution_id: String,
    id: UserId,
) -> Answer {
    let started = Instant::now();
    let outcome = graph.profile_page(&execution_id, id).await;
    Answer {
        id,
        outcome,
        took: started.elapsed(),
        steps: recorder.take(&execution_id),
        execution_id,
    }
}

fn write_trace(file: &Path, run: &RunTrace) -> io::Result<()> {
    let is_picture = file.extension().is_some_and(|it| it == "svg");
    let text = if is_picture {
        run.to_svg()
    } else {
        run.to_perfetto_json()
    };
    std::fs::write(file, text)
}

async fn start_servers(cli: &Cli) -> io::Result<Vec<Server>> {
    let mut servers = Vec::new();
    for service in Service::ALL {
        servers.push(Server::start(service, cli.behaviour(service)).await?);
    }
    Ok(servers)
}
