//! Typed dependency resolution with selective memoization: `make` for data, inside a service.
//!
//! Plain functions say what they need by their parameters, and what they make by their return type. [`#[step]`](step) marks
//! them, [`graph!`] lists them, the compiler finds out what depends on what, and what runs is one statically typed future:
//! independent steps run at the same time, a step runs once, precious results come from a store, and cheap ones are made
//! anew. A cycle, or a need that nothing meets, does not compile.
//!
//! ```
#![doc = include_str!("../examples/greeting.rs")]
//! ```
//!
//! Begin with [`graph!`] and [`#[step]`](step).
//!
//! # How it runs
//!
//! - A step starts when its own inputs are there: there are no layers, and no waiting for others.
//! - What an entry does not need never runs, and is not part of its future.
//! - All steps run inside the caller's future, and are dropped with it, except those with `spawn`, `blocking` or `persist`.
//!   A dropped execution drops a `spawn`ed step too; a `blocking` function runs to its end, and a persisted step is carried
//!   to its end and recorded.
//! - The first hard failure ends the execution and is its error. See [`Error`].
//! - An execution allocates nothing, while its steps succeed and nobody observes them, unless it has a step with `spawn`,
//!   `blocking` or `persist`.
//! - Timeouts, delays, deadlines, `spawn`, `blocking` and `persist` need a tokio runtime; the rest runs on any executor.
//!
//! # Durability
//!
//! A step with `persist` is recorded in the store of its graph, keyed by SHA-256 over its namespace, scope, name, version
//! and inputs. `"global"` records count for all executions, `"workflow"` records for one execution id. Of many callers of
//! one key, in one process or many, one runs the step, and the others wait for its outcome.
//!
//! No library can see to it that an effect in another system takes place once. `repeat` says what may happen again:
//!
//! | | `"free"` | `"keyed"`, the default | `"never"` |
//! | --- | --- | --- | --- |
//! | meant for | caches | effects whose provider drops repeats by [`idempotency_key`](StepContext::idempotency_key) | effects that must not happen twice |
//! | the store is down before the run | runs unrecorded | error, the step does not run | error, the step does not run |
//! | the process dies during the run | the next caller runs it | the next caller runs it, with the same idempotency key | in doubt, until it is resolved |
//! | the step returns an error | recorded; the next execution runs it | the same | recorded; final until the row expires or is deleted |
//! | the recorded value can't be decoded | runs again | runs again, with the same key | error |
//!
//! With `#[key]` on a parameter, that parameter alone is the identity of a call. The other inputs are compared: if they
//! differ from the recorded ones, the call ends in [`InputDrift`](ErrorKind::InputDrift) rather than in a second run.
//!
//! A row in doubt has the status `unknown`. It is resolved by the lost process itself, if that turns up late; by the step's
//! [`reconcile`](step#in-doubt), which asks the provider; or by an operator ([`store::Admin`]). A step that takes one process
//! after the other with it is stopped after three (the builder's `max_attempts`), and is then in doubt under any `repeat`.
//!
//! A process that is about to end cuts off what is still running. Its persisted steps are then in the state "the process
//! dies" of the table, until their lease (30 seconds, or the builder's `lease`) has lapsed. `graph.shutdown(grace)` waits for
//! them before that.
//!
//! A row has its limits. An execution id that is more than 255 bytes of printable text, inputs of more than 4 MiB in the form
//! that keys are made of: an [`Encoding`](ErrorKind::Encoding) error, and the step does not run. A value of more than 1 MiB
//! (the builder's `max_value_bytes`): the same error, now and later; the step has run, and is recorded without it. Annotations
//! are kept up to 4 KiB, the words of an error up to 1 KiB.
//!
//! # Many items
//!
//! An entry that takes `[T]` is a batch: see [`batches`].
//!
//! # Pictures
//!
//! `PageGraph::plan()` is the graph as data, and as a picture: see [`plan`]. [`assert_plan!`] keeps one true in a file.
//!
//! # Observing
//!
//! A subscriber of `tracing` gets a span for each execution and each step; an [`Observer`] is told of everything; the feature
//! `metrics` has one for dashboards. See [`observe`]. [`report`] makes charts of what an observer was told, [`explain`] says
//! what would happen, and [`testing`] has means to assert on either.
//!
//! # Features
//!
//! - `cli`: the command `docket`, which lists rows, retries failures and resolves what is in doubt: see [`cli`]. It knows
//!   the stores whose features are on.
//! - `metrics`: [`MetricsObserver`], counts and times by way of the facade `metrics`; see [`observe`].
//! - `mysql`: [`MySqlStore`], in MariaDB or MySQL, by way of `sqlx`.
//! - `petgraph`: [`Plan::to_petgraph`](Plan), for the algorithms of the crate `petgraph`.
//! - `postgres`: [`PostgresStore`], in PostgreSQL, by way of `sqlx`.
//! - `redis`: [`RedisStore`], in Redis or Valkey, by way of the crate `redis`; with [`Tiered`] before it, what is asked for
//!   again and again comes from the memory of the process.
//! - `sqlite`: [`SqliteStore`], on a file or in memory, by way of `sqlx`.
//! - `tls`: encrypted connections to the servers of the stores whose features are on, by `rustls` with the cryptography of
//!   `ring` and the certificates of the operating system. The URL asks for it: `rediss://…`; `?sslmode=verify-full` for
//!   PostgreSQL, where the default takes what the server offers, and whoever it is; `?ssl-mode=VERIFY_IDENTITY` for MySQL and
//!   MariaDB, of which the same is true. If the application has `rustls` with other cryptography, too, it has to say which
//!   one counts (`CryptoProvider::install_default`) before a [`RedisStore`] connects.
//!
//! None is on by default; [`MemoryStore`] is always there.

