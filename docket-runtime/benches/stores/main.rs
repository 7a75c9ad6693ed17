//! What the stores cost, beside the least that a program could send by hand: one statement or command for each operation. Pairs of
//! a claim and a record stand also beside an upsert and an update of a row with Docket's own columns and indexes: what is left
//! then is the protocol.
//!
//! ```text
//! tests/run with cargo bench -p docket-runtime --all-features --bench stores
//! tests/run with cargo bench -p docket-runtime --all-features --bench stores -- redis sqlite --rounds 50 --markdown FILE
//! ```
//!
//! The pools of those by hand are as sqlx makes them, but for their sizes. With `--untested` they lend connections without
//! having asked the server for a sign of life, which is a round trip for each statement.
//!
//! A store is measured if its feature is on, and it is named or none is. The sides take turns in short windows of time,
//! so that what else the machine does falls on both; what is told are medians of the windows.

mod contest;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod requests;
mod side;
#[cfg(feature = "sqlite")]
mod sqlite;
mod table;

use contest::Contest;
use table::Table;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let Arguments {
        stores,
        contest,
        markdown,
    } = Arguments::read();
    let is_asked = |name: &str| stores.is_empty() || stores.iter().any(|it| it == name);
    let mut tables: Vec<Table> = Vec::new();
    #[cfg(feature = "sqlite")]
    if is_asked("sqlite") {
        tables.push(sqlite::measure(&contest).await);
    }
    #[cfg(feature = "postgres")]
    if is_asked("postgres") {
        tables.extend(postgres::measure(&contest).await);
    }
    #[cfg(feature = "mysql")]
    if is_asked("mysql") {
        tables.extend(mysql::measure(&contest).await);
    }
    #[cfg(feature = "redis")]
    if is_asked("redis") {
        tables.extend(redis::measure(&contest).await);
    }
    let text: String = tables.iter().map(Table::to_string).collect();
    if let Some(file) = markdown {
        std::fs::write(&file, &text).expect("the file can be written");
    }
    print!("{text}");
}

struct Arguments {
    stores: Vec<String>,
    contest: Contest,
    markdown: Option<String>,
}

impl Arguments {
    fn read() -> Self {
        let mut it = Self {
            stores: Vec::new(),
            contest: Contest::default(),
            markdown: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().expect("a flag has a value");
            match &*argument {
                // Cargo says so to each benchmark.
                "--bench" => {}
                "--rounds" => it.contest.n_rounds = value().parse().expect("a number of rounds"),
                "--callers" => {
                    let callers = value();
                    let numbers = callers.split(',').map(|it| it.parse());
                    it.contest.callers = numbers.collect::<Result<_, _>>().expect("numbers");
                }
                "--untested" => it.contest.tests_connections = false,
                "--only" => it.contest.only = Some(value()),
                "--markdown" => it.markdown = Some(value()),
                store => it.stores.push(store.to_owned()),
            }
        }
        it
    }
}
