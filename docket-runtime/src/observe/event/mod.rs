//! The events, one type for each method of [`Observer`](super::Observer).

mod batch;
mod execution;
mod step;
mod store;

pub use batch::BatchProgress;
pub use execution::{ExecutionEnded, ExecutionStarted};
pub use step::{
    AttemptEnded, AttemptStarted, Reconciling, Retrying, StepEnded, StepStarted, Waiting,
    WaitingFor,
};
pub use store::{Operation, StoreAnswer, StoreAnswered};
