//! A graph with a step of each kind, which all open a span of their own.

use docket::{BoxError, Reconciled, StepContext, graph, in_doubt, step};
use docket_tests::{Oops, ms};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use tracing::info_span;

/// What the steps are asked; `n` says what goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, docket::Value)]
pub(crate) struct Ask {
    pub(crate) n: u32,
}

macro_rules! made {
    ($($name:ident),+) => {
        $(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
            pub(crate) struct $name(pub(crate) u32);
        )+
    };
}

made!(
    Plain, Flaky, Spawned, Blocked, Kept, Soft, All, Each, Sum, Once, Rated, Burst, Together
);

/// What a step does inside.
fn inner(of: &'static str) {
    info_span!(target: "test", "inner", of).in_scope(|| {});
}

#[step]
fn plain(ask: &Ask) -> Plain {
    inner("plain");
    Plain(ask.n)
}

#[step(retry(attempts = 3, delay = "10ms"))]
async fn flaky(ask: &Ask, ctx: &StepContext) -> Result<Flaky, Oops> {
    inner("flaky");
    sleep(ms(5)).await;
    match ctx.attempt() {
        1 => Err(Oops("not yet")),
        _ => Ok(Flaky(ask.n)),
    }
}

#[step(spawn)]
async fn spawned(ask: &Ask) -> Spawned {
    sleep(ms(1)).await;
    inner("spawned");
    Spawned(ask.n)
}

/// Two items in one call.
#[step(bulk = 2, spawn)]
async fn spawned_together(asks: &[Ask]) -> Vec<Together> {
    sleep(ms(1)).await;
    inner("spawned_together");
    asks.iter().map(|ask| Together(ask.n)).collect()
}

#[step(blocking)]
fn blocked(ask: &Ask) -> Blocked {
    inner("blocked");
    Blocked(ask.n)
}

#[step(persist = "global")]
async fn kept(ask: &Ask) -> Kept {
    sleep(ms(20)).await;
    inner("kept");
    Kept(ask.n)
}

#[step]
async fn soft(ask: &Ask) -> Result<Soft, Oops> {
    inner("soft");
    match ask.n {
        0 => Err(Oops("no")),
        n => Ok(Soft(n)),
    }
}

#[step]
fn all(a: &Plain, b: &Flaky, c: &Spawned, d: &Blocked, e: &Kept, f: Option<&Soft>) -> All {
    inner("all");
    All(a.0 + b.0 + c.0 + d.0 + e.0 + f.map_or(0, |f| f.0))
}

#[step]
async fn hard(soft: &Soft) -> Sum {
    Sum(soft.0)
}

#[step(persist = "global", max_concurrency = 1)]
async fn each(ask: &Ask) -> Result<Each, Oops> {
    sleep(ms(1)).await;
    inner("each");
    match ask.n {
        7 => Err(Oops("seven")),
        n => Ok(Each(n)),
    }
}

#[step]
fn bursts(soft: &Soft) -> Burst {
    panic!("as planned, {}", soft.0)
}

/// Four at once, at the second attempt.
#[step(bulk = 4, retry(attempts = 2, delay = "1ms"))]
fn rated(asks: &[Ask], ctx: &StepContext) -> Result<Vec<Rated>, Oops> {
    match ctx.attempt() {
        1 => Err(Oops("not yet")),
        _ => Ok(asks.iter().map(|ask| Rated(ask.n)).collect()),
    }
}

#[step(persist = "global", repeat = "never", reconcile = look)]
async fn once(_ask: &Ask) -> Result<Once, BoxError> {
    Err(in_doubt(Oops("nobody knows")).into())
}

async fn look(ask: &Ask) -> Reconciled<Once> {
    Reconciled::Applied(Once(ask.n))
}

graph! {
    pub(crate) struct Observed {
        inputs { Ask }
        steps { plain, flaky, spawned, spawned_together, blocked, kept, soft, all, hard, each, once, rated, bursts }
        pub(crate) async fn all(ask: Ask) -> All;
        pub(crate) async fn plain(ask: Ask) -> Plain;
        pub(crate) async fn kept(ask: Ask) -> Kept;
        pub(crate) async fn hard(ask: Ask) -> Sum;
        pub(crate) async fn flaky(ask: Ask) -> Flaky;
        pub(crate) async fn once(ask: Ask) -> Once;
        pub(crate) async fn onces(asks: [Ask]) -> [docket::Result<Once>];
        pub(crate) async fn bursts(ask: Ask) -> Burst;
        pub(crate) async fn rated(asks: [Ask]) -> [Rated];
        pub(crate) async fn each(asks: [Ask]) -> [docket::Result<Each>];
        pub(crate) async fn together(asks: [Ask]) -> [Together];
    }
}
