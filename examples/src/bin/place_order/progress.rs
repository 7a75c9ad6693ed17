//! An [`Observer`] that prints what becomes of each step, as soon as it is known: a process that crashes has said so far
//! what it did.

use std::io::{self, Write as _};

use docket::observe::{Origin, StepEnded, StepOutcome};
use docket::store::Scope;
use docket::{Observer, Repeat, Step};
use docket_examples::Style;

use crate::crash::CrashPoint;
use crate::{
    apply_discounts, calculate_pricing, check_inventory, finalize_order, process_payment,
    reserve_inventory, validate_order,
};

pub(crate) struct Progress {
    pub(crate) style: Style,
    pub(crate) crash: Option<CrashPoint>,
}

impl Observer for Progress {
    fn step_ended(&self, event: &StepEnded<'_>) {
        let Self { style, crash } = *self;
        let outcome = match event.outcome {
            StepOutcome::Made(Origin::Ran) => "ran".to_owned(),
            StepOutcome::Made(Origin::Hit) => style.green("from the store"),
            StepOutcome::Made(Origin::Joined) => style.green("from another run of this order"),
            StepOutcome::Made(Origin::Reconciled) => style.green("reconciled: it was done already"),
            // Why is told at the end, where the whole order fails with it.
            StepOutcome::Failed(_) => style.red("failed"),
            // There are more outcomes, and may be others one day. Each can say what it is.
            ref other => style.yellow(&other.to_string()),
        };
        let durability = style.dim(&format!("{:<16}", durability(event.step)));
        // If nobody reads it, the order goes on all the same.
        let _ = writeln!(
            io::stdout(),
            "  {:<17}  {durability}  {outcome}",
            event.step
        );
        if let (Some(crash), StepOutcome::Made(_)) = (crash, &event.outcome)
            && crash.step() == Some(event.step)
        {
            crash.crash();
        }
    }
}

/// How durable the step of that name is: what its attribute says.
fn durability(step: &str) -> String {
    let options = [
        (validate_order::NAME, validate_order::OPTIONS),
        (calculate_pricing::NAME, calculate_pricing::OPTIONS),
        (apply_discounts::NAME, apply_discounts::OPTIONS),
        (check_inventory::NAME, check_inventory::OPTIONS),
        (reserve_inventory::NAME, reserve_inventory::OPTIONS),
        (process_payment::NAME, process_payment::OPTIONS),
        (finalize_order::NAME, finalize_order::OPTIONS),
    ];
    let options = options.into_iter().find(|(name, _)| *name == step);
    let Some((scope, repeat)) = options.and_then(|(_, it)| Some((it.persist?, it.repeat))) else {
        return "plain".to_owned();
    };
    let scope = match scope {
        Scope::Global => "global",
        Scope::Workflow => "workflow",
    };
    let repeat = match repeat {
        Repeat::Free => "free",
        Repeat::Keyed => "keyed",
        Repeat::Never => "never",
    };
    format!("{scope}, {repeat}")
}
