//! What the crate of each library is: the graphs that its build script wrote, once with steps that are ready at
//! their first poll and once with steps that wait.

use std::hint::black_box;

/// What the caller gives.
#[derive(Clone, Copy)]
pub struct Seed(pub u64);

/// What a step does with its inputs. It is the same in whatever order they come, since some libraries have none.
#[inline]
pub fn mix<const N: usize>(step: usize, inputs: [u64; N]) -> u64 {
    let sum: u64 = inputs.into_iter().sum();
    black_box((sum * 31 + step as u64) & 0xffff_ffff)
}

/// One graph of one library, as it is measured.
#[doc(hidden)]
#[macro_export]
macro_rules! entrant {
    ($library:ident, $place:ident, $shape:ident) => {
        $crate::Entrant {
            library: stringify!($library),
            shape: stringify!($shape),
            time: |runtimes, mode, iterations| {
                runtimes.$place(mode, async move {
                    let mut graph = $shape::graph();
                    let start = std::time::Instant::now();
                    for _ in 0..iterations {
                        let seed = $crate::black_box(1);
                        $crate::black_box($shape::value($shape::run(&mut graph, seed).await));
                    }
                    start.elapsed()
                })
            },
            once: |runtimes, mode| {
                const TIMES: usize = 10;
                runtimes.$place(mode, async move {
                    let mut graph = $shape::graph();
                    // What is allocated the first time only is not of the execution.
                    for _ in 0..TIMES {
                        $shape::value($shape::run(&mut graph, 1).await);
                    }
                    let (start, count) =
                        ($crate::tokio::time::Instant::now(), $crate::Count::begin());
                    for _ in 0..TIMES {
                        $shape::value($shape::run(&mut graph, 1).await);
                    }
                    let (allocations, elapsed) = (count.end(), start.elapsed());
                    $crate::Once {
                        value: $shape::value($shape::run(&mut graph, 1).await),
                        allocations: allocations / TIMES,
                        latency: elapsed / TIMES as u32,
                    }
                })
            },
            size: || size_of_val(&$shape::run(&mut $shape::graph(), 1)),
        }
    };
}

/// The crate of a library: its name, how its executions are run (`in_task`, or `in_place` where they can't be sent), and what
/// its graphs import; and its shapes, where it does not have all.
#[macro_export]
macro_rules! entrants {
    ($library:ident, $place:ident, $imports:tt) => {
        $crate::entrants! {
            $library, $place, $imports, [chain_5, chain_100, diamond, fan_5, fan_100, layers, skewed]
        }
    };
    ($library:ident, $place:ident, $imports:tt, $shapes:tt) => {
        $crate::graphs!(ready, $library, $place, $imports, $shapes);
        $crate::graphs!(waits, $library, $place, $imports, $shapes);

        /// Its graphs, with steps that wait in this way.
        pub fn entrants(mode: $crate::Mode) -> Vec<$crate::Entrant> {
            match mode {
                $crate::Mode::Ready => ready::entrants(),
                _ => waits::entrants(),
            }
        }
    };
}

/// The graphs of a library with one way to wait.
#[doc(hidden)]
#[macro_export]
macro_rules! graphs {
    ($wait:ident, $library:ident, $place:ident, { $($import:item)* }, [$($shape:ident),*]) => {
        #[allow(
            clippy::let_unit_value,
            clippy::new_without_default,
            clippy::too_many_arguments,
            clippy::type_complexity,
            clippy::unused_unit,
            dead_code,
            unused_parens,
            unused_variables,
            reason = "the graphs are what a program makes of a shape"
        )]
        mod $wait {
            mod prelude {
                #![allow(unused_imports, reason = "each of the graphs needs some of them")]
                $($import)*
                pub use $crate::wait::$wait as wait;
                pub use $crate::{Seed, mix};
                pub use std::hint::black_box;
            }

            include!(concat!(env!("OUT_DIR"), "/graphs.rs"));

            pub(crate) fn entrants() -> Vec<$crate::Entrant> {
                vec![$($crate::entrant!($library, $place, $shape)),*]
            }
        }
    };
}
