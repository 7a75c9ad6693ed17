//! What Docket costs beside hand-written code doing the same: `cargo bench -p docket-tests`.
//!
//! Compare the two lines of a group within one run; machines differ, and change from run to run. `tests/instructions` counts
//! the instructions of the first groups instead, which do not.

// `tokio::join!` of a hundred.
#![recursion_limit = "512"]
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a benchmark has no readers but this file"
)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group};
use docket::{graph, step};
use tokio::runtime::Runtime;

mod layered;
mod skewed;
mod wide;

pub struct Seed(u64);
pub struct A(u64);
pub struct B(u64);
pub struct C(u64);
pub struct D(u64);
pub struct E(u64);
pub struct F(u64);
pub struct Sum(u64);

/// Three real wakeups: the task goes back to tokio's queue each time.
async fn yield_three_times() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

mod ready {
    use super::*;

    #[step]
    pub async fn start(seed: &Seed) -> A {
        A(black_box(seed.0 + 1))
    }
    #[step]
    pub async fn b(a: &A) -> B {
        B(black_box(a.0 + 2))
    }
    #[step]
    pub async fn c(a: &A) -> C {
        C(black_box(a.0 + 3))
    }
    #[step]
    pub async fn d(a: &A) -> D {
        D(black_box(a.0 + 4))
    }
    #[step]
    pub async fn e(a: &A) -> E {
        E(black_box(a.0 + 5))
    }
    #[step]
    pub async fn f(a: &A) -> F {
        F(black_box(a.0 + 6))
    }
    #[step]
    pub async fn sum(b: &B, c: &C, d: &D, e: &E, f: &F) -> Sum {
        Sum(black_box(b.0 ^ c.0 ^ d.0 ^ e.0 ^ f.0))
    }

    graph! {
        pub struct Fan {
            inputs { Seed }
            steps { start, b, c, d, e, f, sum }
            pub async fn resolve(seed: Seed) -> Sum;
        }
    }

    pub async fn by_hand(_id: &str, seed: Seed) -> Result<Sum, docket::Error> {
        let a = start(&seed).await;
        let (b, c, d, e, f) = tokio::join!(b(&a), c(&a), d(&a), e(&a), f(&a));
        Ok(sum(&b, &c, &d, &e, &f).await)
    }
}

mod suspending {
    use super::*;

    #[step]
    pub async fn start(seed: &Seed) -> A {
        yield_three_times().await;
        A(black_box(seed.0 + 1))
    }
    #[step]
    pub async fn b(a: &A) -> B {
        yield_three_times().await;
        B(black_box(a.0 + 2))
    }
    #[step]
    pub async fn c(a: &A) -> C {
        yield_three_times().await;
        C(black_box(a.0 + 3))
    }
    #[step]
    pub async fn d(a: &A) -> D {
        yield_three_times().await;
        D(black_box(a.0 + 4))
    }
    #[step]
    pub async fn e(a: &A) -> E {
        yield_three_times().await;
        E(black_box(a.0 + 5))
    }
    #[step]
    pub async fn f(a: &A) -> F {
        yield_three_times().await;
        F(black_box(a.0 + 6))
    }
    #[step]
    pub async fn sum(b: &B, c: &C, d: &D, e: &E, f: &F) -> Sum {
        yield_three_times().await;
        Sum(black_box(b.0 ^ c.0 ^ d.0 ^ e.0 ^ f.0))
    }

    graph! {
        pub struct Fan {
            inputs { Seed }
            steps { start, b, c, d, e, f, sum }
            pub async fn resolve(seed: Seed) -> Sum;
        }
    }

    pub async fn by_hand(_id: &str, seed: Seed) -> Result<Sum, docket::Error> {
        let a = start(&seed).await;
        let (b, c, d, e, f) = tokio::join!(b(&a), c(&a), d(&a), e(&a), f(&a));
        Ok(sum(&b, &c, &d, &e, &f).await)
    }
}

