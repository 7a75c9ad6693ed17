//! The two systems that an order has effects in: real HTTP servers on ports of this machine, which a real shop would not
//! run itself. What they did is in files of theirs, and outlives this process.

mod ledger;
mod provider;
mod warehouse;

use std::future::IntoFuture as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;

pub(crate) use ledger::Entry;
pub(crate) use provider::{ChargeRequest, Provider};
pub(crate) use warehouse::{HoldRequest, Warehouse};

/// Where clients put the key by which a server drops requests that it has seen.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Serves until the runtime ends, on a port that the system chooses.
async fn serve(router: Router) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(address)
}

/// How a server says no.
type Refusal = (StatusCode, String);

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Refusal> {
    headers
        .get(IDEMPOTENCY_KEY)
        .and_then(|it| it.to_str().ok())
        .ok_or_else(|| {
            let words = format!("the header `{IDEMPOTENCY_KEY}` is missing");
            (StatusCode::BAD_REQUEST, words)
        })
}

fn broken(error: io::Error) -> Refusal {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}
