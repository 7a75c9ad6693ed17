//! A claim that was won without anybody's knowing, and outlives its lease before the network is back.

use std::time::Duration;

use docket::ErrorKind;
use docket_tests::faults::charge::{Charges, Policy, Setup};
use docket_tests::faults::outages::OF_CLAIMS;
use docket_tests::faults::provider::{Client, Provider};
use docket_tests::faults::proxy::Proxy;
use docket_tests::faults::stores::{Kind, Place};
use docket_tests::ms;

/// The process that claimed it lives, and knows that it started nothing: it says so when it is heard again, even if the row
/// was taken for lost by then.
async fn a_claim_that_started_nothing_is_given_back_after_its_lease(kind: Kind) {
    let (place, provider) = (Place::new(kind), Provider::start());
    let network = Proxy::start(([127, 0, 0, 1], place.port()).into());
    let setup = Setup {
        policy: Policy::Never,
        provider: Client::new(provider.address()),
        lease: ms(1_500),
        work: Duration::ZERO,
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: None,
    };
    let through = place.by_port(network.address().port()).open().await;
    let cut_off = Charges::new(through.unwrap(), &setup);
    let other = Charges::new(place.address().open().await.unwrap(), &setup);
    let patience = Duration::from_secs(30);

    network.cut_replies(OF_CLAIMS, 1_000);
    let error = cut_off.charge(1, patience).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
    let mut error = other.charge(1, patience).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt, "{error:?}");
    assert_eq!(provider.ledger().calls_of(1), 0, "nothing was started");

    network.cut_replies(OF_CLAIMS, 0);
    for _ in 0..100 {
        tokio::time::sleep(ms(100)).await;
        match other.charge(1, patience).await {
            Ok(_) => return,
            Err(still) => error = still,
        }
    }
    panic!("it stays in doubt: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres() {
    a_claim_that_started_nothing_is_given_back_after_its_lease(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_mariadb() {
    a_claim_that_started_nothing_is_given_back_after_its_lease(Kind::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_redis() {
    a_claim_that_started_nothing_is_given_back_after_its_lease(Kind::Redis).await;
}
