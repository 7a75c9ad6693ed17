//! The payment provider: it charges cards, once for each idempotency key, and can be asked what it has charged.

use std::io;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::ledger::{Entry, Ledger};
use super::{Refusal, broken, idempotency_key, serve};
use crate::crash::CrashPoint;
use crate::model::Cents;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChargeRequest {
    pub(crate) order: String,
    pub(crate) cents: Cents,
    pub(crate) card: String,
}

/// The card that is declined.
const DECLINED: &str = "declined";

/// The server under way. It ends with the runtime.
#[derive(Debug)]
pub(crate) struct Provider {
    address: SocketAddr,
    desk: Arc<Desk>,
}

/// What the handlers have.
#[derive(Debug)]
struct Desk {
    ledger: Ledger,
    is_down: bool,
    crash: Option<CrashPoint>,
    charge_requests: AtomicU32,
    lookups: AtomicU32,
}

impl Provider {
    /// Starts it with its ledger in `folder`. If it `is_down`, it answers 503 to all.
    pub(crate) async fn start(
        folder: &FilePath,
        is_down: bool,
        crash: Option<CrashPoint>,
    ) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            ledger: Ledger::open(folder.join("charges.jsonl"), "charge")?,
            is_down,
            crash,
            charge_requests: AtomicU32::default(),
            lookups: AtomicU32::default(),
        });
        let router = Router::new()
            .route("/charges", post(charge))
            .route("/charges/{idempotency_key}", get(find))
            .with_state(Arc::clone(&desk));
        Ok(Self {
            address: serve(router).await?,
            desk,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests for a charge have come in.
    pub(crate) fn charge_requests(&self) -> u32 {
        self.desk.charge_requests.load(Ordering::Relaxed)
    }

    /// How often it was asked for a charge of before.
    pub(crate) fn lookups(&self) -> u32 {
        self.desk.lookups.load(Ordering::Relaxed)
    }

    pub(crate) fn ledger(&self) -> &FilePath {
        self.desk.ledger.path()
    }

    /// All that was ever charged for `order`.
    pub(crate) fn charges_of(&self, order: &str) -> io::Result<Vec<Entry>> {
        let mut charges = self.desk.ledger.entries()?;
        charges.retain(|it| it.order == order);
        Ok(charges)
    }
}

async fn charge(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Json(request): Json<ChargeRequest>,
) -> Result<Json<Entry>, Refusal> {
    desk.charge_requests.fetch_add(1, Ordering::Relaxed);
    desk.check_up()?;
    let key = idempotency_key(&headers)?;
    let ChargeRequest { order, cents, card } = request;
    if card == DECLINED {
        return Err((
            StatusCode::PAYMENT_REQUIRED,
            "insufficient funds".to_owned(),
        ));
    }
    let entry = desk.ledger.enter(key, &order, cents).map_err(broken)?;
    if desk.crash == Some(CrashPoint::Charge) {
        CrashPoint::Charge.crash();
    }
    Ok(Json(entry))
}

async fn find(
    State(desk): State<Arc<Desk>>,
    Path(key): Path<String>,
) -> Result<Json<Entry>, Refusal> {
    desk.lookups.fetch_add(1, Ordering::Relaxed);
    desk.check_up()?;
    let found = desk.ledger.find(&key).map_err(broken)?;
    found
        .map(Json)
        .ok_or_else(|| (StatusCode::NOT_FOUND, "no such charge".to_owned()))
}

impl Desk {
    fn check_up(&self) -> Result<(), Refusal> {
        if self.is_down {
            return Err((StatusCode::SERVICE_UNAVAILABLE, "down".to_owned()));
        }
        Ok(())
    }
}
