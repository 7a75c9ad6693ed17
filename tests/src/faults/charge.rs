//! The workers' graphs: one step that charges an order, under each policy. All have the same name, so that a row which
//! was made under one can be looked at under another.

use std::process::abort;
use std::sync::Arc;
use std::time::Duration;

use docket::store::AnyStore;
use docket::{Counts, Execution, Reconciled, Result, StepContext, StepOptions, graph, step};
use serde::{Deserialize, Serialize};

use super::crash::{Crashing, Point};
use super::provider::Client;

/// What is to be charged: one key each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Order(pub u32);

/// That it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub struct Receipt {
    /// The order.
    pub order: u32,
    /// Whether that was found out later.
    pub reconciled: bool,
}

/// A policy under which an order is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// `repeat = "free"`
    Free,
    /// `repeat = "keyed"`
    Keyed,
    /// `repeat = "never"`
    Never,
    /// `repeat = "never"`, with `reconcile`.
    Reconciled,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Free, Self::Keyed, Self::Never, Self::Reconciled];

    /// Its name on the command line of a worker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Keyed => "keyed",
            Self::Never => "never",
            Self::Reconciled => "reconciled",
        }
    }

    /// The policy of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What a step has to do with the world.
pub struct World {
    provider: Client,
    crash: Option<Point>,
    /// How long a charge takes.
    work: Duration,
    /// Whether the provider says no.
    fails: bool,
}

impl World {
    async fn charge(&self, order: Order, ctx: &StepContext) -> Result<Receipt, std::io::Error> {
        self.crash_at(Point::BeforeEffect);
        if self.fails {
            return Err(std::io::Error::other("the provider is closed"));
        }
        tokio::time::sleep(self.work / 2).await;
        self.provider
            .charge(order.0, &ctx.idempotency_key())
            .await?;
        tokio::time::sleep(self.work / 2).await;
        self.crash_at(Point::AfterEffect);
        Ok(Receipt {
            order: order.0,
            reconciled: false,
        })
    }

    fn crash_at(&self, point: Point) {
        if self.crash == Some(point) {
            abort();
        }
    }
}

#[step(name = "charge", persist = "global", repeat = "free")]
async fn charge_free(
    order: &Order,
    ctx: &StepContext,
    #[resource] world: &World,
) -> Result<Receipt, std::io::Error> {
    world.charge(*order, ctx).await
}

#[step(name = "charge", persist = "global")]
async fn charge_keyed(
    order: &Order,
    ctx: &StepContext,
    #[resource] world: &World,
) -> Result<Receipt, std::io::Error> {
    world.charge(*order, ctx).await
}

#[step(name = "charge", persist = "global", repeat = "never")]
async fn charge_never(
    order: &Order,
    ctx: &StepContext,
    #[resource] world: &World,
) -> Result<Receipt, std::io::Error> {
    world.charge(*order, ctx).await
}

#[step(name = "charge", persist = "global", repeat = "never", reconcile = find_charge)]
async fn charge_reconciled(
    order: &Order,
    ctx: &StepContext,
    #[resource] world: &World,
) -> Result<Receipt, std::io::Error> {
    world.charge(*order, ctx).await
}

async fn find_charge(
    order: &Order,
    ctx: &StepContext,
    world: &World,
) -> Result<Reconciled<Receipt>, std::io::Error> {
    world.crash_at(Point::Reconciling);
    Ok(match world.provider.find(&ctx.idempotency_key()).await? {
        true => Reconciled::Applied(Receipt {
            order: order.0,
            reconciled: true,
        }),
        false => Reconciled::NotApplied,
    })
}

macro_rules! graphs {
    ($($graph:ident: $step:ident),+) => {$(
        graph! {
            /// Charges an order.
            pub struct $graph {
                inputs { Order }
                resources { World }
                steps { $step }
                /// Charges it, or takes the record that it was.
                pub async fn charge(order: Order) -> Receipt;
            }
        }
    )+};
}
graphs!(Free: charge_free, Keyed: charge_keyed, Never: charge_never, Checked: charge_reconciled);

/// The graph of one policy.
#[derive(Clone)]
#[allow(missing_docs)]
pub enum Charges {
    Free(Free),
    Keyed(Keyed),
    Never(Never),
    Checked(Checked),
}

/// How a graph is made.
pub struct Setup {
    /// The policy.
    pub policy: Policy,
    /// Whom to charge at.
    pub provider: Client,
    /// How long a claim is held without a heartbeat.
    pub lease: Duration,
    /// How long a charge takes.
    pub work: Duration,
    /// Where the process aborts.
    pub crash: Option<Point>,
    /// Whether the provider says no.
    pub fails: bool,
    /// How many processes a step may take with it.
    pub max_attempts: u32,
    /// How long a record counts; `None` is for ever.
    pub ttl: Option<Duration>,
}

impl Charges {
    /// The graph of `setup` over `store`.
    pub fn new(store: AnyStore, setup: &Setup) -> Self {
        let Setup {
            policy,
            provider,
            lease,
            work,
            crash,
            fails,
            max_attempts,
            ttl,
        } = *setup;
        let store = Crashing::new(store, crash);
        let world = World {
            provider,
            crash,
            work,
            fails,
        };
        let options = match ttl {
            Some(ttl) => StepOptions::new().ttl(ttl),
            None => StepOptions::new(),
        };
        macro_rules! build {
            ($graph:ident: $step:ident) => {
                Self::$graph(
                    $graph::builder()
                        .world(world)
                        .store(store)
                        .lease(lease)
                        .max_attempts(max_attempts)
                        .configure::<$step>(options)
                        .build(),
                )
            };
        }
        match policy {
            Policy::Free => build!(Free: charge_free),
            Policy::Keyed => build!(Keyed: charge_keyed),
            Policy::Never => build!(Never: charge_never),
            Policy::Reconciled => build!(Checked: charge_reconciled),
        }
    }

    /// Charges `order`, and waits for `patience` at most.
    ///
    /// # Errors
    ///
    /// As an entry.
    pub async fn charge(&self, order: u32, patience: Duration) -> docket::Result<Receipt> {
        let execution = Execution::new("faults").timeout(patience);
        let order = Order(order);
        match self {
            Self::Free(graph) => graph.charge(execution, order).await,
            Self::Keyed(graph) => graph.charge(execution, order).await,
            Self::Never(graph) => graph.charge(execution, order).await,
            Self::Checked(graph) => graph.charge(execution, order).await,
        }
    }

    /// What this process has counted.
    pub fn counts(&self) -> Counts {
        match self {
            Self::Free(graph) => graph.counts(),
            Self::Keyed(graph) => graph.counts(),
            Self::Never(graph) => graph.counts(),
            Self::Checked(graph) => graph.counts(),
        }
    }
}

/// A graph that several tasks share.
pub type Shared = Arc<Charges>;
