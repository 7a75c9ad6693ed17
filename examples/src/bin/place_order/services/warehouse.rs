//! The warehouse: it says what is there, and holds it for an order, once for each idempotency key.

use std::io;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::ledger::{Entry, Ledger};
use super::{Refusal, broken, idempotency_key, serve};
use crate::crash::CrashPoint;
use crate::model::{Cents, Line};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HoldRequest {
    pub(crate) order: String,
    pub(crate) lines: Vec<Line>,
    /// For how much the goods are insured.
    pub(crate) cents: Cents,
}

/// How many there are. It restocks overnight, so what is held does not make it fewer.
const STOCK: [(&str, u32); 3] = [("bicycle", 1), ("kettle", 120), ("tent", 30)];

/// The server under way. It ends with the runtime.
#[derive(Debug)]
pub(crate) struct Warehouse {
    address: SocketAddr,
    desk: Arc<Desk>,
}

/// What the handlers have.
#[derive(Debug)]
struct Desk {
    ledger: Ledger,
    crash: Option<CrashPoint>,
    hold_requests: AtomicU32,
}

impl Warehouse {
    /// Starts it with its ledger in `folder`.
    pub(crate) async fn start(folder: &FilePath, crash: Option<CrashPoint>) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            ledger: Ledger::open(folder.join("holds.jsonl"), "hold")?,
            crash,
            hold_requests: AtomicU32::default(),
        });
        let router = Router::new()
            .route("/stock/{item}", get(stock))
            .route("/holds", post(hold))
            .with_state(Arc::clone(&desk));
        Ok(Self {
            address: serve(router).await?,
            desk,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests to hold goods have come in.
    pub(crate) fn hold_requests(&self) -> u32 {
        self.desk.hold_requests.load(Ordering::Relaxed)
    }
}

async fn stock(Path(item): Path<String>) -> Json<u32> {
    let found = STOCK.iter().find(|(it, _)| *it == item);
    Json(found.map_or(0, |&(_, stock)| stock))
}

async fn hold(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Json(request): Json<HoldRequest>,
) -> Result<Json<Entry>, Refusal> {
    desk.hold_requests.fetch_add(1, Ordering::Relaxed);
    let key = idempotency_key(&headers)?;
    let HoldRequest {
        order,
        lines: _,
        cents,
    } = request;
    let entry = desk.ledger.enter(key, &order, cents).map_err(broken)?;
    if desk.crash == Some(CrashPoint::Hold) {
        CrashPoint::Hold.crash();
    }
    Ok(Json(entry))
}
