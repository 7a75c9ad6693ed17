//! A load: callers that charge one order after the other while something goes wrong, and what was counted after.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use docket::store::{RowStatus, StoreError};
use tokio::task::JoinSet;

use super::charge::{Charges, Policy, Setup};
use super::provider::{Client, Ledger, Provider};
use super::stores::Address;
use crate::ms;

/// Callers come in pairs, one for each of two graphs that know nothing of each other, and charge the same orders.
const PAIRS: u32 = 4;
/// So many orders can each pair have.
const ORDERS_OF_PAIR: u32 = 1_000_000;
/// Longer than any outage here: what is lost was lost by the store, and not by waiting.
pub const LEASE: Duration = Duration::from_secs(8);
/// How long a charge takes.
const WORK: Duration = Duration::from_millis(4);
/// How long a caller waits for one charge.
const PATIENCE: Duration = Duration::from_secs(6);
/// How much later than that it may be told, on a machine that is busy.
pub const MARGIN: Duration = Duration::from_secs(2);
/// An order that is still not charged so long after all is well is lost.
const LOST: Duration = Duration::from_secs(60);

/// Callers at work.
pub struct Load {
    policy: Policy,
    provider: Provider,
    is_over: Arc<AtomicBool>,
    callers: JoinSet<Heard>,
    graphs: [Arc<Charges>; 2],
    /// Not through the proxy, if there is one.
    rows: Address,
}

/// What one caller has heard.
#[derive(Default)]
struct Heard {
    pair: u32,
    orders: u32,
    lost: u32,
    errors: BTreeMap<String, u32>,
    slowest: Duration,
}

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Orders that were to be charged.
    pub orders: u32,
    /// Orders whose callers had no result a minute after all was well.
    pub lost: u32,
    /// Calls that the provider saw.
    pub calls: u32,
    /// Orders with more than one call.
    pub repeated_calls: u32,
    /// Orders with more than one effect.
    pub repeated_effects: u32,
    /// Rows with a result.
    pub recorded: u64,
    /// Rows that are unknown.
    pub in_doubt: u64,
    /// Rows that are failed, or still running.
    pub unfinished: u64,
    /// The longest that a caller was kept for one answer.
    pub slowest: Duration,
    /// What callers were told meanwhile, by the kind of error. They asked again.
    pub errors: BTreeMap<String, u32>,
    /// What both graphs have counted.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Load {
    /// Sends callers under `policy` to the store at `address`, whose rows are at `rows` by a way on which nothing goes wrong.
    ///
    /// # Errors
    ///
    /// When the store can't be reached.
    pub async fn start(
        policy: Policy,
        address: &Address,
        rows: Address,
    ) -> Result<Self, StoreError> {
        let provider = Provider::start();
        let setup = Setup {
            policy,
            provider: Client::new(provider.address()),
            lease: LEASE,
            work: WORK,
            crash: None,
            fails: false,
            max_attempts: 3,
            ttl: None,
        };
        let graphs = [
            Arc::new(Charges::new(address.open().await?, &setup)),
            Arc::new(Charges::new(address.open().await?, &setup)),
        ];
        let is_over = Arc::new(AtomicBool::new(false));
        let mut callers = JoinSet::new();
        for pair in 0..PAIRS {
            for charges in &graphs {
                callers.spawn(call(pair, Arc::clone(charges), Arc::clone(&is_over)));
            }
        }
        Ok(Self {
            policy,
            provider,
            is_over,
            callers,
            graphs,
            rows,
        })
    }

    /// Now that all is well again: no more orders, and what came of those there were.
    ///
    /// # Panics
    ///
    /// When the rows can't be looked at.
    pub async fn end(self) -> Figures {
        self.is_over.store(true, Ordering::SeqCst);
        let mut figures = Figures::default();
        let mut orders = [0; PAIRS as usize];
        for heard in self.callers.join_all().await {
            let of_pair = &mut orders[heard.pair as usize];
            *of_pair = heard.orders.max(*of_pair);
            figures.lost += heard.lost;
            figures.slowest = figures.slowest.max(heard.slowest);
            for (kind, n) in heard.errors {
                *figures.errors.entry(kind).or_default() += n;
            }
        }
        figures.orders = orders.iter().sum();
        figures.count(&self.provider.ledger());
        for tally in self.rows.tally().await.expect("the store is there again") {
            match tally.status {
                RowStatus::Succeeded => figures.recorded += tally.rows,
                RowStatus::Unknown => figures.in_doubt += tally.rows,
                RowStatus::Failed | RowStatus::Running => figures.unfinished += tally.rows,
            }
        }
        for counts in self.graphs.iter().map(|it| it.counts()) {
            for (name, n) in [
                ("claimed", counts.claimed),
                ("reclaimed", counts.reclaimed),
                ("busy", counts.busy),
                ("unknown", counts.unknown),
                ("healed", counts.healed),
                ("fenced", counts.fenced),
                ("record_retries", counts.record_retries),
                ("heartbeats_missed", counts.heartbeats_missed),
            ] {
                *figures.counts.entry(name).or_default() += n;
            }
        }
        figures
    }

    /// Under which policy.
    pub fn policy(&self) -> Policy {
        self.policy
    }
}

