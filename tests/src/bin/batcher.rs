//! A process that runs a batch: `batcher STORE URL NAME LEDGER one|bulk N ANSWERED`. Somebody kills it.

use std::path::PathBuf;

use docket_tests::faults::batch::run;
use docket_tests::faults::stores::{Address, Kind};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().unwrap_or_else(|| panic!("{what}"));
    let address = Address {
        kind: Kind::parse(&next("a store")).expect("a store"),
        url: next("a URL"),
        name: next("a name"),
    };
    let ledger = PathBuf::from(next("a ledger"));
    let bulk = next("one or bulk") == "bulk";
    let mut number = || next("a number").parse().expect("a number");
    let (n, answered) = (number(), number());
    let store = address.open().await.expect("the store is there");
    run(store, &ledger, bulk, n, answered)
        .await
        .expect("it runs to its end");
}
