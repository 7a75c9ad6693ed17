//! A holder that is halted for longer than its lease while its charge is under way, and somebody else who comes meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use docket::ErrorKind;
use docket::store::RowStatus;

use super::charge::{Charges, Policy, Receipt, Setup};
use super::holder::{Holder, Opening};
use super::provider::{Client, Provider};
use super::proxy::{Network, Proxy};
use super::stores::{Kind, Place};
use crate::ms;

/// A claim has a third of it to be answered in, also on a machine that is busy.
const LEASE: Duration = Duration::from_millis(1_500);
const PATIENCE: Duration = Duration::from_secs(30);

/// What happened.
#[derive(Clone, Debug)]
pub struct Halted {
    /// What the other got, while the holder did not move.
    pub other: Result<Receipt, ErrorKind>,
    /// The status of the row then.
    pub status: RowStatus,
    /// What the holder's own caller got, after it went on.
    pub holder: String,
    /// What the holder has counted.
    pub counts: BTreeMap<String, u64>,
    /// What the other gets after all that.
    pub later: Result<Receipt, ErrorKind>,
    /// Calls that the provider saw.
    pub calls: u32,
    /// Effects that it had.
    pub effects: usize,
}

/// Halts a process that charges under `policy`, and has this one ask for the same order.
///
/// There is no sleep in it: the holder is halted when the provider has seen its call and has not answered; the other waits
/// for the lease; the holder goes on when the other has its answer, and only then hears from the provider.
///
/// # Panics
///
/// When the store can't be reached, or something does not happen within a minute.
pub async fn halt(worker: &Path, kind: Kind, policy: Policy) -> Halted {
    let (place, provider) = (Place::new(kind), Provider::start());
    let proxy = Proxy::start(provider.address());
    proxy.set(Network::Held);
    let mut holder = Holder::start(&Opening {
        worker,
        address: &place.address(),
        provider: Client::new(proxy.address()),
        policy,
        options: &[format!("lease={}", LEASE.as_millis())],
        environment: &[],
    });
    holder.ask(1);
    called(&provider, 1).await;
    holder.halt();

    let store = place.address().open().await.expect("the store is there");
    let setup = Setup {
        policy,
        provider: Client::new(provider.address()),
        lease: LEASE,
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: None,
    };
    let charges = Charges::new(store, &setup);
    let ask = async || {
        charges
            .charge(1, PATIENCE)
            .await
            .map_err(|error| error.kind())
    };
    let other = ask().await;
    let rows = place.address().rows().await.expect("the store is there");
    let [row] = &*rows else {
        panic!("one order, {} rows", rows.len());
    };

    holder.go_on();
    proxy.set(Network::Good);
    let said = holder.hear();
    let counts = holder.see_off();
    let later = ask().await;
    let ledger = provider.ledger();
    Halted {
        other,
        status: row.status,
        holder: said,
        counts,
        later,
        calls: ledger.calls_of(1),
        effects: ledger.effects.len(),
    }
}

/// Waits until the provider has seen a call for `order`.
///
/// # Panics
///
/// After a minute.
pub async fn called(provider: &Provider, order: u32) {
    let start = Instant::now();
    while provider.ledger().calls_of(order) == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "nobody called");
        tokio::time::sleep(ms(2)).await;
    }
}

impl Halted {
    /// What is not as `policy` promises; empty if all is.
    pub fn broken(&self, policy: Policy) -> Vec<&'static str> {
        let count = |name: &str| self.counts.get(name).copied().unwrap_or(0);
        let charged = |reconciled| {
            Ok(Receipt {
                order: 1,
                reconciled,
            })
        };
        let promises = match policy {
            Policy::Never => vec![
                (
                    self.other == Err(ErrorKind::InDoubt),
                    "the other is told `InDoubt`",
                ),
                (self.status == RowStatus::Unknown, "the row says `unknown`"),
                (
                    self.holder == "1 done",
                    "the holder's caller has its receipt",
                ),
                (
                    count("healed") == 1,
                    "the holder counts that it healed the row",
                ),
                (count("fenced") == 0, "the holder was not fenced"),
                (self.later == charged(false), "the row is healed"),
                (self.calls == 1, "there was one call"),
            ],
            Policy::Keyed | Policy::Free => vec![
                (self.other == charged(false), "the other has a receipt"),
                (
                    self.status == RowStatus::Succeeded,
                    "the row says `succeeded`",
                ),
                (self.holder == "1 done", "the holder's caller has a receipt"),
                (count("fenced") == 1, "the holder counts that it was fenced"),
                (self.later == charged(false), "the other's receipt stays"),
                (self.calls == 2, "there were two calls"),
                (self.effects == 1, "both had the same idempotency key"),
            ],
            Policy::Reconciled => vec![
                (
                    self.other == charged(true),
                    "the other finds out that it was charged",
                ),
                (
                    self.status == RowStatus::Succeeded,
                    "the row says `succeeded`",
                ),
                (
                    self.holder == "1 reconciled",
                    "the holder's caller has the other's receipt",
                ),
                (count("fenced") == 1, "the holder counts that it was fenced"),
                (self.later == charged(true), "the other's receipt stays"),
                (self.calls == 1, "there was one call"),
            ],
        };
        promises
            .into_iter()
            .filter_map(|(is_kept, promise)| (!is_kept).then_some(promise))
            .collect()
    }
}