/// One caller: the next order once it has its receipt for the last.
async fn call(pair: u32, charges: Arc<Charges>, is_over: Arc<AtomicBool>) -> Heard {
    let mut heard = Heard {
        pair,
        ..Heard::default()
    };
    while !is_over.load(Ordering::SeqCst) {
        let order = pair * ORDERS_OF_PAIR + heard.orders;
        heard.orders += 1;
        let mut over_since = None;
        loop {
            let asked = Instant::now();
            let outcome = charges.charge(order, PATIENCE).await;
            heard.slowest = heard.slowest.max(asked.elapsed());
            let Err(error) = outcome else { break };
            *heard
                .errors
                .entry(format!("{:?}", error.kind()))
                .or_default() += 1;
            if is_over.load(Ordering::SeqCst)
                && over_since.get_or_insert_with(Instant::now).elapsed() > LOST
            {
                heard.lost += 1;
                break;
            }
            tokio::time::sleep(ms(20)).await;
        }
    }
    heard
}

impl Figures {
    fn count(&mut self, ledger: &Ledger) {
        let more_than_one = |counts: &BTreeMap<u32, u32>| {
            let many = counts.values().filter(|it| **it > 1).count();
            u32::try_from(many).expect("a few")
        };
        self.calls = ledger.calls.values().sum();
        self.repeated_calls = more_than_one(&ledger.calls);
        self.repeated_effects = more_than_one(&ledger.effects_by_order());
    }

    /// What is not as the policy promises to callers whose own processes live; empty if all is.
    pub fn broken(&self, policy: Policy) -> Vec<&'static str> {
        let is_once = match policy {
            Policy::Never | Policy::Reconciled => self.repeated_calls == 0,
            Policy::Keyed | Policy::Free => self.repeated_effects == 0,
        };
        let promises = [
            (self.orders > 0, "some orders were charged"),
            (is_once, "no order was charged twice"),
            (self.lost == 0, "every caller had its receipt in the end"),
            (
                self.recorded == u64::from(self.orders) && self.unfinished == 0,
                "every order is recorded",
            ),
            (self.in_doubt == 0, "no order is in doubt"),
            (
                self.slowest <= PATIENCE + MARGIN,
                "nobody was kept longer than he would wait",
            ),
        ];
        promises
            .into_iter()
            .filter_map(|(is_kept, promise)| (!is_kept).then_some(promise))
            .collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            orders,
            lost,
            calls,
            repeated_calls,
            repeated_effects,
            recorded,
            in_doubt,
            unfinished,
            slowest,
            errors,
            counts,
        } = self;
        writeln!(
            f,
            "  {orders} orders: {recorded} recorded, {in_doubt} in doubt, {unfinished} unfinished, {lost} lost"
        )?;
        writeln!(
            f,
            "  provider: {calls} calls, {repeated_calls} orders called for more than once, {repeated_effects} with more \
             than one effect"
        )?;
        writeln!(f, "  the longest that a caller was kept: {slowest:.2?}")?;
        write!(f, "  told meanwhile:")?;
        for (kind, n) in errors {
            write!(f, " {kind} {n}")?;
        }
        write!(f, "\n  counted:")?;
        for (name, n) in counts {
            write!(f, " {name} {n}")?;
        }
        writeln!(f)
    }
}
