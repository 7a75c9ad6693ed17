//! What a batch costs: an item of it, beside a loop written by hand, and the memory that it takes.
//!
//! `cargo bench -p docket-tests --bench batch`

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use docket::{Execution, graph, step};
use futures_util::{StreamExt, stream};

/// Counts what is allocated, and the most that there is at once.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

fn grow(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    let now = NOW.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(now, Relaxed);
}

// SAFETY: it hands all to the system's allocator, and counts beside it without allocating.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        NOW.fetch_sub(layout.size(), Relaxed);
        grow(new_size);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Clone, Copy)]
pub struct Movie(u64);
pub struct Enriched(u64);
pub struct Stats(u64);
pub struct Ranked(#[allow(dead_code)] u64);
pub struct Fetched(u64);

#[step]
async fn enrich(movie: &Movie) -> Enriched {
    Enriched(movie.0.wrapping_mul(3))
}

#[step]
fn stats(all: &[Enriched]) -> Stats {
    Stats(all.iter().fold(0, |sum, it| sum.wrapping_add(it.0)))
}

#[step]
fn rank(enriched: &Enriched, stats: &Stats) -> Ranked {
    Ranked(enriched.0 ^ stats.0)
}

/// Waits as a request would, for a time that differs from item to item.
#[step]
async fn fetch(movie: &Movie) -> Fetched {
    fetch_by_hand(*movie).await
}

async fn fetch_by_hand(movie: Movie) -> Fetched {
    for _ in 0..movie.0 % 5 {
        tokio::task::yield_now().await;
    }
    Fetched(movie.0)
}

#[step]
fn enrich_fetched(fetched: &Fetched) -> (u64, u64) {
    (fetched.0, fetched.0 * 3)
}

graph! {
    pub struct Movies {
        inputs { Movie }
        steps { enrich, stats, rank, fetch, enrich_fetched }
        pub async fn ranked(movies: [Movie]) -> [Ranked];
        pub async fn fetched(movies: [Movie]) -> [(u64, u64)];
    }
}

const MANY: usize = 1_000_000;

fn movies(n: usize) -> Vec<Movie> {
    (0..n as u64).map(Movie).collect()
}

fn to_the_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return output;
        }
    }
}

/// A million items through a step of each, an aggregate, and a step of each that combines the two.
fn trivial_items(c: &mut Criterion) {
    let graph = Movies::builder().build();
    let inputs = movies(MANY);
    let (before, allocations) = (NOW.load(Relaxed), ALLOCATIONS.load(Relaxed));
    PEAK.store(before, Relaxed);
    let ranked = to_the_end(graph.ranked("x", inputs)).unwrap();
    let (peak, allocated) = (
        PEAK.load(Relaxed) - before,
        ALLOCATIONS.load(Relaxed) - allocations,
    );
    // The inputs were there before.
    let inputs_and_outputs = MANY * (size_of::<Movie>() + size_of::<Ranked>());
    let share = (peak + MANY * size_of::<Movie>()) as f64 / inputs_and_outputs as f64;
    println!("{MANY} items: {allocated} allocations; peak {share:.2} of inputs and outputs");
    black_box(ranked);
    let mut group = c.benchmark_group("trivial");
    group
        .throughput(Throughput::Elements(MANY as u64))
        .sample_size(10);
    group.bench_function("1000000", |b| {
        b.iter_batched(
            || movies(MANY),
            |movies| to_the_end(graph.ranked("x", movies)).unwrap(),
            criterion::BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// 10,000 items with wakeups, 64 in flight.
fn against_buffer_unordered(c: &mut Criterion) {
    const ITEMS: usize = 10_000;
    const IN_FLIGHT: usize = 64;
    let graph = Movies::builder().build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let by_graph = || async {
        let execution = Execution::new("x").max_concurrency(IN_FLIGHT);
        graph.fetched(execution, movies(ITEMS)).await.unwrap()
    };
    let by_hand = || async {
        let items = movies(ITEMS).into_iter().enumerate();
        let made = stream::iter(items)
            .map(|(i, movie)| async move {
                let fetched = fetch_by_hand(movie).await;
                (i, enrich_fetched(&fetched))
            })
            .buffer_unordered(IN_FLIGHT);
        let mut results = vec![(0, 0); ITEMS];
        let mut made = pin!(made);
        while let Some((i, value)) = made.next().await {
            results[i] = value;
        }
        results
    };
    // In turn, since the machine is shared: the ratio is of the best of each.
    let (mut best_graph, mut best_hand) = (Duration::MAX, Duration::MAX);
    for _ in 0..30 {
        let start = Instant::now();
        black_box(runtime.block_on(by_graph()));
        best_graph = best_graph.min(start.elapsed());
        let start = Instant::now();
        black_box(runtime.block_on(by_hand()));
        best_hand = best_hand.min(start.elapsed());
    }
    let ratio = best_graph.as_secs_f64() / best_hand.as_secs_f64();
    println!("{ITEMS} items: {best_graph:?} and by hand {best_hand:?}: {ratio:.2}");
    let mut group = c.benchmark_group("fetched");
    group
        .throughput(Throughput::Elements(ITEMS as u64))
        .sample_size(20);
    group.bench_function("graph", |b| b.iter(|| runtime.block_on(by_graph())));
    group.bench_function("buffer_unordered", |b| {
        b.iter(|| runtime.block_on(by_hand()))
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = trivial_items, against_buffer_unordered
}
criterion_main!(benches);
