//! A storm: workers that are killed and halted at random while they charge orders, and what was counted after.

mod crew;
mod report;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use docket::ErrorKind;
use docket::store::AnyStore;

use super::charge::{Charges, Policy, Setup};
use super::provider::{Client, Provider};
use super::stores::{Kind, Place};
use crate::ms;
use crew::{Crew, Worker};

pub use crew::signal;
pub use report::Report;

/// What kind of storm.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program that a worker is.
    pub worker: PathBuf,
    /// The store.
    pub kind: Kind,
    /// The policy.
    pub policy: Policy,
    /// How many workers there are at a time.
    pub workers: usize,
    /// How many kills there are at least. The storm goes on in waves of orders until then.
    pub kills: u32,
    /// Of the random choices.
    pub seed: u64,
}

/// How many orders each wave has.
const ORDERS: u32 = 60;
const LEASE: Duration = Duration::from_millis(250);
/// How long a charge takes: long enough that many a kill finds one under way.
const WORK: Duration = Duration::from_millis(4);
/// How many charges a worker has under way: a kill that came just after it claimed all of a wave would leave nothing to see.
const AT_ONCE: usize = 8;
/// Nobody waits longer than this for one order.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes a storm.
///
/// # Panics
///
/// When a process can't be started, or a worker that is let alone does not end well.
pub fn storm(plan: &Plan) -> Report {
    let provider = Provider::start();
    let place = Place::new(plan.kind);
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut crew = Crew {
        plan,
        place: &place,
        provider: &provider,
        counts: BTreeMap::new(),
    };
    let (mut kills, mut halts, mut orders) = (0, 0, 0);
    while kills < plan.kills {
        let wave: Vec<u32> = (orders..orders + ORDERS).collect();
        orders += ORDERS;
        let mut workers: Vec<Worker> = (0..plan.workers)
            .map(|_| crew.start(&wave, &mut random))
            .collect();
        // Each wave is disturbed for a while, and then brought to its end by those who are left.
        let calm = Instant::now() + ms(random.u64(600..1200));
        while Instant::now() < calm {
            std::thread::sleep(ms(random.u64(2..40)));
            let victim = random.usize(..workers.len());
            if random.u8(..10) == 0 {
                workers[victim].halt(LEASE + ms(random.u64(50..200)));
                halts += 1;
                continue;
            }
            workers[victim].kill();
            kills += 1;
            workers[victim] = crew.start(&wave, &mut random);
        }
        for worker in workers {
            crew.see_off(worker);
        }
    }
    let counts = crew.counts;
    judge(
        plan,
        &place,
        &provider,
        orders,
        Report::new(plan, orders, kills, halts, counts),
    )
}

#[tokio::main(flavor = "current_thread")]
async fn judge(
    plan: &Plan,
    place: &Place,
    provider: &Provider,
    orders: u32,
    mut report: Report,
) -> Report {
    let store = place.address().open().await.expect("the store opens");
    tokio::time::sleep(LEASE * 2).await;
    // What is in the store is asked for under a policy that runs nothing a second time.
    let setup = |policy| Setup {
        policy,
        provider: Client::new(provider.address()),
        lease: LEASE,
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 1000,
        ttl: None,
    };
    let outcomes = settle(&store, &setup(plan.policy), orders).await;
    // Read after the store, since an order that was left open is brought to its end by asking for it.
    let ledger = provider.ledger().clone();
    let effects = ledger.effects_by_order();
    report.calls = ledger.calls.values().sum();
    report.repeated_calls = more_than_one(&ledger.calls);
    report.repeated_effects = more_than_one(&effects);
    for (order, outcome) in &outcomes {
        let has_effect = effects.contains_key(order);
        match outcome {
            None => {
                report.recorded += 1;
                report.recorded_without_effect += u32::from(!has_effect);
            }
            Some(ErrorKind::InDoubt) => {
                report.in_doubt += 1;
                report.in_doubt_with_effect += u32::from(has_effect);
            }
            Some(kind) => panic!("order {order} should be settled, and is {kind:?}"),
        }
    }
    if report.in_doubt > 0 {
        let after = settle(&store, &setup(Policy::Reconciled), orders).await;
        let left = after.values().filter(|it| it.is_some()).count();
        report.resolved = report.in_doubt - u32::try_from(left).expect("a few");
        report.repeated_after_resolving = more_than_one(&provider.ledger().effects_by_order());
    }
    report
}

/// How each order stands: its result is there, or an error of this kind. On a machine that is busy, a store may not answer
/// within a third of so short a lease, and is asked again.
async fn settle(store: &AnyStore, setup: &Setup, orders: u32) -> HashMap<u32, Option<ErrorKind>> {
    let charges = Charges::new(store.clone(), setup);
    let mut outcomes = HashMap::new();
    for order in 0..orders {
        let until = Instant::now() + PATIENCE;
        let mut outcome = charges.charge(order, PATIENCE).await;
        while outcome
            .as_ref()
            .is_err_and(|it| it.kind() == ErrorKind::Store)
            && Instant::now() < until
        {
            outcome = charges.charge(order, PATIENCE).await;
        }
        outcomes.insert(order, outcome.err().map(|error| error.kind()));
    }
    outcomes
}

fn more_than_one(counts: &BTreeMap<u32, u32>) -> u32 {
    let many = counts.values().filter(|it| **it > 1).count();
    u32::try_from(many).expect("a few")
}
