//! A server that is killed again and again under a load. The long form is the program `outage`.

use std::time::Duration;

use docket_tests::faults::outages::kill_server;
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
