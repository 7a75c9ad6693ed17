//! `make` for data, inside a service.

pub use docket_macros::{Value, graph, step, steps};
pub use docket_runtime::store::MemoryStore;
#[cfg(feature = "sqlite")]
pub use docket_runtime::store::SqliteStore;
pub use docket_runtime::value::Value;
pub use docket_runtime::{
    BoxError, Error, ErrorKind, Execution, Observer, Result, Retry, Step, StepContext, StepError, StepOptions, Verdict,
    abort, in_doubt, observe, rejected, store, value,
};

// The compiler names these in its messages, by the shortest path there is.
#[doc(hidden)]
pub use docket_runtime::graph::{Produces, Provides};
#[doc(hidden)]
pub use docket_runtime::step::StepIn;

/// What the macros may name. Nothing in it is for people, and nothing of it is promised.
#[doc(hidden)]
pub mod __private {
    pub use docket_runtime::builder::{Bool, HasStore, NoStore, Set, StoreFor, Unset};
    pub use docket_runtime::execution::{
        At, Empty, Ended, Frame, Held, Home, Made, Place, PollStep, Readiness, Slot, Slots, Vacant, View, drive, driver,
        no_such_step, take,
    };
    pub use docket_runtime::graph::{
        Absent, BundleItem, Graph, Handle, Inner, Known, Lists, Node, Produces, Provides, Tool, Wiring, are_steps,
        input, need, soft_need, step,
    };
    pub use docket_runtime::persist::Repeat;
    pub use docket_runtime::plan::{EntryPlan, GraphPlan, Need, check_entry, check_given, check_output, check_step};
    pub use docket_runtime::runtime::{Core, CoreBuilder, StepRow};
    pub use docket_runtime::step::{
        Failure, Hashes, Options, Outcome, Retry, Step, StepContext, StepIn, context, persisted,
    };
    pub use docket_runtime::store::Scope;
    pub use docket_runtime::value::{Value, ValueError, is_codec, json};
}
