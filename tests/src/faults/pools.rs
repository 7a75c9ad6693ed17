//! The application's own pool, which the store shares, while the application has every connection of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use docket::store::{AnyStore, MySqlOptions, PostgresOptions, SqliteOptions, StoreError};
use docket::{Counts, ErrorKind};
use sqlx::mysql::MySqlPool;
use sqlx::pool::{Pool, PoolOptions};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;

use super::charge::{Charges, Policy, Receipt, Setup};
use super::halts::called;
use super::provider::{Client, Provider};
use super::proxy::{Network, Proxy};
use super::stores::{Kind, Place};

const CONNECTIONS: u32 = 4;
/// Of the pool: how long it lets anybody wait.
const ACQUIRE: Duration = Duration::from_secs(1);
/// The pool is exhausted for several of these. It is longer than the longest pause between two tries to find out whether a
/// claim was made whose answer did not come: one that is made just as the pool comes back is given back before it is over.
pub const LEASE: Duration = Duration::from_secs(8);
/// How long a caller would wait. Long enough that the store is what says no.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What happened while the pool was exhausted.
#[derive(Clone, Debug)]
pub struct Exhausted {
    /// On which store.
    pub kind: Kind,
    /// For how long the pool was exhausted.
    pub time: Duration,
    /// What another process got that asked for the step under way, all the while.
    pub other: Result<Receipt, ErrorKind>,
    /// What each new claim got, of which one was made after the other.
    pub refused: Vec<Result<Receipt, ErrorKind>>,
    /// The longest that one of them took.
    pub slowest: Duration,
    /// What the caller of the step under way got, if that was while the pool was exhausted.
    pub meanwhile: Option<Result<Receipt, ErrorKind>>,
    /// What he got in the end.
    pub running: Result<Receipt, ErrorKind>,
    /// What a new claim gets when the connections are back.
    pub after: Result<Receipt, ErrorKind>,
    /// How often the step under way was charged.
    pub calls: u32,
    /// What was counted.
    pub counts: Counts,
}

/// Takes every connection of the pool for `time` while a step under `never` is under way. Its provider answers after that
/// time, and the connections come back only when its caller has heard, or five seconds later.
///
/// # Panics
///
/// When the store can't be reached.
pub async fn exhaust(kind: Kind, time: Duration) -> Exhausted {
    let place = Place::new(kind);
    let url = place.address().url;
    let made = "the store is there";
    match kind {
        Kind::Sqlite => {
            // The file, its settings and its table are made by a store of its own.
            place.address().open().await.expect(made);
            let pool: SqlitePool = options().connect(&url).await.expect(made);
            let store = with_sqlite(&place, pool.clone()).await.expect(made);
            run(&place, pool, store, time).await
        }
        Kind::Postgres => {
            let pool: PgPool = options().connect(&url).await.expect(made);
            let store = with_postgres(&place, pool.clone()).await.expect(made);
            run(&place, pool, store, time).await
        }
        Kind::MariaDb => {
            let pool: MySqlPool = options().connect(&url).await.expect(made);
            let store = with_mariadb(&place, pool.clone()).await.expect(made);
            run(&place, pool, store, time).await
        }
        Kind::Redis => panic!("a client of Redis has no pool"),
    }
}

async fn with_sqlite(place: &Place, pool: SqlitePool) -> Result<AnyStore, StoreError> {
    let options = SqliteOptions::new().table(place.address().table()?);
    Ok(AnyStore::new(options.with_pool(pool).await?))
}

async fn with_postgres(place: &Place, pool: PgPool) -> Result<AnyStore, StoreError> {
    let options = PostgresOptions::new().table(place.address().table()?);
    let store = options.with_pool(pool).await?;
    store.migrate().await?;
    Ok(AnyStore::new(store))
}

async fn with_mariadb(place: &Place, pool: MySqlPool) -> Result<AnyStore, StoreError> {
    let options = MySqlOptions::new().table(place.address().table()?);
    let store = options.with_pool(pool).await?;
    store.migrate().await?;
    Ok(AnyStore::new(store))
}

fn options<DB: sqlx::Database>() -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
}

