//! Requests per second, and the slowest of a hundred: axum with Docket against axum with hand-written `join!`, under `wrk`:
//! `benches/serve`. Both are routes of one server with two workers, and call the same functions.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

mod pages;
mod wrk;

use pages::{ready, timers};

/// How often each is measured, in turns.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let listener = runtime
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    runtime.spawn(async move { axum::serve(listener, router()).await });
    match table(address) {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn router() -> Router {
    let (with_ready, with_timers) = (
        ready::Page::builder().build(),
        timers::Page::builder().build(),
    );
    Router::new()
        .route(
            "/ready/join",
            get(|| async { ready::by_hand(pages::Id(1)).await.text() }),
        )
        .route(
            "/timers/join",
            get(|| async { timers::by_hand(pages::Id(1)).await.text() }),
        )
        .route(
            "/ready/docket",
            get(move || {
                let page = with_ready.clone();
                async move {
                    page.show("request", pages::Id(1))
                        .await
                        .expect("it is shown")
                        .text()
                }
            }),
        )
        .route(
            "/timers/docket",
            get(move || {
                let page = with_timers.clone();
                async move {
                    page.show("request", pages::Id(1))
                        .await
                        .expect("it is shown")
                        .text()
                }
            }),
        )
}

/// One line for each way to wait and number of connections.
fn table(address: SocketAddr) -> Result<String, String> {
    let mut out = String::from(
        "| backends | connections | join!, requests/s | Docket, requests/s | ratio | join!, p99 | Docket, p99 | ratio |\n\
         | -------- | ----------: | ----------------: | -----------------: | ----: | ---------: | ----------: | ----: |\n",
    );
    for backends in ["ready", "timers"] {
        for connections in [64, 1024] {
            let measure =
                |who: &str| wrk::run(&format!("http://{address}/{backends}/{who}"), connections);
            let mut pairs = Vec::new();
            for round in 0..ROUNDS {
                // Nobody is always the first.
                pairs.push(if round % 2 == 0 {
                    let by_hand = measure("join")?;
                    (by_hand, measure("docket")?)
                } else {
                    let docket = measure("docket")?;
                    (measure("join")?, docket)
                });
            }
            let over = |value: &dyn Fn(&(wrk::Load, wrk::Load)) -> f64| {
                let mut values: Vec<f64> = pairs.iter().map(value).collect();
                values.sort_by(f64::total_cmp);
                values[ROUNDS / 2]
            };
            let _ = writeln!(
                out,
                "| {backends} | {connections} | {:.0} | {:.0} | {:.2} | {:.2} ms | {:.2} ms | {:.2} |",
                over(&|(join, _)| join.requests),
                over(&|(_, docket)| docket.requests),
                over(&|(join, docket)| docket.requests / join.requests),
                over(&|(join, _)| join.p99),
                over(&|(_, docket)| docket.p99),
                over(&|(join, docket)| docket.p99 / join.p99),
            );
        }
    }
    Ok(out)
}
