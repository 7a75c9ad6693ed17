//! A canary: a word that is in every input, value, error, panic and annotation, and that no log and no span may show, at any
//! level.
//!
//! A binary of its own, because it sets the logger of the process. It is told all that anybody tells `tracing` or `log`:
//! Docket, sqlx, the client of Redis.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket::store::AnyStore;
use docket::{ErrorKind, Execution, StepContext, graph, in_doubt, rejected, step};
use docket_tests::faults::proxy::{Network, Proxy};
use docket_tests::faults::stores::{Kind, Place};
use serde::{Deserialize, Serialize};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// No such word is anywhere by chance.
static CANARY: LazyLock<String> = LazyLock::new(|| format!("canary{:032x}", fastrand::u128(..)));

#[derive(Clone, PartialEq, Serialize, Deserialize, docket::Value)]
struct Secret {
    word: String,
    n: u32,
}

#[derive(PartialEq, Serialize, Deserialize, docket::Value)]
struct Kept(String);

/// What another release makes of the same row: it can't read it.
#[derive(PartialEq, Serialize, Deserialize, docket::Value)]
struct KeptOtherwise(u32);

#[derive(PartialEq, Serialize, Deserialize, docket::Value)]
struct Lost(String);

#[derive(PartialEq, Serialize, Deserialize, docket::Value)]
struct Failed(String);

/// Its words have the canary in them.
#[derive(Debug)]
struct Leak(String);

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the word is {}", self.0)
    }
}

impl std::error::Error for Leak {}

#[step(name = "keep", persist = "global")]
async fn keep(secret: &Secret, ctx: &StepContext) -> Kept {
    ctx.annotate("word", secret.word.clone());
    Kept(secret.word.clone())
}

#[step(name = "keep", persist = "global")]
async fn keep_otherwise(secret: &Secret) -> KeptOtherwise {
    KeptOtherwise(secret.n)
}

#[step(persist = "global", retry(attempts = 2, delay = "1ms"))]
async fn fail(secret: &Secret) -> Result<Failed, Leak> {
    Err(Leak(secret.word.clone()))
}

#[step(persist = "global", repeat = "never")]
async fn lose(secret: &Secret, ctx: &StepContext) -> Result<Lost, docket::BoxError> {
    ctx.annotate("word", secret.word.clone());
    let leak = Leak(secret.word.clone());
    match secret.n % 4 {
        0 => Err(leak.into()),
        1 => Err(rejected(leak).into()),
        2 => Err(in_doubt(leak).into()),
        _ => panic!("{leak}"),
    }
}

graph! {
    struct Now {
        inputs { Secret }
        steps { keep, fail, lose }
        async fn keep(secret: Secret) -> Kept;
        async fn fail(secret: Secret) -> Failed;
        async fn lose(secret: Secret) -> Lost;
    }
}

graph! {
    struct Later {
        inputs { Secret }
        steps { keep_otherwise }
        async fn keep(secret: Secret) -> KeptOtherwise;
    }
}

fn secret(n: u32) -> Secret {
    Secret {
        word: CANARY.clone(),
        n,
    }
}

fn soon(id: &str) -> Execution<'_> {
    Execution::new(id).timeout(Duration::from_secs(3))
}

/// Hits, misses, failures of every kind, panics, and rows that can't be read.
async fn all_that_happens(store: &AnyStore) {
    let now = Now::builder().store(store.clone()).build();
    for round in 0..2 {
        assert!(now.keep("canary", secret(0)).await.unwrap() == Kept(CANARY.clone()));
        let error = now.fail("canary", secret(0)).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Failed);
        for (n, kinds) in [
            (0, [ErrorKind::Failed, ErrorKind::Failed]),
            (1, [ErrorKind::Failed, ErrorKind::Failed]),
            (2, [ErrorKind::InDoubt, ErrorKind::InDoubt]),
            (3, [ErrorKind::Panicked, ErrorKind::InDoubt]),
        ] {
            let error = now.lose("canary", secret(n)).await.err().unwrap();
            assert_eq!(error.kind(), kinds[round], "{n}");
        }
    }
    let later = Later::builder().store(store.clone()).build();
    assert!(later.keep("canary", secret(0)).await.unwrap() == KeptOtherwise(0));
}

