//! A shop whose steps are persisted in all the ways there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use docket::store::Store;
use docket::{StepContext, graph, step};
use docket_tests::{Log, Oops};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct OrderId {
    #[prost(uint32, tag = "1")]
    pub id: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Amount {
    pub cents: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Score {
    #[prost(uint32, tag = "1")]
    pub points: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Charge {
    pub cents: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Shipment {
    pub of: Charge,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Page(pub(crate) String);

/// What the tests switch while they run.
#[derive(Clone, Default)]
pub(crate) struct Switches {
    down: Arc<AtomicBool>,
    pub(super) gate: Arc<Gate>,
}

#[derive(Default)]
pub(super) struct Gate {
    closed: AtomicBool,
    opened: Notify,
    pub(super) reached: Notify,
}

impl Switches {
    pub(super) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    pub(super) fn check(&self) -> Result<(), Oops> {
        if self.down.load(Ordering::SeqCst) {
            Err(Oops("down"))
        } else {
            Ok(())
        }
    }

    pub(super) fn close(&self) {
        self.gate.closed.store(true, Ordering::SeqCst);
    }

    pub(super) fn open(&self) {
        self.gate.closed.store(false, Ordering::SeqCst);
        self.gate.opened.notify_one();
    }

    pub(super) async fn pass(&self) {
        if self.gate.closed.load(Ordering::SeqCst) {
            self.gate.reached.notify_one();
            self.gate.opened.notified().await;
        }
    }
}

#[step(persist = "global")]
async fn score(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Score, Oops> {
    log.push(format!("score {}", order.id));
    switches.pass().await;
    Ok(Score {
        points: order.id * 10,
    })
}

#[step(persist = "workflow")]
async fn charge(order: &OrderId, #[resource] log: &Log, ctx: &StepContext) -> Charge {
    log.push(format!("charge {} in {}", order.id, ctx.execution_id()));
    Charge {
        cents: u64::from(order.id) * 100,
    }
}

#[step(persist = "workflow")]
async fn ship(
    charge: &Charge,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Shipment, Oops> {
    log.push(format!("ship {}", charge.cents));
    switches.check()?;
    Ok(Shipment { of: charge.clone() })
}

/// Not persisted: it runs each time.
#[step]
fn page(score: &Score, shipment: &Shipment, #[resource] log: &Log) -> Page {
    log.push("page");
    Page(format!("{} {}", score.points, shipment.of.cents))
}

macro_rules! output {
    ($($name:ident),+ $(,)?) => {
        $(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
            pub(crate) struct $name(pub(crate) u32);
        )+
    };
}

output!(
    Free,
    Keyed,
    Never,
    Rejected,
    Fallen,
    Retried,
    InTask,
    OnPool,
    Annotated,
    Panicked,
    NeverPanicked,
    Soft,
    Hard
);

#[step(persist = "global", repeat = "free")]
async fn free(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Free, Oops> {
    log.push("free");
    switches.check()?;
    Ok(Free(order.id))
}

#[step(persist = "global")]
async fn keyed(
    order: &OrderId,
    ctx: &StepContext,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Keyed, Oops> {
    log.push(ctx.idempotency_key());
    switches.check()?;
    Ok(Keyed(order.id))
}

#[step(persist = "global", repeat = "never")]
async fn never(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Never, Oops> {
    log.push("never");
    switches.check()?;
    Ok(Never(order.id))
}

#[step(persist = "global")]
async fn rejected(
    order: &OrderId,
    ctx: &StepContext,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Rejected, docket::StepError> {
    log.push(ctx.idempotency_key());
    switches.check().map_err(docket::rejected)?;
    Ok(Rejected(order.id))
}

fn stand_in() -> Fallen {
    Fallen(0)
}

#[step(persist = "global", fallback = stand_in)]
async fn fallen(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Fallen, Oops> {
    log.push("fallen");
    switches.check()?;
    Ok(Fallen(order.id))
}

#[step(persist = "global", retry(attempts = 3, delay = "1ms"))]
async fn retried(
    order: &OrderId,
    ctx: &StepContext,
    #[resource] log: &Log,
) -> Result<Retried, Oops> {
    log.push(format!("{} {}", ctx.attempt(), ctx.idempotency_key()));
    if ctx.attempt() < 3 {
        Err(Oops("again"))
    } else {
        Ok(Retried(order.id))
    }
}

#[step(persist = "global", spawn)]
async fn in_task(order: &OrderId, #[resource] log: &Log) -> InTask {
    log.push("in_task");
    InTask(order.id)
}

#[step(persist = "global", blocking)]
fn on_pool(order: &OrderId, #[resource] log: &Log) -> OnPool {
    log.push(format!(
        "on_pool {}",
        std::thread::current()
            .name()
            .is_some_and(|name| name.starts_with("persist::"))
    ));
    OnPool(order.id)
}

#[step(persist = "global", name = "Annotated")]
async fn annotated(order: &OrderId, ctx: &StepContext) -> Annotated {
    ctx.annotate("model", "gpt-3000");
    ctx.annotate("tokens", 1);
    ctx.annotate("tokens", 42);
    Annotated(order.id)
}

#[step(persist = "global")]
async fn panicked(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Panicked {
    log.push("panicked");
    switches.check().unwrap();
    Panicked(order.id)
}

#[step(persist = "global", repeat = "never")]
async fn never_panicked(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> NeverPanicked {
    log.push("never_panicked");
    switches.check().unwrap();
    NeverPanicked(order.id)
}

/// That an input is missing is part of the key.
#[step(persist = "global")]
async fn soft(free: Option<&Free>, #[resource] log: &Log) -> Soft {
    log.push(format!("soft {}", free.is_some()));
    Soft(free.map_or(0, |free| free.0))
}

/// Only the order is its key.
#[step(persist = "global")]
async fn hard(#[key] order: &OrderId, amount: &Amount, #[resource] log: &Log) -> Hard {
    log.push("hard");
    Hard(order.id + amount.cents as u32)
}

graph! {
    pub(crate) struct Orders {
        inputs { OrderId, Amount }
        resources { Log, Switches }
        steps {
            score, charge, ship, page, free, keyed, never, rejected, fallen, retried, in_task, on_pool, annotated,
            panicked, never_panicked, soft, hard,
        }
        pub(crate) async fn score(order: OrderId) -> Score;
        pub(crate) async fn page(order: OrderId) -> Page;
        pub(crate) async fn free(order: OrderId) -> Free;
        pub(crate) async fn keyed(order: OrderId) -> Keyed;
        pub(crate) async fn never(order: OrderId) -> Never;
        pub(crate) async fn rejected(order: OrderId) -> Rejected;
        pub(crate) async fn fallen(order: OrderId) -> Fallen;
        pub(crate) async fn retried(order: OrderId) -> Retried;
        pub(crate) async fn in_task(order: OrderId) -> InTask;
        pub(crate) async fn on_pool(order: OrderId) -> OnPool;
        pub(crate) async fn annotated(order: OrderId) -> Annotated;
        pub(crate) async fn panicked(order: OrderId) -> Panicked;
        pub(crate) async fn never_panicked(order: OrderId) -> NeverPanicked;
        pub(crate) async fn soft(order: OrderId) -> Soft;
        pub(crate) async fn hard(order: OrderId, amount: Amount) -> Hard;
        pub(crate) async fn given_charge(order: OrderId, charge: Charge) -> Page;
    }
}

pub(super) fn order(id: u32) -> OrderId {
    OrderId { id }
}

pub(super) fn open(store: &(impl Store + Clone)) -> (Orders, Log, Switches) {
    let (log, switches) = (Log::new(), Switches::default());
    let graph = Orders::builder()
        .log(log.clone())
        .switches(switches.clone())
        .store(store.clone())
        .build();
    (graph, log, switches)
}
