//! What a Docket graph runs on. Use it through the crate `docket`; nothing here is promised but what `docket` re-exports.
//!
//! The arrows run one way: errors, values and keys at the ground; the plan (pure) above them; stores beside it, knowing
//! no plan; the step above the store; the execution on top. Observers are told, and tell nobody.

#![warn(missing_docs)]

pub mod batch;
pub mod builder;
pub mod bulk;
pub mod chart;
pub mod error;
pub mod execution;
pub mod explain;
pub mod graph;
pub mod key;
pub mod observe;
pub mod persist;
pub mod plan;
pub mod rehearsal;
pub mod report;
pub mod runtime;
pub mod step;
pub mod store;
mod sync;
pub mod testing;
pub mod value;

pub use chart::Plan;
pub use error::{
    BoxError, Error, ErrorKind, Result, StepError, Verdict, abort, in_doubt, rejected,
};
pub use execution::Execution;
pub use observe::Observer;
pub use persist::{Counts, Reconciled, Repeat};
pub use step::{Retry, Step, StepContext, StepOptions};
