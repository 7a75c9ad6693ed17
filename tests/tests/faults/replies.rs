//! A network that swallows replies: what was asked for took place, and whoever asked does not know.

use std::time::{Duration, Instant};

use docket::ErrorKind;
use docket::store::{RowStatus, RowView};
use docket_tests::faults::charge::{Charges, Policy, Setup};
use docket_tests::faults::halts::called;
use docket_tests::faults::outages::{OF_CLAIMS, OF_RECORDS};
use docket_tests::faults::provider::{Client, Provider};
use docket_tests::faults::proxy::{Network, Proxy};
use docket_tests::faults::stores::{Kind, Place};
use docket_tests::ms;

/// Longer than a test.
const LEASE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(30);
/// More than are sent.
const ALL: u32 = 1_000;

/// A graph behind a proxy, and its provider behind another.
struct Scene {
    place: Place,
    /// To the store.
    network: Proxy,
    provider: Provider,
    /// To the provider.
    line: Proxy,
    charges: Charges,
}

impl Scene {
    async fn new(kind: Kind, policy: Policy) -> Self {
        let (place, provider) = (Place::new(kind), Provider::start());
        let network = Proxy::start(([127, 0, 0, 1], place.port()).into());
        let line = Proxy::start(provider.address());
        let store = place.by_port(network.address().port()).open().await;
        let setup = Setup {
            policy,
            provider: Client::new(line.address()),
            lease: LEASE,
            work: Duration::ZERO,
            crash: None,
            fails: false,
            max_attempts: 3,
            ttl: None,
        };
        let charges = Charges::new(store.unwrap(), &setup);
        Self {
            place,
            network,
            provider,
            line,
            charges,
        }
    }

    async fn row(&self) -> RowView {
        let mut rows = self.place.address().rows().await.unwrap();
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    fn calls(&self) -> u32 {
        self.provider.ledger().calls_of(1)
    }
}

async fn a_claim_whose_reply_is_lost_is_known_by_its_claim_id(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    scene.network.cut_replies(OF_CLAIMS, 1);
    scene.charges.charge(1, PATIENCE).await.unwrap();
    assert_eq!(scene.network.cuts(), 1);
    assert_eq!(scene.calls(), 1);
    let counts = scene.charges.counts();
    assert_eq!((counts.claimed, counts.reclaimed), (1, 0), "{counts:?}");
    let row = scene.row().await;
    assert_eq!((row.status, row.attempt), (RowStatus::Succeeded, 1));
}

async fn a_claim_whose_replies_are_all_lost_is_given_back(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    scene.network.cut_replies(OF_CLAIMS, ALL);
    let asked = Instant::now();
    let error = scene.charges.charge(1, PATIENCE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
    assert!(scene.network.cuts() > 0);
    assert_eq!(scene.calls(), 0, "it was not started");

    scene.network.cut_replies(OF_CLAIMS, 0);
    // The lease would have it wait longer than it can.
    scene.charges.charge(1, PATIENCE).await.unwrap();
    assert_eq!(scene.calls(), 1);
    assert_eq!(scene.row().await.status, RowStatus::Succeeded);
}

async fn a_record_whose_reply_is_lost_is_sent_again(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    scene.network.cut_replies(OF_RECORDS, 1);
    scene.charges.charge(1, PATIENCE).await.unwrap();
    assert_eq!(scene.network.cuts(), 1);
    assert_eq!(scene.calls(), 1);
    assert_eq!(scene.charges.counts().fenced, 0);
    assert_eq!(scene.row().await.status, RowStatus::Succeeded);
}

async fn a_record_whose_replies_are_all_lost_is_found(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    scene.network.cut_replies(OF_RECORDS, ALL);
    let error = scene.charges.charge(1, ms(1_500)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    assert!(scene.network.cuts() > 0);
    assert_eq!(scene.row().await.status, RowStatus::Succeeded);

    scene.network.cut_replies(OF_RECORDS, 0);
    scene.charges.charge(1, PATIENCE).await.unwrap();
    let counts = scene.charges.counts();
    assert_eq!((counts.claimed, counts.fenced), (1, 0), "{counts:?}");
    assert_eq!(scene.calls(), 1);
}

async fn a_network_that_dies_before_the_claim_is_an_error_in_time(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    scene.network.set(Network::Dead);
    let asked = Instant::now();
    let error = scene.charges.charge(1, ms(2_000)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    assert!(asked.elapsed() < ms(4_000), "{:?}", asked.elapsed());
    assert_eq!(scene.calls(), 0);

    scene.network.set(Network::Good);
    scene.charges.charge(1, PATIENCE).await.unwrap();
    assert_eq!(scene.calls(), 1);
}

async fn a_network_that_dies_during_the_run_delays_the_record(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    scene.line.set(Network::Held);
    let charge = scene.charges.charge(1, ms(3_000));
    let disaster = async {
        called(&scene.provider, 1).await;
        scene.network.set(Network::Dead);
        scene.line.set(Network::Good);
    };
    let (outcome, ()) = tokio::join!(charge, disaster);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Store);

    scene.network.set(Network::Good);
    scene.charges.charge(1, PATIENCE).await.unwrap();
    assert_eq!(scene.calls(), 1);
    let row = scene.row().await;
    assert_eq!((row.status, row.attempt), (RowStatus::Succeeded, 1));
}

/// There are two connections for records. A pool that waits for a sign of life of one that was given back would be without
/// any after two orders.
async fn connections_that_die_behind_a_record_hold_up_nobody(kind: Kind, policy: Policy) {
    let scene = Scene::new(kind, policy).await;
    for order in 1..=3 {
        scene.network.die_after_replies(OF_RECORDS, 1);
        let asked = Instant::now();
        scene.charges.charge(order, PATIENCE).await.unwrap();
        assert!(asked.elapsed() < ms(15_000), "{:?}", asked.elapsed());
        assert_eq!(scene.network.deaths(), order);
        assert_eq!(scene.provider.ledger().calls_of(order), 1);
    }
    let rows = scene.place.address().rows().await.unwrap();
    assert!(rows.iter().all(|it| it.status == RowStatus::Succeeded));
    assert_eq!(rows.len(), 3);
}

macro_rules! on_each_store {
    ($($test:ident)+) => {
        on_each_store!(@ postgres: Postgres [$($test)+]);
        on_each_store!(@ mariadb: MariaDb [$($test)+]);
        on_each_store!(@ redis: Redis [$($test)+]);
    };
    (@ $store:ident: $kind:ident [$($test:ident)+]) => {
        mod $store {
            use super::{Kind, Policy};
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let policies = [Policy::Never, Policy::Keyed];
                    let [never, keyed] = policies.map(|it| super::$test(Kind::$kind, it));
                    tokio::join!(never, keyed);
                }
            )+
        }
    };
}
on_each_store! {
    a_claim_whose_reply_is_lost_is_known_by_its_claim_id
    a_claim_whose_replies_are_all_lost_is_given_back
    a_record_whose_reply_is_lost_is_sent_again
    a_record_whose_replies_are_all_lost_is_found
    a_network_that_dies_before_the_claim_is_an_error_in_time
    a_network_that_dies_during_the_run_delays_the_record
    connections_that_die_behind_a_record_hold_up_nobody
}
