//! One process of a herd: `herd FOLDER LEASE_MS ENTRY [PLACE]`. It resolves ENTRY for each round that it reads, and says when
//! it has; it never leaves PLACE.

use std::path::PathBuf;

use docket_tests::herd::{Round, open};
use docket_tests::ms;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let lease = arguments.next().expect("a lease");
    let lease = ms(lease.parse().expect("milliseconds"));
    let entry = arguments.next().expect("an entry");
    let place = arguments.next().unwrap_or_default();
    let graph = open(&folder, &place, lease).await;
    println!("ready");
    let mut rounds = BufReader::new(stdin()).lines();
    while let Some(line) = rounds.next_line().await.expect("the parent is there") {
        let round = Round(line.parse().expect("a number"));
        match entry.as_str() {
            "run" => {
                let done = graph.run("herd", round).await.expect("a value");
                println!("{} {}", done.round, done.by);
            }
            "run_once" => drop(graph.run_once("herd", round).await.expect("a value")),
            "run_checked" => drop(graph.run_checked("herd", round).await.expect("a value")),
            "fulfil" => drop(graph.fulfil("herd", round).await.expect("a value")),
            other => panic!("there is no entry {other}"),
        }
    }
}
