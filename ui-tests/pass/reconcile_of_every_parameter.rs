//! A `reconcile` takes what its step takes, of whatever form.

use docket::{MemoryStore, Reconciled, StepContext, graph, step};

pub struct Bank;

#[docket::step]
pub fn limit(order: &u64) -> Result<i64, std::io::Error> {
    Ok(*order as i64)
}

#[docket::step]
pub fn risk(order: &u64) -> Result<bool, std::io::Error> {
    Ok(*order > 5)
}

#[step(persist = "workflow", repeat = "never", reconcile = self::bank::find, timeout = "5s")]
pub async fn charge(
    #[key] order: &u64,
    limit: Option<&i64>,
    risk: Result<&bool, &docket::Error>,
    #[resource] bank: &Bank,
    ctx: &StepContext,
) -> Result<u32, std::io::Error> {
    let _ = (limit, risk, bank, ctx);
    Ok(*order as u32)
}

mod bank {
    use super::{Bank, Reconciled, StepContext};

    type BankResult<T> = Result<T, String>;

    pub(super) async fn find(
        order: &u64,
        limit: Option<&i64>,
        risk: Result<&bool, &docket::Error>,
        bank: &Bank,
        ctx: &StepContext,
    ) -> BankResult<Reconciled<u32>> {
        let _ = (limit, risk, bank, ctx.idempotency_key());
        Ok(Reconciled::Applied(*order as u32))
    }
}

/// A plain function that blocks has a `reconcile` that does not.
#[step(persist = "global", reconcile = find_nothing, blocking)]
pub fn refund(paid: &u32) -> String {
    paid.to_string()
}

async fn find_nothing(_: &u32) -> Reconciled<String> {
    Reconciled::NotApplied
}

graph! {
    pub struct Shop {
        inputs { u64 }
        resources { Bank }
        steps { limit, risk, charge, refund }
        pub async fn pay(order: u64) -> u32;
        pub async fn pay_back(order: u64) -> String;
    }
}

#[tokio::test]
async fn a_fresh_row_is_not_asked_about() {
    let shop = Shop::builder().bank(Bank).store(MemoryStore::new()).build();
    assert_eq!(shop.pay("a", 7).await.unwrap(), 7);
    assert_eq!(shop.pay_back("a", 7).await.unwrap(), "7");
    assert_eq!(shop.counts().reconciles, 0);
    assert_eq!(shop.shutdown(std::time::Duration::ZERO).await, 0);
}
