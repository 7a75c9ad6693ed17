//! What it costs to be observed: 1 → 5 → 1, under each kind of observer, in turns within one run.
//!
//! - `cargo bench -p docket-tests --bench observers` prints a table of medians and ratios;
//! - `… -- CASE N` runs one case N times and nothing else, for `valgrind --tool=callgrind`.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a benchmark has no readers but this file"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use docket::observe::{ExecutionEnded, Interest, StepEnded};
use docket::{MetricsObserver, Observer, graph, step};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;

pub struct Seed(u64);
pub struct A(u64);
pub struct B(u64);
pub struct C(u64);
pub struct D(u64);
pub struct E(u64);
pub struct F(u64);
pub struct Sum(#[allow(dead_code)] u64);

/// The same graph twice: with steps that are ready at their first poll, and with steps that go back to tokio's queue three
/// times.
macro_rules! fan {
    ($module:ident, $wait:expr) => {
        mod $module {
            use super::*;

            #[step]
            pub async fn start(seed: &Seed) -> A {
                $wait.await;
                A(black_box(seed.0 + 1))
            }
            #[step]
            pub async fn b(a: &A) -> B {
                $wait.await;
                B(black_box(a.0 + 2))
            }
            #[step]
            pub async fn c(a: &A) -> C {
                $wait.await;
                C(black_box(a.0 + 3))
            }
            #[step]
            pub async fn d(a: &A) -> D {
                $wait.await;
                D(black_box(a.0 + 4))
            }
            #[step]
            pub async fn e(a: &A) -> E {
                $wait.await;
                E(black_box(a.0 + 5))
            }
            #[step]
            pub async fn f(a: &A) -> F {
                $wait.await;
                F(black_box(a.0 + 6))
            }
            #[step]
            pub async fn sum(b: &B, c: &C, d: &D, e: &E, f: &F) -> Sum {
                $wait.await;
                Sum(black_box(b.0 ^ c.0 ^ d.0 ^ e.0 ^ f.0))
            }

            graph! {
                pub struct Fan {
                    inputs { Seed }
                    steps { start, b, c, d, e, f, sum }
                    pub async fn resolve(seed: Seed) -> Sum;
                }
            }

            pub async fn run(graph: &Fan, n: u64) {
                let id = String::from("request-123");
                for _ in 0..n {
                    black_box(graph.resolve(black_box(id.as_str()), Seed(1)).await.is_ok());
                }
            }

            pub fn graph(case: &Case) -> Fan {
                match case.observer {
                    Watched::Nobody => Fan::builder().build(),
                    Watched::Unit => Fan::builder().observer(()).build(),
                    Watched::Executions => Fan::builder().observer(Executions::default()).build(),
                    Watched::Counting => Fan::builder().observer(Counting::default()).build(),
                    Watched::Timing => Fan::builder().observer(Timing::default()).build(),
                    Watched::Silent => Fan::builder().observer(Silent).build(),
                    Watched::Metrics => Fan::builder().observer(MetricsObserver::new()).build(),
                }
            }
        }
    };
}

async fn yield_three_times() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

fan!(ready, std::future::ready(()));
fan!(waking, yield_three_times());

/// Counts executions.
#[derive(Default)]
struct Executions(AtomicU64);

impl Observer for Executions {
    fn interest(&self) -> Interest {
        Interest::EXECUTIONS
    }

    fn execution_ended(&self, _: &ExecutionEnded<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts steps.
#[derive(Default)]
struct Counting(AtomicU64);

impl Observer for Counting {
    fn interest(&self) -> Interest {
        Interest::STEP_ENDS
    }

    fn step_ended(&self, _: &StepEnded<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts steps and adds up how long they took.
#[derive(Default)]
struct Timing(AtomicU64, AtomicU64);

impl Observer for Timing {
    fn interest(&self) -> Interest {
        Interest::STEP_ENDS | Interest::TIMES
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        let nanos = event.duration.as_nanos() as u64;
        self.1.fetch_add(nanos, Ordering::Relaxed);
    }
}

/// Is told of everything, since it does not say what it wants to know.
struct Silent;

impl Observer for Silent {}

#[derive(Clone, Copy)]
enum Watched {
    Nobody,
    Unit,
    Executions,
    Counting,
    Timing,
    Silent,
    Metrics,
}

/// Who watches.
#[derive(Clone, Copy)]
pub struct Case {
    name: &'static str,
    observer: Watched,
    /// What the subscriber of `tracing` lets through.
    spans: Spans,
}

#[derive(Clone, Copy)]
enum Spans {
    /// Nothing at all, as where there is no subscriber.
    Off,
    /// What is of another target.
    Others,
    On,
}

const CASES: &[Case] = &[
    case("nobody", Watched::Nobody, Spans::Off),
    case("nobody-again", Watched::Nobody, Spans::Off),
    case("unit", Watched::Unit, Spans::Off),
    case("executions", Watched::Executions, Spans::Off),
    case("counting", Watched::Counting, Spans::Off),
    case("timing", Watched::Timing, Spans::Off),
    case("default", Watched::Silent, Spans::Off),
    case("metrics", Watched::Metrics, Spans::Off),
    case("tracing-disabled", Watched::Nobody, Spans::Others),
    case("tracing-enabled", Watched::Nobody, Spans::On),
];

const fn case(name: &'static str, observer: Watched, spans: Spans) -> Case {
    Case {
        name,
        observer,
        spans,
    }
}

impl Spans {
    fn filter(self) -> Targets {
        let level = tracing::Level::INFO;
        match self {
            Self::Off => Targets::new(),
            Self::Others => Targets::new().with_target("elsewhere", level),
            Self::On => Targets::new().with_target("docket", level),
        }
    }
}

const ROUNDS: usize = 41;

fn main() {
    let (filter, spans) = reload::Layer::new(Spans::Off.filter());
    let registry = tracing_subscriber::registry().with(filter);
    tracing::subscriber::set_global_default(registry).expect("there is no other");
    let recorder = PrometheusBuilder::new()
        .set_buckets(MetricsObserver::BUCKETS)
        .expect("there are some")
        .build_recorder();
    let scraped = recorder.handle();
    metrics::set_global_recorder(recorder).expect("there is no other");
    let turn = |case: &Case| spans.reload(case.spans.filter()).expect("it is there");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [name, n] = arguments.as_slice()
        && let Ok(n) = n.parse()
    {
        let case = CASES.iter().find(|case| case.name == name);
        let case = case.expect("a case of this name");
        turn(case);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime starts");
        return runtime.block_on(ready::run(&ready::graph(case), n));
    }
    // That of a server, as in the benchmark `overhead`.
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");

    for (shape, n, measure) in [
        ("ready at first poll", 40_000, time_ready as Measure),
        ("each step yields three times", 4_000, time_waking),
    ] {
        let mut times = vec![Vec::new(); CASES.len()];
        for _ in 0..ROUNDS {
            for (case, times) in CASES.iter().zip(&mut times) {
                turn(case);
                times.push(measure(&runtime, case, n));
                // A scrape empties the histograms, which would grow for ever.
                black_box(scraped.render());
            }
        }
        println!(
            "1-5-1, {shape}: median of {ROUNDS} rounds, and the ratio to `nobody` of the same round"
        );
        let first = times[0].clone();
        for (case, times) in CASES.iter().zip(times) {
            let ratios = times.iter().zip(&first);
            let ratio = median(ratios.map(|(time, first)| time / first).collect());
            println!("  {:18} {:9.1} ns  {ratio:6.3}", case.name, median(times));
        }
    }
}

type Measure = fn(&tokio::runtime::Runtime, &Case, u64) -> f64;

fn time_ready(runtime: &tokio::runtime::Runtime, case: &Case, n: u64) -> f64 {
    let graph = Arc::new(ready::graph(case));
    timed(runtime, n, async move { ready::run(&graph, n).await })
}

fn time_waking(runtime: &tokio::runtime::Runtime, case: &Case, n: u64) -> f64 {
    let graph = Arc::new(waking::graph(case));
    timed(runtime, n, async move { waking::run(&graph, n).await })
}

/// Nanoseconds of one, in a task of its own, as a server runs them.
fn timed(
    runtime: &tokio::runtime::Runtime,
    n: u64,
    run: impl Future<Output = ()> + Send + 'static,
) -> f64 {
    let took: Duration = runtime.block_on(async {
        let task = async {
            let start = Instant::now();
            run.await;
            start.elapsed()
        };
        tokio::spawn(task).await.expect("it does not panic")
    });
    took.as_nanos() as f64 / n as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
