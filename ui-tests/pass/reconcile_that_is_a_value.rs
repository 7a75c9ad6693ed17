use docket::{Reconciled, StepContext, step};

#[step(persist = "global", repeat = "never", reconcile = found)]
pub async fn charge(order: &u64, ctx: &StepContext) -> Result<u32, std::io::Error> {
    let _ = ctx.idempotency_key();
    Ok(*order as u32)
}

async fn found(_: &u64, _: &StepContext) -> Reconciled<u32> {
    Reconciled::Applied(1)
}

fn main() {}
