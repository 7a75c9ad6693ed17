//! How much of a stream is there at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket::{Execution, graph, step};
use docket_tests::{Log, ms, nodes};
use futures_util::StreamExt as _;
use tokio::time::sleep;

nodes!(Ready, Slow, Limited, Uneven);

/// Says how many of it there are, and how many there were at most.
#[derive(Clone, Default)]
struct Census(Arc<(AtomicUsize, AtomicUsize)>);

struct Item {
    n: u32,
    census: Census,
}

impl Census {
    fn item(&self, n: u32) -> Item {
        let now = self.0.0.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.1.fetch_max(now, Ordering::Relaxed);
        let census = self.clone();
        Item { n, census }
    }

    fn now(&self) -> usize {
        self.0.0.load(Ordering::Relaxed)
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::Relaxed)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        self.census.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[step]
fn ready(item: &Item) -> Ready {
    Ready(item.n)
}

#[step]
async fn slow(item: &Item) -> Slow {
    sleep(ms(10)).await;
    Slow(item.n)
}

#[step(max_concurrency = 3)]
async fn limited(item: &Item, #[resource] log: &Log) -> Limited {
    log.push("in");
    sleep(ms(10)).await;
    log.push("out");
    Limited(item.n)
}

/// One in ten takes long.
#[step]
async fn uneven(item: &Item) -> Uneven {
    sleep(ms(if item.n.is_multiple_of(10) { 1_000 } else { 1 })).await;
    Uneven(item.n)
}

graph! {
    struct Items {
        inputs { Item }
        resources { Log }
        steps { ready, slow, limited, uneven }
        fn all_ready(items: [Item]) -> impl Stream<Item = docket::Result<Ready>>;
        fn all_slow(items: [Item]) -> impl Stream<Item = docket::Result<Slow>>;
        fn all_limited(items: [Item]) -> impl Stream<Item = docket::Result<Limited>>;
        fn all_uneven(items: [Item]) -> impl Stream<Item = docket::Result<Uneven>>;
        async fn a_batch(items: [Item]) -> [docket::Result<Limited>];
    }
}

fn items() -> (Items, Log, Census) {
    let log = Log::new();
    let graph = Items::builder().log(log.clone()).build();
    (graph, log, Census::default())
}

fn endless(census: &Census) -> impl Iterator<Item = Item> + Send + use<> {
    let census = census.clone();
    (0..).map(move |n| census.item(n))
}

#[tokio::test(start_paused = true)]
async fn of_endless_items_no_more_are_held_than_may_be_in_flight() {
    for n in [1, 7, 200] {
        let (graph, _, census) = items();
        let execution = || Execution::new("x").max_concurrency(n);
        let ready = graph.all_ready(execution(), endless(&census));
        let ready: Vec<u32> = ready.take(5_000).map(|it| it.unwrap().0).collect().await;
        assert!(ready.into_iter().eq(0..5_000));
        assert_eq!((census.most(), census.now()), (n, 0));

        let slow = graph.all_slow(execution(), endless(&census));
        let slow: Vec<_> = slow.take(1_000).collect().await;
        assert_eq!((slow.len(), census.most(), census.now()), (1_000, n, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_does_not_poll_stops_admission() {
    let (graph, _, census) = items();
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pulled);
    let items = endless(&census).inspect(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let execution = Execution::new("x").max_concurrency(4);
    let mut slow = graph.all_slow(execution, items);
    for taken in 1..=20 {
        slow.next().await.unwrap().unwrap();
        let before = pulled.load(Ordering::Relaxed);
        assert!(
            before < taken + 4,
            "{before} were asked for when {taken} were taken"
        );
        sleep(ms(1_000)).await;
        assert_eq!(pulled.load(Ordering::Relaxed), before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_is_taken_again_as_soon_as_its_item_is_fetched() {
    let (graph, log, census) = items();
    let execution = Execution::new("x").max_concurrency(5);
    let slow = graph.all_slow(execution, endless(&census).take(50));
    assert_eq!(slow.count().await, 50);
    assert_eq!(log.elapsed_ms(), 100);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_takes_long_holds_up_no_other() {
    let (graph, log, census) = items();
    let execution = Execution::new("x").max_concurrency(11);
    let uneven = graph.all_uneven(execution, endless(&census).take(100));
    let order: Vec<u32> = uneven.map(|it| it.unwrap().0).collect().await;
    assert!(order[..90].iter().all(|n| n % 10 != 0), "{order:?}");
    assert!(log.elapsed_ms() < 1_100);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_step_holds_across_streams_and_batches_of_one_graph() {
    let (graph, log, census) = items();
    let stream = |id| graph.all_limited(id, endless(&census).take(20)).count();
    let batch = graph.a_batch("c", endless(&census).take(20).collect::<Vec<_>>());
    let (a, b, c) = tokio::join!(stream("a"), stream("b"), batch);
    assert_eq!((a, b, c.unwrap().len()), (20, 20, 20));
    let (mut now, mut most) = (0, 0);
    for line in log.lines() {
        now = if line == "in" { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    assert_eq!(most, 3);
}

#[test]
fn items_that_are_always_ready_let_others_have_their_turn() {
    let (graph, census) = {
        let log = Log::new();
        (Items::builder().log(log).build(), Census::default())
    };
    let all = graph.all_ready("x", endless(&census).take(2_000)).count();
    let (n, polls) = docket_tests::poll::to_the_end(all, 100);
    assert_eq!(n, 2_000);
    assert!(polls > 1);
}
