//! The names of the metrics. They are stable, as the page `observing` says.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

macro_rules! names {
    ($($describe:ident $name:ident = $text:literal, $unit:ident, $help:literal;)+) => {
        $(pub(super) const $name: &str = $text;)+

        pub(super) const ALL: &[&str] = &[$($name),+];

        /// Tells a recorder what they are.
        pub(super) fn describe() {
            $($describe!($name, Unit::$unit, $help);)+
        }
    };
}

names! {
    describe_counter EXECUTIONS = "docket_executions_total", Count, "Executions that ended.";
    describe_histogram EXECUTION_DURATION = "docket_execution_duration_seconds", Seconds,
        "How long executions took.";
    describe_gauge EXECUTIONS_IN_FLIGHT = "docket_executions_in_flight", Count,
        "Executions that are under way.";
    describe_counter STEPS = "docket_steps_total", Count, "Steps that ended, were skipped or dropped.";
    describe_histogram STEP_DURATION = "docket_step_duration_seconds", Seconds,
        "How long steps took, with their attempts, delays and waits.";
    describe_counter RETRIES = "docket_step_retries_total", Count,
        "Attempts that failed and were followed by another.";
    describe_counter WAITS = "docket_step_waits_total", Count,
        "Times that a step had to wait for another caller, another process, or its max_concurrency.";
    describe_counter RECONCILES = "docket_step_reconciles_total", Count,
        "Times that a reconcile function was asked.";
    describe_counter STORE_OPERATIONS = "docket_store_operations_total", Count,
        "Operations of the store.";
    describe_histogram STORE_DURATION = "docket_store_operation_duration_seconds", Seconds,
        "How long the store took to answer.";
    describe_counter BATCH_ITEMS = "docket_batch_items_total", Count, "Items of batches that ended.";
}
