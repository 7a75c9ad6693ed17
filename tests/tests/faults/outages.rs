//! A server that is killed again and again under a load, and a network that fails in every way there is. The long form is
//! the program `outage`.

use std::time::Duration;

use docket_tests::faults::charge::Policy;
use docket_tests::faults::outages::{break_network, kill_server};
use docket_tests::faults::stores::Kind;

async fn check(kind: Kind) {
    for report in kill_server(kind, Duration::from_secs(4)).await {
        println!("{report}");
        assert!(report.broken().is_empty(), "{report}");
        // It would be no outage if nobody had noticed.
        let figures = &report.figures;
        let noticed = figures.counts["record_retries"] > 0 || !figures.errors.is_empty();
        assert!(noticed, "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_may_crash_and_no_order_is_lost_or_charged_twice() {
    check(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_may_crash_and_no_order_is_lost_or_charged_twice() {
    check(Kind::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_crash_and_no_order_is_lost_or_charged_twice() {
    check(Kind::Redis).await;
}

async fn check_network(kind: Kind) {
    let time = Duration::from_secs(4);
    let (never, keyed) = tokio::join!(
        break_network(kind, Policy::Never, time),
        break_network(kind, Policy::Keyed, time),
    );
    for report in [never, keyed] {
        println!("{report}");
        assert!(report.broken().is_empty(), "{report}");
        assert!(report.faults["replies cut off"] > 0, "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_postgres_may_fail_and_no_order_is_lost_or_charged_twice() {
    check_network(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_mariadb_may_fail_and_no_order_is_lost_or_charged_twice() {
    check_network(Kind::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_redis_may_fail_and_no_order_is_lost_or_charged_twice() {
    check_network(Kind::Redis).await;
}
