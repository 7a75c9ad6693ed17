use docket::{Reconciled, StepContext, step};

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Order(pub std::cell::Cell<u64>);

#[step(persist = "global", repeat = "never", reconcile = find_charge)]
pub async fn charge(order: &Order, ctx: &StepContext) -> Result<u64, std::io::Error> {
    let _ = ctx.idempotency_key();
    Ok(order.0.get())
}

async fn find_charge(order: &Order, ctx: &StepContext) -> Reconciled<u64> {
    let _ = (order, ctx);
    Reconciled::StillUnknown
}

fn main() {}
