//! Only benchmarks; see `benches/hits.rs`.
