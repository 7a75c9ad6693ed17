//! Items of a batch whose step is recorded, in one batch and one after the other:
//!
//! `tests/run with cargo run --release --manifest-path benches/Cargo.toml -p docket-benches-persisted`
//!
//! PostgreSQL is at `DOCKET_TEST_POSTGRES`. Each round is of items that were never seen; then the same batch comes from the
//! store.

use std::time::{Duration, Instant};

use docket::{Execution, PostgresStore, graph, step};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Serialize, Deserialize, docket::Value)]
struct Movie(u64);

#[derive(Debug, PartialEq, Serialize, Deserialize, docket::Value)]
struct Rating(u64);

#[step(persist = "global", repeat = "free")]
async fn rate(movie: &Movie) -> Rating {
    Rating(movie.0 % 10)
}

graph! {
    struct Movies {
        inputs { Movie }
        steps { rate }
        async fn rating(movie: Movie) -> Rating;
        async fn ratings(movies: [Movie]) -> [Rating];
    }
}

const ITEMS: u64 = 10_000;
/// Of one after the other, so many are enough to know what each takes.
const ALONE: u64 = 1_000;
const ROUNDS: u64 = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(compare());
}

async fn compare() {
    let url = std::env::var("DOCKET_TEST_POSTGRES").expect(
        "DOCKET_TEST_POSTGRES is not set: run `tests/run with …`, which starts the servers",
    );
    let store = PostgresStore::connect(&url).await.expect("it connects");
    let graph = Movies::builder().store(store).build();
    println!(
        "| in flight | one after the other | a batch | times faster | the batch again, from the store |"
    );
    println!("|--:|--:|--:|--:|--:|");
    // No two runs of this program have items in common.
    let mut next = u64::from(std::process::id()) << 32;
    for in_flight in [64, 512] {
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for movie in next..next + ALONE {
                let rating = graph.rating("alone", Movie(movie)).await;
                assert_eq!(rating.expect("it is rated"), Rating(movie % 10));
            }
            let alone = start.elapsed() / u32::try_from(ALONE).expect("it is small");
            next += ALONE;
            let fresh = batch(&graph, in_flight, next).await;
            let again = batch(&graph, in_flight, next).await;
            next += ITEMS;
            println!(
                "| {in_flight} | {alone:.1?} an item | {fresh:.1?} an item | {:.1} | {again:.1?} an item |",
                alone.as_secs_f64() / fresh.as_secs_f64()
            );
        }
    }
}

/// What an item takes in a batch of those from `first` on.
async fn batch(graph: &Movies, in_flight: usize, first: u64) -> Duration {
    let movies: Vec<Movie> = (first..first + ITEMS).map(Movie).collect();
    let execution = Execution::new("batch").max_concurrency(in_flight);
    let start = Instant::now();
    let ratings = graph.ratings(execution, movies).await;
    let took = start.elapsed();
    let expected = (first..first + ITEMS).map(|movie| Rating(movie % 10));
    assert!(ratings.expect("all are rated").into_iter().eq(expected));
    took / u32::try_from(ITEMS).expect("it is small")
}
