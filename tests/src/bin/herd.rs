//! One process of a herd: `herd FOLDER LEASE_MS run|hang|hang-once`. It resolves each round that it reads, and says when it has.

use std::path::PathBuf;

use docket_tests::herd::{Round, open};
use docket_tests::ms;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let lease = ms(arguments
        .next()
        .expect("a lease")
        .parse()
        .expect("milliseconds"));
    let mode = arguments.next().expect("a mode");
    let graph = open(&folder, mode != "run", lease).await;
    println!("ready");
    let mut rounds = BufReader::new(stdin()).lines();
    while let Some(line) = rounds.next_line().await.expect("the parent is there") {
        let round = Round(line.parse().expect("a number"));
        if mode == "hang-once" {
            graph.run_once("herd", round).await.expect("a value");
        } else {
            let done = graph.run("herd", round).await.expect("a value");
            println!("{} {}", done.round, done.by);
        }
    }
}