/// Times executions one after the other in a task of its own, as a server runs them.
macro_rules! measured {
    ($runtime:expr, $graph:expr, |$resolve:ident, $id:ident| $execution:expr) => {{
        let graph = $graph;
        let runtime = &$runtime;
        move |bencher: &mut criterion::Bencher<'_>| {
            let graph = graph.clone();
            bencher.iter_custom(move |iterations| {
                let $resolve = graph.clone();
                let task = runtime.spawn(async move {
                    let name = String::from("request-123");
                    let start = Instant::now();
                    for _ in 0..iterations {
                        let $id = black_box(name.as_str());
                        black_box($execution.await.is_ok());
                    }
                    start.elapsed()
                });
                runtime.block_on(task).expect("the task does not panic")
            })
        }
    }};
}

fn overhead(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");

    let mut group = criterion.benchmark_group("1-5-1, ready at first poll");
    let graph = ready::Fan::builder().build();
    group.bench_function(
        "docket",
        measured!(runtime, graph.clone(), |graph, id| graph
            .resolve(id, Seed(1))),
    );
    group.bench_function(
        "by hand",
        measured!(runtime, (), |_none, id| ready::by_hand(id, Seed(1))),
    );
    group.finish();

    let mut group = criterion.benchmark_group("1-5-1, each step yields three times");
    let graph = suspending::Fan::builder().build();
    group.bench_function(
        "docket",
        measured!(runtime, graph.clone(), |graph, id| graph
            .resolve(id, Seed(1))),
    );
    group.bench_function(
        "by hand",
        measured!(runtime, (), |_none, id| suspending::by_hand(id, Seed(1))),
    );
    group.finish();

    let mut group = criterion.benchmark_group("100 steps with three inputs each");
    let graph = layered::Layered::builder().build();
    group.bench_function(
        "docket",
        measured!(runtime, graph.clone(), |graph, id| graph
            .resolve(id, layered::Start(1))),
    );
    group.finish();
}

fn shapes(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");

    let mut group = criterion.benchmark_group("1-100-1, woken one after the other");
    let graph = wide::Wide::builder().build();
    group.bench_function("docket", |bencher| {
        bencher.iter(|| wide::staggered(graph.resolve("request-123", wide::Seed(1))).is_ok());
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| wide::staggered(wide::by_hand("request-123", wide::Seed(1))).is_ok());
    });
    group.finish();

    let mut group = criterion.benchmark_group("a slow step in each layer");
    group.sample_size(20);
    let graph = skewed::Skewed::builder().build();
    group.bench_function(
        "docket",
        measured!(runtime, graph.clone(), |graph, id| graph
            .resolve(id, skewed::Seed(1))),
    );
    group.bench_function(
        "by hand, layer by layer",
        measured!(runtime, (), |_none, id| skewed::by_layers(
            id,
            skewed::Seed(1)
        )),
    );
    group.finish();
}

/// So many executions of one shape and nothing else, for a tool that counts instructions.
fn count(shape: &str, times: usize) {
    let ready = ready::Fan::builder().build();
    let suspending = suspending::Fan::builder().build();
    let layered = layered::Layered::builder().build();
    let wide = wide::Wide::builder().build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime starts");
    macro_rules! repeat {
        ($execution:expr) => {
            for _ in 0..times {
                black_box($execution.is_ok());
            }
        };
    }
    macro_rules! repeat_in_the_runtime {
        ($execution:expr) => {
            runtime.block_on(async { repeat!($execution.await) })
        };
    }
    let id = black_box("request-123");
    match shape {
        "ready" => repeat_in_the_runtime!(ready.resolve(id, Seed(1))),
        "ready-by-hand" => repeat_in_the_runtime!(ready::by_hand(id, Seed(1))),
        "yielding" => repeat_in_the_runtime!(suspending.resolve(id, Seed(1))),
        "yielding-by-hand" => repeat_in_the_runtime!(suspending::by_hand(id, Seed(1))),
        "layered" => repeat_in_the_runtime!(layered.resolve(id, layered::Start(1))),
        "wide" => repeat!(wide::staggered(wide.resolve(id, wide::Seed(1)))),
        "wide-by-hand" => repeat!(wide::staggered(wide::by_hand(id, wide::Seed(1)))),
        _ => panic!("no such shape: {shape}"),
    }
}

criterion_group!(benches, overhead, shapes);

fn main() {
    if let Ok(shape) = std::env::var("DOCKET_COUNT") {
        let times = std::env::var("DOCKET_TIMES").map_or(1, |it| it.parse().expect("a number"));
        return count(&shape, times);
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
