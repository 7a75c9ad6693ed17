//! What Docket costs beside hand-written code doing the same: `cargo bench -p docket-tests`.
//!
//! Compare the two lines of a group within one run; machines differ, and change from run to run.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a benchmark has no readers but this file"
)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use docket::{graph, step};
use tokio::runtime::Runtime;

mod layered;

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

criterion_group!(benches, overhead);
criterion_main!(benches);