/// The same where the network fails. What callers get is of no concern here.
async fn all_that_goes_wrong(place: &Place) {
    let network = Proxy::start(([127, 0, 0, 1], place.port()).into());
    let through = place.by_port(network.address().port());
    let store = through.open().await.unwrap();
    let graph = Now::builder()
        .store(store)
        .lease(Duration::from_millis(900))
        .build();
    network.cut_replies(&CANARY, 3);
    let _ = graph.keep(soon("canary"), secret(10)).await;
    assert!(network.cuts() > 0, "the record has the canary in it");
    for (n, fault) in [
        (11, Network::Refused),
        (12, Network::Dead),
        (13, Network::Slow(Duration::from_millis(50))),
    ] {
        network.set(fault);
        let _ = graph.keep(soon("canary"), secret(n)).await;
        let _ = graph.fail(soon("canary"), secret(n)).await;
        let _ = graph.lose(soon("canary"), secret(n)).await;
        network.set(Network::Good);
    }
    graph.shutdown(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn no_log_shows_a_value() {
    tracing::subscriber::set_global_default(&WATCH).unwrap();
    log::set_logger(&WATCH).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    // The words of a panic are on their way to the terminal, which is not ours.
    std::panic::set_hook(Box::new(|_| {}));

    // The watch itself works.
    tracing::trace!(target: "test", word = %*CANARY);
    log::trace!(target: "test", "{}", *CANARY);
    let _span = tracing::trace_span!(target: "test", "span", word = ?*CANARY);
    assert_eq!(WATCH.seen().leaks.len(), 3);
    WATCH.seen().leaks.clear();

    for kind in Kind::ALL {
        let place = Place::new(*kind);
        let store = place.address().open().await.unwrap();
        all_that_happens(&store).await;
        if *kind != Kind::Sqlite {
            all_that_goes_wrong(&place).await;
        }
    }

    let seen = WATCH.seen();
    println!("{:?}", seen.told);
    assert!(seen.leaks.is_empty(), "{:#?}", seen.leaks);
    assert!(
        seen.told.contains_key("docket"),
        "there are spans: {:?}",
        seen.told
    );
    for target in ["docket_runtime::", "sqlx::query"] {
        let was_told = seen.told.keys().any(|it| it.starts_with(target));
        assert!(was_told, "{target} told nothing: {:?}", seen.told);
    }
}

/// Looks for the canary in all that is told.
struct Watch {
    seen: Mutex<Seen>,
    spans: AtomicU64,
}

struct Seen {
    /// How much was told, by target.
    told: BTreeMap<String, u64>,
    /// What had the canary in it.
    leaks: Vec<String>,
}

static WATCH: Watch = Watch {
    seen: Mutex::new(Seen {
        told: BTreeMap::new(),
        leaks: Vec::new(),
    }),
    spans: AtomicU64::new(1),
};

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, target: &str, text: String) {
        let mut seen = self.seen();
        *seen.told.entry(target.to_owned()).or_default() += 1;
        if text.contains(&**CANARY) {
            seen.leaks.push(format!("{target}: {text}"));
        }
    }
}

/// All fields, one after the other.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for &'static Watch {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(format!("{} ", span.metadata().name()));
        span.record(&mut text);
        self.look(span.metadata().target(), text.0);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = Text(String::new());
        values.record(&mut text);
        self.look("a span", text.0);
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(format!("{} ", event.metadata().name()));
        event.record(&mut text);
        self.look(event.metadata().target(), text.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Watch {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.look(record.target(), record.args().to_string());
    }

    fn flush(&self) {}
}
