//! A graph that fills a store: results, failures, and charges whose process is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket::store::Store;
use docket::{BoxError, ErrorKind, graph, step};
use serde::{Deserialize, Serialize};

/// The lease of a process that is about to be lost. A claim has a third of it for its answer.
const SHORT: Duration = Duration::from_secs(1);

#[derive(Clone, Serialize, Deserialize, docket::Value)]
pub(crate) struct User(pub u32);

#[derive(Clone, Serialize, Deserialize, docket::Value)]
pub(crate) struct Score {
    /// What must not be printed unless asked for.
    pub secret: String,
}

#[derive(Clone, Serialize, Deserialize, docket::Value)]
pub(crate) struct Order(pub u32);

#[derive(Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Receipt {
    pub number: u32,
}

/// Who charges cards.
#[derive(Clone)]
pub(crate) struct Provider {
    mood: Mood,
    n_charges: Arc<AtomicU32>,
}

#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Charges,
    Declines,
    /// The connection is lost before its answer.
    BreaksOff,
    NeverAnswers,
}

#[step(persist = "global", ttl = "24h", name = "ScoreCredit")]
async fn score_credit(user: &User) -> Score {
    // A word, not a number: tests look for it beside clocks, keys and ids of processes.
    Score {
        secret: format!("hush-{}", user.0),
    }
}

#[step(persist = "global", repeat = "never", name = "ChargeCard")]
async fn charge_card(order: &Order, #[resource] provider: &Provider) -> Result<Receipt, BoxError> {
    provider.n_charges.fetch_add(1, Ordering::Relaxed);
    match provider.mood {
        Mood::Charges => Ok(Receipt { number: order.0 }),
        // As a provider might, with signs that would colour a terminal.
        Mood::Declines => Err("card \x1b[31mdeclined".into()),
        Mood::BreaksOff => Err(docket::in_doubt("connection reset").into()),
        Mood::NeverAnswers => std::future::pending().await,
    }
}

graph! {
    pub(crate) struct Shop {
        inputs { User, Order }
        resources { Provider }
        steps { score_credit, charge_card }
        pub(crate) async fn score(user: User) -> Score;
        pub(crate) async fn charge(order: Order) -> Receipt;
    }
}

fn shop(store: impl Store, mood: Mood, lease: Duration) -> (Shop, Provider) {
    let provider = Provider {
        mood,
        n_charges: Arc::default(),
    };
    let shop = Shop::builder()
        .provider(provider.clone())
        .store(store)
        .lease(lease)
        .build();
    (shop, provider)
}

/// Records a score for each of these users.
pub(crate) async fn score(store: impl Store, users: std::ops::Range<u32>) {
    let (shop, _) = shop(store, Mood::Charges, Duration::from_secs(30));
    for user in users {
        let execution = format!("scores-{user}");
        let score = shop.score(execution.as_str(), User(user)).await;
        assert!(score.is_ok(), "{:?}", score.err());
    }
}

/// Charges, and says what came of it and how many charges there were.
pub(crate) async fn charge(
    store: impl Store,
    order: u32,
    mood: Mood,
) -> (Result<Receipt, ErrorKind>, u32) {
    let (shop, provider) = shop(store, mood, Duration::from_secs(30));
    let charged = shop.charge("checkout-1", Order(order)).await;
    let n_charges = provider.n_charges.load(Ordering::Relaxed);
    (charged.map_err(|it| it.kind()), n_charges)
}

/// Begins a charge whose process is lost: nobody renews its lease, which has lapsed when this returns.
pub(crate) fn lose<S: Store, F: Future<Output = S>>(order: u32, open: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let (shop, provider) = shop(open().await, Mood::NeverAnswers, SHORT);
        let charge =
            tokio::spawn(async move { shop.charge("checkout-1", Order(order)).await.map(drop) });
        while provider.n_charges.load(Ordering::Relaxed) == 0 {
            if charge.is_finished() {
                panic!("it was to charge: {:?}", charge.await);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    std::thread::sleep(2 * SHORT);
}
