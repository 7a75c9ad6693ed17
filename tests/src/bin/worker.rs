//! A process that charges orders: `worker STORE URL NAME PROVIDER POLICY OPTION=VALUE…`. For each order that it reads on
//! its standard input it writes how that ended: `ORDER done|reconciled|in-doubt|failed|busy|…`. To the line `time` it says
//! what time it takes it to be. Before it goes it writes what it has counted.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use docket::{Counts, ErrorKind};
use docket_tests::faults::charge::{Charges, Policy, Setup};
use docket_tests::faults::crash::Point;
use docket_tests::faults::provider::Client;
use docket_tests::faults::stores::{Address, Kind};
use docket_tests::ms;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};
use tokio::sync::Semaphore;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().unwrap_or_else(|| panic!("{what}"));
    let address = Address {
        kind: Kind::parse(&next("a store")).expect("a store"),
        url: next("a URL"),
        name: next("a name"),
    };
    let mut setup = Setup {
        provider: Client::new(next("a provider").parse().expect("an address")),
        policy: Policy::parse(&next("a policy")).expect("a policy"),
        lease: ms(30_000),
        work: ms(0),
        crash: None,
        fails: false,
        max_attempts: 3,
        ttl: None,
    };
    let mut patience = ms(60_000);
    let mut at_once = Semaphore::MAX_PERMITS;
    for option in arguments {
        let (name, value) = option.split_once('=').expect("an option and its value");
        let number = || value.parse().expect("a number");
        match name {
            "lease" => setup.lease = ms(number()),
            "work" => setup.work = ms(number()),
            "ttl" => setup.ttl = Some(ms(number())),
            "patience" => patience = ms(number()),
            "at-once" => at_once = value.parse().expect("a number"),
            "max-attempts" => setup.max_attempts = value.parse().expect("a number"),
            "crash" => setup.crash = Some(Point::parse(value).expect("a point")),
            "fails" => setup.fails = value == "yes",
            _ => panic!("no option is called {name}"),
        }
    }
    let store = loop {
        match address.open().await {
            Ok(store) => break store,
            // While the server restarts.
            Err(error) if error.is_retryable() => tokio::time::sleep(ms(20)).await,
            Err(error) => panic!("{error:?}"),
        }
    };
    let charges = Arc::new(Charges::new(store, &setup));
    println!("ready");
    let mut orders = BufReader::new(stdin()).lines();
    let mut tasks = tokio::task::JoinSet::new();
    let at_once = Arc::new(Semaphore::new(at_once));
    while let Some(line) = orders.next_line().await.expect("the parent is there") {
        if line == "time" {
            println!("time {}", seconds());
            continue;
        }
        let order: u32 = line.parse().expect("a number");
        let (charges, at_once) = (Arc::clone(&charges), Arc::clone(&at_once));
        tasks.spawn(async move {
            let _place = at_once.acquire().await.expect("it is never closed");
            let outcome = charges.charge(order, patience).await;
            println!("{order} {}", word(&outcome));
        });
    }
    while tasks.join_next().await.is_some() {}
    println!("counts {}", words(&charges.counts()));
}

/// By the clock of this process.
fn seconds() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH);
    time.expect("it is later than that").as_secs()
}

/// `NAME=N` for each counter: as its type declares them, so that none is forgotten here.
fn words(counts: &Counts) -> String {
    let text = format!("{counts:?}").replace(": ", "=");
    let fields = text.split_once('{').map_or("", |(_, fields)| fields);
    fields.replace([',', '}'], " ").trim().to_owned()
}

fn word(outcome: &docket::Result<docket_tests::faults::charge::Receipt>) -> &'static str {
    match outcome {
        Ok(receipt) if receipt.reconciled => "reconciled",
        Ok(_) => "done",
        Err(error) => match error.kind() {
            ErrorKind::InDoubt => "in-doubt",
            ErrorKind::Failed => "failed",
            ErrorKind::Busy => "busy",
            ErrorKind::Store => "store",
            ErrorKind::DeadlineExceeded => "late",
            _ => "other",
        },
    }
}
