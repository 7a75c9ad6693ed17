use docket::{Reconciled, StepContext, step};

#[step(persist = "global", repeat = "never", reconcile = find_charge)]
pub async fn charge(order: &u64, ctx: &StepContext) -> Result<u32, std::io::Error> {
    let _ = ctx.idempotency_key();
    Ok(*order as u32)
}

pub async fn find_charge(order: &u64, ctx: &StepContext) -> Reconciled<u32> {
    let _ = (order, ctx);
    Reconciled::StillUnknown
}

fn main() {}
