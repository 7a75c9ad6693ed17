//! What happened, as lines.

use docket::testing::{EventLog, FaultyStore, timed};
use docket::{MemoryStore, graph, step};
use std::time::Duration;

use crate::shop::{Closed, Ran, Shop, UserId};

struct Id(u32);
struct Slow;
struct Flaky;
struct End;

#[step]
async fn slow(_id: &Id) -> Slow {
    tokio::time::sleep(Duration::from_millis(80)).await;
    Slow
}

#[step(retry(attempts = 2, delay = "50ms"))]
async fn flaky(id: &Id, ctx: &docket::StepContext) -> Result<Flaky, Closed> {
    tokio::time::sleep(Duration::from_millis(10)).await;
    if ctx.attempt() > id.0 {
        Ok(Flaky)
    } else {
        Err(Closed)
    }
}

#[step]
fn end(_slow: &Slow, _flaky: Option<&Flaky>) -> End {
    End
}

graph! {
    struct Log {
        inputs { Id }
        steps { slow, flaky, end }
        async fn end(id: Id) -> End;
    }
}

#[tokio::test(start_paused = true)]
async fn at_first_there_are_ends_and_retries() {
    let log = EventLog::new();
    let graph = Log::builder().observer(log.clone()).build();
    graph.end("x", Id(1)).await.unwrap();
    assert_eq!(
        log.take(),
        ["flaky retries in 50ms", "flaky ran", "slow ran", "end ran"]
    );
    graph.end("y", Id(2)).await.unwrap();
    assert_eq!(
        log.step("flaky"),
        ["flaky retries in 50ms", "flaky softened: Failed"]
    );
    assert_eq!(log.of("y").len(), 4);
    assert_eq!(log.of("x"), [""; 0]);
    assert_eq!(log.count("end ran"), 1);
}

#[tokio::test(start_paused = true)]
async fn all_there_is_comes_in_the_order_of_its_time() {
    let log = EventLog::new().starts().attempts().executions().times();
    let graph = Log::builder().observer(log.clone()).build();
    let (end, took) = timed(graph.end("x", Id(1))).await;
    end.unwrap();
    assert_eq!(took, Duration::from_millis(80));
    assert_eq!(
        log.lines(),
        [
            "0ms x Log::end starts",
            "0ms slow starts",
            "0ms slow attempt 1",
            "0ms flaky starts",
            "0ms flaky attempt 1",
            "10ms flaky attempt 1: Failed",
            "10ms flaky retries in 50ms",
            "60ms flaky attempt 2",
            "70ms flaky attempt 2: ok",
            "70ms flaky ran",
            "80ms slow attempt 1: ok",
            "80ms slow ran",
            "80ms end starts",
            "80ms end attempt 1",
            "80ms end attempt 1: ok",
            "80ms end ran",
            "80ms x Log::end resolved",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_batch_are_named() {
    let log = EventLog::new();
    let shop = Shop::builder()
        .ran(Ran::default())
        .store(FaultyStore::new(MemoryStore::new()))
        .observer(log.clone())
        .build();
    shop.total("x", [UserId(1), UserId(2)]).await.unwrap();
    assert_eq!(
        log.sorted(),
        ["add_up ran", "score_credit[0] ran", "score_credit[1] ran"]
    );
}
