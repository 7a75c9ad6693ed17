//! [`StepContext`]: what a step may know of the call it is in.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::ExecutionId;
use crate::persist::Annotations;

/// What a step may know of the call it is in. Ask for it with a parameter `ctx: &StepContext`.
///
/// ```
/// # use docket_runtime::StepContext;
/// async fn charge(ctx: &StepContext) -> String {
///     format!("attempt {} of {} in {}", ctx.attempt(), ctx.step(), ctx.execution_id())
/// }
/// ```
#[derive(Clone)]
pub struct StepContext {
    pub(crate) execution_id: ExecutionId,
    pub(crate) step: &'static str,
    pub(crate) attempt: u32,
    pub(crate) deadline: Option<Instant>,
    /// Of a step that persists, or is called for many items.
    pub(crate) record: Option<Record>,
    pub(crate) items_failed: usize,
    /// Of a batch, which the step runs for.
    pub(crate) item: Option<usize>,
}

/// The key of this call, and where it annotates.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) idempotency_key: Arc<str>,
    pub(crate) annotations: Annotations,
    /// Whether there is a row. Then the call goes to its end when the execution is over.
    pub(crate) is_recorded: bool,
}

impl StepContext {
    /// The id of the execution, as the caller gave it.
    pub fn execution_id(&self) -> &str {
        self.execution_id.as_str()
    }

    /// The name of this step.
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// Which attempt this is within this execution, from 1. In a `reconcile` function it is 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// A key for providers that drop a request they have seen: the same for each attempt and each later run of one call
    /// of a persisted step, in every process, and another for any other call. 56 characters of `a-z`, `0-9` and `_`.
    ///
    /// For a step without `persist` it is made of the execution id, the step's name and, where the step runs for one item of a
    /// batch, the place of that item: the same for each attempt. Each
    /// call of a step with `bulk`, which is for many items, has one that its attempts share, and no later call.
    pub fn idempotency_key(&self) -> String {
        match &self.record {
            Some(record) => record.idempotency_key.as_ref().to_owned(),
            None => {
                crate::key::unrecorded_idempotency_key(self.execution_id(), self.step, self.item)
            }
        }
    }

    /// When the execution ends, done or not; `None` where neither the caller nor the graph set a limit.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How many items of the batch are not among those that this step reads as `&[T]`, since what makes their `T` failed.
    /// Where it reads several slices, the one that lacks most counts; where it reads none, it is 0.
    pub fn items_failed(&self) -> usize {
        self.items_failed
    }

    /// Writes `key` and `value` beside the recorded result, into the column `metadata`, for people who query the table.
    /// A later value of one key replaces the earlier. In a step without `persist` there is no row, and it does nothing.
    ///
    /// They may take 4 KiB in all. Beyond that, the largest are left out, and `annotations_dropped` says how many: they
    /// are not worth the loss of the result.
    pub fn annotate(&self, key: &str, value: impl Into<serde_json::Value>) {
        if let Some(record) = &self.record {
            record.annotations.annotate(key, value);
        }
    }
}

/// The context of a step that asks for it, which is always run with one.
pub fn context(context: Option<&StepContext>) -> &StepContext {
    context.expect("a step that takes a context is not run as a plain one")
}

impl fmt::Debug for StepContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            execution_id,
            step,
            attempt,
            deadline,
            record,
            items_failed: _,
            item,
        } = self;
        f.debug_struct("StepContext")
            .field("execution_id", &execution_id.as_str())
            .field("step", step)
            .field("attempt", attempt)
            .field("deadline", deadline)
            .field("item", item)
            .field(
                "persisted",
                &record.as_ref().is_some_and(|record| record.is_recorded),
            )
            .finish()
    }
}
