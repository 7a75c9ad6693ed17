use docket::{StepContext, step};

#[step(persist = "global", repeat = "never", reconcile = find_charge)]
pub async fn charge(order: &u64, ctx: &StepContext) -> Result<u32, std::io::Error> {
    let _ = ctx.idempotency_key();
    Ok(*order as u32)
}

async fn find_charge(order: &u64, ctx: &StepContext) -> Result<Option<u32>, std::io::Error> {
    let _ = (order, ctx);
    Ok(None)
}

fn main() {}
