//! A caller that leaves after any number of polls loses no recorded result, and has no step run twice.

use docket::store::Store;
use docket::{MemoryStore, SqliteStore, StepContext, graph, step};
use docket_tests::stores::Hindered;
use docket_tests::{Log, Oops, ms, poll};
use serde::{Deserialize, Serialize};
use tokio::task::yield_now;
use tokio::time::sleep;

macro_rules! values {
    ($($name:ident),+ $(,)?) => {
        $(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
            pub(crate) struct $name(u32);
        )+
    };
}

values!(Id, Quote, Charge, Receipt);

#[derive(Debug, PartialEq)]
pub(crate) struct Page(u32);

#[step(persist = "global", repeat = "never")]
async fn quote(id: &Id, #[resource] log: &Log) -> Quote {
    log.push("quote");
    yield_now().await;
    yield_now().await;
    Quote(id.0 + 1)
}

#[step(persist = "workflow", retry(attempts = 2, delay = "1ms"))]
async fn charge(quote: &Quote, ctx: &StepContext, #[resource] log: &Log) -> Result<Charge, Oops> {
    yield_now().await;
    if ctx.attempt() == 1 {
        return Err(Oops("again"));
    }
    log.push("charge");
    yield_now().await;
    Ok(Charge(quote.0 + 1))
}

#[step(persist = "global", spawn)]
async fn receipt(id: &Id, #[resource] log: &Log) -> Receipt {
    log.push("receipt");
    yield_now().await;
    Receipt(id.0 + 10)
}

#[step]
async fn page(charge: &Charge, receipt: &Receipt) -> Page {
    yield_now().await;
    Page(charge.0 + receipt.0)
}

graph! {
    struct Shop {
        inputs { Id }
        resources { Log }
        steps { quote, charge, receipt, page }
        async fn resolve(id: Id) -> (Page, Quote);
    }
}

/// Drops the caller after 0, 1, 2 … polls until it comes to its end, each time with another key; `settle` waits until what
/// runs in the background has ended.
async fn check<S: Store + Clone>(store: impl Fn() -> S, least: usize, settle: impl AsyncFn()) {
    let expected = |id: u32| (Page(2 * id + 12), Quote(id + 1));
    for polls in 0.. {
        let id = u32::try_from(polls).unwrap();
        let (log, store) = (Log::new(), store());
        let graph = Shop::builder()
            .log(log.clone())
            .store(store.clone())
            .build();
        let execution = format!("execution-{polls}");
        let output = poll::at_most(polls, graph.resolve(&execution, Id(id))).await;
        let is_done = output.is_some();
        if let Some(output) = output {
            assert_eq!(output.unwrap(), expected(id));
        }
        settle().await;
        let ran = log.sorted();
        let mut once = ran.clone();
        once.dedup();
        assert_eq!(ran, once, "after {polls} polls");

        // Another process: only the store is left.
        drop(graph);
        let graph = Shop::builder().log(log.clone()).store(store).build();
        assert_eq!(
            graph.resolve(&execution, Id(id)).await.unwrap(),
            expected(id),
            "after {polls} polls"
        );
        assert_eq!(
            log.sorted(),
            ["charge", "quote", "receipt"],
            "after {polls} polls"
        );
        if is_done {
            assert!(polls >= least, "{polls} polls are too few to be a test");
            return;
        }
    }
}

async fn a_minute() {
    sleep(ms(60_000)).await;
}

#[tokio::test(start_paused = true)]
async fn with_a_store_that_answers_at_once() {
    check(MemoryStore::new, 5, a_minute).await;
}

#[tokio::test(start_paused = true)]
async fn with_a_store_that_answers_after_some_turns() {
    for turns in 1..5 {
        check(|| Hindered::new(turns), 5, a_minute).await;
    }
}

/// One file for all.
#[tokio::test]
async fn with_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("steps.db").display());
    let store = SqliteStore::connect(&url).await.unwrap();
    // No clock helps here; what is under way when the second caller comes is waited for by it.
    check(|| store.clone(), 3, yield_now).await;
}

/// Two callers of one key, of which one leaves.
#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_does_not_disturb_one_who_stays() {
    for turns in 0..3 {
        for polls in 0..40 {
            let (log, store) = (Log::new(), Hindered::new(turns));
            let graph = Shop::builder().log(log.clone()).store(store).build();
            let (_, stays) = tokio::join!(
                poll::at_most(polls, graph.resolve("x", Id(1))),
                graph.resolve("x", Id(1))
            );
            assert_eq!(stays.unwrap(), (Page(14), Quote(2)));
            a_minute().await;
            assert_eq!(
                log.sorted(),
                ["charge", "quote", "receipt"],
                "{turns} turns, {polls} polls"
            );
        }
    }
}
