//! The same on stores that are servers.

use std::time::UNIX_EPOCH;
use std::{env, process};

use crate::Place;
use crate::common::{OK, Run};

/// The answer to a charge is lost, and then found out. The server is the one whose URL is in `variable`.
#[track_caller]
fn resumes_on(variable: &str) {
    let url = env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run `tests/run`, which starts the servers")
    });
    let place = Place::new();
    // Others use the server, too, and rows of earlier runs are there.
    let time = UNIX_EPOCH.elapsed().expect("a clock").as_nanos();
    let order = format!("order-{time}-{}", process::id());
    let run = |arguments: &[&str]| {
        let mut command = place.command(&[&order, "--store", &url]);
        Run::of(command.args(arguments))
    };
    run(&["--crash-after", "charge"]).crashes();
    let resumed = run(&[]).ends_with(OK);
    assert_eq!(
        resumed.line("resumes"),
        "reserve_inventory succeeded, process_payment running"
    );
    assert_eq!(resumed.step("reserve_inventory"), "from the store");
    assert_eq!(
        resumed.step("process_payment"),
        "reconciled: it was done already"
    );
    assert_eq!(resumed.line("requests"), "hold 0, charge 0, look up 1");
    place.has_one_hold_and_one_charge();
}

#[cfg(feature = "postgres")]
#[test]
fn an_order_on_postgres_goes_on_where_it_crashed() {
    resumes_on("DOCKET_TEST_POSTGRES");
}

#[cfg(feature = "mysql")]
#[test]
fn an_order_on_mariadb_goes_on_where_it_crashed() {
    resumes_on("DOCKET_TEST_MARIADB");
}

#[cfg(feature = "redis")]
#[test]
fn an_order_on_redis_goes_on_where_it_crashed() {
    resumes_on("DOCKET_TEST_REDIS");
}
