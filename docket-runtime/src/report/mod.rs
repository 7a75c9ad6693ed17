//! What happened in an execution, to be looked at: as a chart of text, as a picture, and in a trace viewer.
//!
//! [`RunReport`] is the observer, `building.rs` puts together what it is told, and a [`RunTrace`] is what came of it: plain
//! data, which all the renderings work on.

mod building;
mod critical;
mod gantt;
mod lanes;
mod observer;
mod perfetto;
mod segments;
mod svg;
mod trace;

pub use critical::CriticalStep;
pub use observer::RunReport;
pub use trace::{AttemptTrace, Outcome, RunTrace, StepTrace, StoreTrace, WaitTrace};
