//! Outages: a load, and a server or a network that fails under it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::charge::Policy;
use super::load::{Figures, Load};
use super::proxy::{Network, Proxy};
use super::server::Server;
use super::stores::{Kind, Place};
use crate::ms;

/// What came of one outage.
#[derive(Clone, Debug)]
pub struct Report {
    /// On which store.
    pub kind: Kind,
    /// Under which policy.
    pub policy: Policy,
    /// What was done to it, and how often.
    pub faults: BTreeMap<&'static str, u32>,
    /// What was counted.
    pub figures: Figures,
}

/// Kills a server of its own every one to two seconds, for `time`, and starts it again at once. There is a load under each
/// of the two policies that promise something.
///
/// # Panics
///
/// When there is no such server, or it does not start again.
pub async fn kill_server(kind: Kind, time: Duration) -> Vec<Report> {
    let mut server = Server::start(kind);
    let url = server.url();
    let mut loads = Vec::new();
    for policy in [Policy::Never, Policy::Keyed] {
        let address = Place::at(kind, url.clone()).address();
        let load = Load::start(policy, &address, address.clone()).await;
        loads.push(load.expect("the server is up"));
    }
    let killing = tokio::task::spawn_blocking(move || {
        let end = Instant::now() + time;
        let mut kills = 0;
        while Instant::now() < end {
            std::thread::sleep(ms(fastrand::u64(1_000..2_000)));
            server.kill();
            server.start_again();
            kills += 1;
        }
        (server, kills)
    });
    // The server is kept until the last look at it.
    let (_server, kills) = killing.await.expect("the server is killed and started");
    let mut reports = Vec::new();
    for load in loads {
        reports.push(Report {
            kind,
            policy: load.policy(),
            faults: BTreeMap::from([("kills of the server", kills)]),
            figures: load.end().await,
        });
    }
    reports
}

/// For `time`, has the network between the callers and the server fail in every way that there is.
///
/// # Panics
///
/// When the server of `tests/run` can't be reached.
pub async fn break_network(kind: Kind, policy: Policy, time: Duration) -> Report {
    let place = Place::new(kind);
    let proxy = Proxy::start(([127, 0, 0, 1], place.port()).into());
    let through = place.by_port(proxy.address().port());
    let load = Load::start(policy, &through, place.address()).await;
    let load = load.expect("the server is up");
    let mut faults = BTreeMap::new();
    for needle in [OF_CLAIMS, OF_RECORDS] {
        // However busy the machine is, there is something of each.
        let before = proxy.cuts();
        proxy.cut_replies(needle, 2);
        while proxy.cuts() == before {
            tokio::time::sleep(ms(5)).await;
        }
    }
    let end = Instant::now() + time;
    while Instant::now() < end {
        tokio::time::sleep(ms(fastrand::u64(20..200))).await;
        let (what, network, pause) = match fastrand::u8(..10) {
            0 => ("slow replies", Network::Slow(ms(100)), ms(500)),
            1 => ("dead connections", Network::Dead, ms(1_000)),
            2 => ("refused connections", Network::Refused, ms(500)),
            it => {
                let needle = if it % 2 == 0 { OF_CLAIMS } else { OF_RECORDS };
                proxy.cut_replies(needle, fastrand::u32(1..4));
                continue;
            }
        };
        *faults.entry(what).or_default() += 1;
        proxy.set(network);
        tokio::time::sleep(pause).await;
        proxy.set(Network::Good);
    }
    faults.insert("replies cut off", proxy.cuts());
    proxy.cut_replies(OF_CLAIMS, 0);
    Report {
        kind,
        policy,
        faults,
        figures: load.end().await,
    }
}

/// Occurs in each claim of a charge, and in nothing else: the name of the step.
pub const OF_CLAIMS: &str = "charge";
/// Occurs in each record of a charge, and in nothing else: it is in the value.
pub const OF_RECORDS: &str = "\"order\":";

impl Report {
    /// What is not as was promised; empty if all is.
    pub fn broken(&self) -> Vec<&'static str> {
        self.figures.broken(self.policy)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kind,
            policy,
            faults,
            figures,
        } = self;
        write!(f, "{kind:?}, {}:", policy.name())?;
        for (what, n) in faults {
            write!(f, " {n} {what},")?;
        }
        write!(f, " eight callers\n{figures}")?;
        for promise in self.broken() {
            writeln!(f, "  BROKEN: it is promised that {promise}")?;
        }
        Ok(())
    }
}
