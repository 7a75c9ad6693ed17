//! Compile errors of Docket, as snapshots.
