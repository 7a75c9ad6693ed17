//! Times, by criterion: in rounds, in each of which everyone has a turn, so that what else the machine does meets all.

use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::Criterion;
use docket_benches_common::{Entrant, Mode, Runtimes};
use docket_benches_shapes::Shape;
use rustix::time::{ClockId, clock_gettime};

use crate::arguments::{Arguments, Clock};

/// Nanoseconds of one execution, for each entrant and round.
pub(crate) fn interleaved(
    arguments: &Arguments,
    runtimes: &Runtimes,
    mode: Mode,
    shape: &Shape,
    entrants: &[&Entrant],
) -> Vec<Vec<f64>> {
    let folder = folder();
    let group = format!("{}-{}", mode.name(), shape.name);
    let mut times = vec![Vec::new(); entrants.len()];
    for round in 0..arguments.rounds {
        let baseline = format!("round-{round}");
        let mut criterion = Criterion::default()
            .without_plots()
            .sample_size(10)
            .nresamples(1000)
            .warm_up_time(arguments.time / 4)
            .measurement_time(arguments.time)
            .output_directory(&folder)
            .save_baseline(baseline.clone());
        let mut benches = criterion.benchmark_group(&group);
        for turn in 0..entrants.len() {
            // Nobody is always behind the same one.
            let i = (turn + round) % entrants.len();
            let entrant = entrants[i];
            benches.bench_function(entrant.library, |bencher| {
                bencher.iter_custom(|iterations| {
                    let before = spent();
                    let elapsed = (entrant.time)(runtimes, mode, iterations);
                    match arguments.clock {
                        Clock::Wall => elapsed,
                        Clock::Cpu => spent() - before,
                    }
                });
            });
            let path = folder.join(&group).join(entrant.library).join(&baseline);
            times[i].push(median(&path.join("estimates.json")));
        }
    }
    times
}

/// The processor time of all threads of this process.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Where criterion keeps what it measured.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"));
    target.join("criterion")
}

fn median(path: &Path) -> f64 {
    let text = std::fs::read_to_string(path).expect("criterion has written its estimates");
    let estimates: serde_json::Value = serde_json::from_str(&text).expect("they are JSON");
    estimates["median"]["point_estimate"]
        .as_f64()
        .expect("there is a median among them")
}
