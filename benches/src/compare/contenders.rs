//! All who are compared, hand-written code first.

use docket_benches_common::{Entrant, Mode};

/// The names of their crates, and how the tables call them.
pub(crate) const LIBRARIES: [(&str, &str); 9] = [
    ("join", "`join!`"),
    ("docket", "Docket"),
    ("spawn", "`spawn`"),
    ("futures_concurrency", "futures-concurrency"),
    ("operese", "operese-dagx"),
    ("async_dag", "async_dag"),
    ("static_graph", "static-graph"),
    ("dagx", "dagx"),
    ("dagrs", "dagrs"),
];

/// Those that are compiled in and named in `only`.
#[allow(unused_variables, unused_mut, reason = "there may be none")]
pub(crate) fn entrants(mode: Mode, only: &[String]) -> Vec<Entrant> {
    let mut all: Vec<Entrant> = Vec::new();
    #[cfg(feature = "join")]
    all.extend(entrant_join::entrants(mode));
    #[cfg(feature = "docket")]
    all.extend(entrant_docket::entrants(mode));
    #[cfg(feature = "spawn")]
    all.extend(entrant_spawn::entrants(mode));
    #[cfg(feature = "futures_concurrency")]
    all.extend(entrant_futures_concurrency::entrants(mode));
    #[cfg(feature = "operese")]
    all.extend(entrant_operese::entrants(mode));
    #[cfg(feature = "async_dag")]
    all.extend(entrant_async_dag::entrants(mode));
    #[cfg(feature = "static_graph")]
    all.extend(entrant_static_graph::entrants(mode));
    #[cfg(feature = "dagx")]
    all.extend(entrant_dagx::entrants(mode));
    #[cfg(feature = "dagrs")]
    all.extend(entrant_dagrs::entrants(mode));
    all.retain(|it| only.is_empty() || only.iter().any(|name| name == it.library));
    all
}