#![warn(missing_docs)]

mod assert;

pub use docket_runtime::batch::{IndexedItems, IntoItems, ItemStream};
#[cfg(feature = "metrics")]
pub use docket_runtime::observe::MetricsObserver;
#[cfg(feature = "mysql")]
pub use docket_runtime::store::MySqlStore;
#[cfg(feature = "postgres")]
pub use docket_runtime::store::PostgresStore;
#[cfg(feature = "redis")]
pub use docket_runtime::store::RedisStore;
#[cfg(feature = "sqlite")]
pub use docket_runtime::store::SqliteStore;
pub use docket_runtime::store::{MemoryStore, Tiered};
pub use docket_runtime::value::Value;
pub use docket_runtime::{
    BoxError, Counts, Error, ErrorKind, Execution, Observer, Plan, Reconciled, Repeat, Result,
    Retry, Step, StepContext, StepError, StepOptions, Verdict, abort, in_doubt, rejected, store,
    testing, value,
};

#[doc = include_str!("../docs/value.md")]
pub use docket_macros::Value;
#[doc = include_str!("../docs/graph.md")]
pub use docket_macros::graph;
#[doc = include_str!("../docs/step.md")]
pub use docket_macros::step;
#[doc = include_str!("../docs/steps.md")]
pub use docket_macros::steps;

#[doc = include_str!("../docs/observing.md")]
pub mod observe {
    #[doc(inline)]
    pub use docket_runtime::observe::*;
}

#[doc = include_str!("../docs/plan.md")]
pub mod plan {
    #[doc(inline)]
    pub use docket_runtime::chart::{
        CriticalPath, Diff, Edge, EdgeKind, Entry, EntryItems, EntryParameter, Node, NodeKind,
        Options, Parameter, Persist, Picture, Plan, ReadError, ResourceNode, Retry, Runs, StepNode,
    };
}

#[doc = include_str!("../docs/explain.md")]
pub mod explain {
    #[doc(inline)]
    pub use docket_runtime::explain::{Explained, Explanation, Forecast, Reason};
}

#[doc = include_str!("../docs/report.md")]
pub mod report {
    #[doc(inline)]
    pub use docket_runtime::report::{
        AttemptTrace, CriticalStep, Outcome, RunReport, RunTrace, StepTrace, StoreTrace, WaitTrace,
    };
}

#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/batches.md")]
pub mod batches {}

#[cfg(doc)]
#[doc = include_str!("../docs/cli.md")]
pub mod cli {}

/// The README's programs, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

// Generated code names these by the module below. The compiler names them in its messages by the shortest path there is.
#[doc(hidden)]
pub use docket_runtime::graph::{Produces, Provides};
#[doc(hidden)]
pub use docket_runtime::step::StepIn;

/// What the macros may name. Nothing in it is for people, and nothing of it is promised.
#[doc(hidden)]
pub mod __private {
    pub use docket_runtime::batch;
    pub use docket_runtime::builder::{Bool, HasStore, NoStore, Set, StoreFor, Unset};
    pub use docket_runtime::bulk;
    pub use docket_runtime::bulk::{Answers, BulkItem, BulkOutput};
    pub use docket_runtime::chart::{
        EntrySource, GraphSource, ResourceSource, assert_plan, check_plan, write_plan,
    };
    pub use docket_runtime::execution::{
        A_FEW, Aside, At, Clearing, Crowd, Drivers, Empty, Ended, Entry, Eye, Filled, Fills, First,
        Found, Frame, Group, Held, Home, Made, Nobody, Place, Readiness, Run, SetAside, Site, Slot,
        Slots, Steps, Turn, Turned, Turns, Vacant, View, Word, any, block, driver, execute, noted,
        resolved, take, take_now,
    };
    pub use docket_runtime::explain::explain;
    pub use docket_runtime::graph::{
        Absent, BundleItem, Graph, Handle, Inner, Known, Lists, Node, Produces, Provides, Takes,
        Wiring, are_shared, are_steps, input, need, need_all, need_bulk, soft_need, step,
    };
    pub use docket_runtime::persist::Repeat;
    pub use docket_runtime::plan::{
        BatchPlan, EntryPlan, GraphPlan, Need, Output as BatchOutput, ParameterInfo, StepInfo,
        check_alone, check_batch, check_batch_output, check_entry, check_given, check_output,
        check_returned, check_step, check_stream, hows, n_places, n_rooms, places,
    };
    pub use docket_runtime::runtime::{Core, CoreBuilder, StepRow};
    pub use docket_runtime::step::{
        Answer, Answering, Asked, Failure, FunctionOf, Hashes, IntoFailure, Makes, NoResult,
        Options, Outcome, Reason, Retry, Returned, Shared, Step, StepContext, StepIn, StepOptions,
        called, context, persisted,
    };
    pub use docket_runtime::store::Scope;
    pub use docket_runtime::value::{Value, ValueError, is_codec, json};
}
