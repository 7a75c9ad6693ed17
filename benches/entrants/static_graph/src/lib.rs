//! static-graph. What it makes of a hundred nodes takes the compiler minutes, so it has the small shapes only.

docket_benches_common::entrants! { static_graph, in_task, {}, [chain_5, diamond, fan_5, skewed] }
