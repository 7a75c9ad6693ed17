//! Values that have expired, and are used while another is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use docket::StepOptions;

use super::*;

for_each_store! {
    an_expired_value_is_used_at_once_and_made_anew_in_the_background,
    without_stale_an_expired_value_is_made_anew_first,
}

#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize, docket::Value)]
struct Rate(u64);

/// Each rate that it gives is one more than the last, and takes a while.
#[derive(Clone, Default)]
struct Bank(Arc<AtomicU64>);

#[step(persist = "global", repeat = "free", ttl = "1h", stale = "1h")]
async fn fetch_rate(order: &OrderId, #[resource] bank: &Bank) -> Rate {
    let _ = order;
    tokio::time::sleep(ms(500)).await;
    Rate(bank.0.fetch_add(1, Ordering::SeqCst) + 1)
}

graph! {
    struct Rates {
        inputs { OrderId }
        resources { Bank }
        steps { fetch_rate }
        async fn rate(order: OrderId) -> Rate;
    }
}

/// So long does a rate count here.
const TTL: Duration = Duration::from_millis(200);

fn rates(store: &(impl Store + Clone), bank: &Bank, options: StepOptions) -> Rates {
    Rates::builder()
        .bank(bank.clone())
        .store(store.clone())
        .configure::<fetch_rate>(options.ttl(TTL))
        .build()
}

async fn an_expired_value_is_used_at_once_and_made_anew_in_the_background(
    store: impl Store + Clone,
) {
    let bank = Bank::default();
    // Two processes.
    let [rates, others] = [(); 2].map(|()| rates(&store, &bank, StepOptions::new()));
    assert_eq!(rates.rate("a", order(1)).await.unwrap(), Rate(1));
    tokio::time::sleep(TTL + ms(20)).await;
    assert_eq!(rates.rate("b", order(1)).await.unwrap(), Rate(1));
    assert_eq!(others.rate("c", order(1)).await.unwrap(), Rate(1));
    // What was begun in the background is waited for.
    assert_eq!(rates.shutdown(Duration::from_secs(30)).await, 0);
    let again = others.rate("d", order(1)).await.unwrap();
    assert!(again >= Rate(2), "{again:?}");
    assert_eq!((rates.counts().stale, rates.counts().claimed), (1, 2));
}

async fn without_stale_an_expired_value_is_made_anew_first(store: impl Store + Clone) {
    let rates = rates(&store, &Bank::default(), StepOptions::new().no_stale());
    assert_eq!(rates.rate("a", order(1)).await.unwrap(), Rate(1));
    tokio::time::sleep(TTL + ms(20)).await;
    assert_eq!(rates.rate("b", order(1)).await.unwrap(), Rate(2));
    assert_eq!(rates.counts().stale, 0);
}