async fn run<DB: sqlx::Database>(
    place: &Place,
    pool: Pool<DB>,
    store: AnyStore,
    time: Duration,
) -> Exhausted {
    let provider = Provider::start();
    let proxy = Proxy::start(provider.address());
    let setup = |to| Setup {
        policy: Policy::Never,
        provider: Client::new(to),
        lease: LEASE,
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: None,
    };
    let charges = Arc::new(Charges::new(store, &setup(proxy.address())));
    let neighbour = place.address().open().await.expect("the store is there");
    let neighbour = Charges::new(neighbour, &setup(provider.address()));
    let kind_of = |error: docket::Error| error.kind();

    proxy.set(Network::Held);
    let caller = Arc::clone(&charges);
    let mut running = tokio::spawn(async move { caller.charge(1, time + 3 * PATIENCE).await });
    called(&provider, 1).await;
    let mut taken = Vec::new();
    for _ in 0..CONNECTIONS {
        taken.push(pool.acquire().await.expect("the application takes it"));
    }

    let start = Instant::now();
    let refusals = async {
        let (mut refused, mut slowest) = (Vec::new(), Duration::ZERO);
        while start.elapsed() < time {
            let asked = Instant::now();
            refused.push(charges.charge(2, PATIENCE).await.map_err(kind_of));
            slowest = slowest.max(asked.elapsed());
        }
        (refused, slowest)
    };
    let ((refused, slowest), other) = tokio::join!(refusals, neighbour.charge(1, time));
    proxy.set(Network::Good);
    let heard = tokio::time::timeout(Duration::from_secs(5), &mut running).await;
    let heard = heard.ok().map(|it| it.expect("no panic").map_err(kind_of));
    let time = start.elapsed();
    drop(taken);
    Exhausted {
        kind: place.address().kind,
        time,
        other: other.map_err(kind_of),
        refused,
        slowest,
        meanwhile: heard.clone(),
        running: match heard {
            Some(heard) => heard,
            None => running.await.expect("no panic").map_err(kind_of),
        },
        after: charges.charge(2, PATIENCE).await.map_err(kind_of),
        calls: provider.ledger().calls_of(1),
        counts: charges.counts(),
    }
}

impl Exhausted {
    /// What is not as promised of a store with connections of its own for holders; empty if all is.
    pub fn broken(&self) -> Vec<&'static str> {
        let is_charged = |outcome: &Result<Receipt, ErrorKind>| outcome.is_ok();
        let all_refused = self.refused.iter().all(|it| *it == Err(ErrorKind::Store));
        let promises = [
            (
                self.other == Err(ErrorKind::Busy),
                "the step under way kept its lease",
            ),
            (
                self.meanwhile.as_ref().is_some_and(is_charged),
                "the step under way was recorded",
            ),
            (
                self.counts.heartbeats_missed == 0,
                "no heartbeat was missed",
            ),
            (
                self.counts.record_retries == 0,
                "the record was not delayed",
            ),
            (
                !self.refused.is_empty() && all_refused,
                "new claims got a `Store` error",
            ),
            (
                self.slowest < PATIENCE,
                "new claims got it before their deadlines",
            ),
            (
                is_charged(&self.after),
                "new claims work when the connections are back",
            ),
            (self.calls == 1, "there was one call"),
        ];
        promises
            .into_iter()
            .filter_map(|(is_kept, promise)| (!is_kept).then_some(promise))
            .collect()
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:?}, all {CONNECTIONS} connections of the application's pool taken for {:.1?}, lease {LEASE:?}:",
            self.kind, self.time
        )?;
        writeln!(
            f,
            "  the step under way: {:?}, {} calls; {} heartbeats missed, {} records delayed",
            self.running, self.calls, self.counts.heartbeats_missed, self.counts.record_retries
        )?;
        writeln!(
            f,
            "  new claims: {} refused, the longest after {:.2?}; afterwards {:?}",
            self.refused.len(),
            self.slowest,
            self.after
        )?;
        for promise in self.broken() {
            writeln!(f, "  BROKEN: it is promised that {promise}")?;
        }
        Ok(())
    }
}
