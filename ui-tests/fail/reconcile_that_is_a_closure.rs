use docket::{StepContext, step};

#[step(persist = "global", repeat = "never", reconcile = |_, _| async { None })]
pub async fn charge(order: &u64, ctx: &StepContext) -> Result<u32, std::io::Error> {
    let _ = ctx.idempotency_key();
    Ok(*order as u32)
}

fn main() {}
