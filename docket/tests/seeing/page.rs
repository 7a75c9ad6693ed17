//! The graph of the traces: a retry, a soft failure, a hit, a spawned step.

use std::time::Duration;

use docket::{MemoryStore, Observer, StepContext, graph, step};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Clone, Debug, docket::Value, Serialize, Deserialize)]
pub(crate) struct UserId(pub(crate) u64);
#[derive(Debug, docket::Value, Serialize, Deserialize)]
pub(crate) struct Score(u64);
pub(crate) struct User;
pub(crate) struct Orders;
pub(crate) struct Preferences;
pub(crate) struct Recommendations;
#[derive(Debug)]
pub(crate) struct Page;

async fn work(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

#[step(spawn)]
async fn fetch_user(_id: &UserId) -> User {
    work(80).await;
    User
}

#[step]
pub(crate) async fn fetch_orders(_id: &UserId) -> Orders {
    work(120).await;
    Orders
}

#[step(retry(attempts = 3, delay = "50ms"))]
async fn fetch_preferences(_id: &UserId, ctx: &StepContext) -> Result<Preferences, String> {
    work(60).await;
    match ctx.attempt() {
        1 => Err("503 Service Unavailable".to_owned()),
        _ => Ok(Preferences),
    }
}

#[step(persist = "global", ttl = "24h")]
async fn score_credit(id: &UserId) -> Result<Score, String> {
    work(900).await;
    Ok(Score(id.0))
}

#[step]
async fn recommend(_orders: &Orders) -> Result<Recommendations, String> {
    work(40).await;
    Err("connection refused".to_owned())
}

#[step]
async fn compose_page(
    _user: &User,
    _preferences: &Preferences,
    _orders: &Orders,
    _score: &Score,
    _recommendations: Option<&Recommendations>,
) -> Page {
    work(10).await;
    Page
}

#[step]
fn add_up(scores: &[Score]) -> u64 {
    scores.iter().map(|it| it.0).sum()
}

graph! {
    pub(crate) struct ProfileGraph {
        inputs { UserId }
        steps {
            fetch_user, fetch_orders, fetch_preferences, score_credit, recommend, compose_page, add_up
        }
        pub(crate) async fn profile_page(id: UserId) -> Page;
        pub(crate) async fn score(id: UserId) -> Score;
        pub(crate) async fn total(ids: [UserId]) -> u64;
    }
}

pub(crate) fn graph(observer: impl Observer) -> ProfileGraph {
    ProfileGraph::builder()
        .store(MemoryStore::new())
        .observer(observer)
        .build()
}
