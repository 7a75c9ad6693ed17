//! How much is in flight, and that nothing waits for what it does not need.

use docket::{Execution, graph, step};
use docket_tests::{Log, ms, nodes, poll};
use tokio::time::sleep;

nodes!(Id, Slow, Fetched, Ranked, Limited, Sum, Fast);

/// Item 0 takes 50 to fetch, and 1 takes 5; ranking takes as long the other way round.
#[step]
async fn fetch(id: &Id, #[resource] log: &Log) -> Fetched {
    sleep(ms(if id.0 == 0 { 50 } else { 5 })).await;
    log.stamp(&format!("fetched {}", id.0));
    Fetched(id.0)
}

#[step]
async fn rank(fetched: &Fetched, #[resource] log: &Log) -> Ranked {
    log.stamp(&format!("rank {}", fetched.0));
    sleep(ms(if fetched.0 == 0 { 50 } else { 95 })).await;
    Ranked(fetched.0)
}

#[step(max_concurrency = 3)]
async fn limited(id: &Id, #[resource] log: &Log) -> Limited {
    log.push("in");
    sleep(ms(10)).await;
    log.push("out");
    Limited(id.0)
}

#[step]
async fn slow(id: &Id, #[resource] log: &Log) -> Slow {
    log.push("in");
    sleep(ms(u64::from(id.0 % 7))).await;
    log.push("out");
    Slow(id.0)
}

#[step]
fn sum(all: &[Slow]) -> Sum {
    Sum(all.iter().map(|it| it.0).sum())
}

#[step]
async fn fast(id: &Id, slow: &Slow, sum: &Sum) -> Fast {
    sleep(ms(1)).await;
    Fast(id.0 + slow.0 + sum.0)
}

graph! {
    struct Ids {
        inputs { Id }
        resources { Log }
        steps { fetch, rank, limited, slow, sum, fast }
        async fn ranked(ids: [Id]) -> [Ranked];
        async fn limited_ids(ids: [Id]) -> [Limited];
        async fn staged(ids: [Id]) -> [Fast];
    }
}

fn ids() -> (Ids, Log) {
    let log = Log::new();
    (Ids::builder().log(log.clone()).build(), log)
}

/// The largest number of `in` without their `out`.
pub(super) fn most_at_once(lines: &[String]) -> usize {
    let (mut now, mut most) = (0, 0);
    for line in lines {
        match line.as_str() {
            "in" => now += 1,
            "out" => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

#[tokio::test(start_paused = true)]
async fn no_item_waits_for_another_the_batch_takes_the_time_of_its_longest_item() {
    let (graph, log) = ids();
    let ranked = graph.ranked("x", [Id(0), Id(1)]).await.unwrap();
    assert_eq!(ranked, [Ranked(0), Ranked(1)]);
    // Fetching all before ranking any would take 50 + 95.
    assert_eq!(log.elapsed_ms(), 100);
    assert_eq!(
        log.lines(),
        [
            "5ms: fetched 1",
            "5ms: rank 1",
            "50ms: fetched 0",
            "50ms: rank 0"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn so_many_items_are_in_flight_as_the_execution_allows() {
    for n in [1, 7, 500] {
        let (graph, log) = ids();
        let execution = Execution::new("x").max_concurrency(n);
        let fast = graph.staged(execution, (0..200).map(Id)).await.unwrap();
        let sum: u32 = (0..200).sum();
        assert!(
            fast.iter()
                .map(|it| it.0)
                .eq((0..200).map(|it| 2 * it + sum))
        );
        let most = most_at_once(&log.lines());
        // Those of no delay end at once.
        assert!(most <= n && (most == n || n > 200), "{most} of {n}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_waits_for_an_aggregate_gives_its_place_away() {
    let (graph, log) = ids();
    // Were the first to keep the only place until the sum is there, the sum would never be.
    let execution = Execution::new("x").max_concurrency(1);
    let fast = graph.staged(execution, (0..10).map(Id)).await.unwrap();
    assert_eq!(fast.len(), 10);
    assert_eq!(most_at_once(&log.lines()), 1);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_step_holds_across_concurrent_batches_of_one_graph() {
    let (graph, log) = ids();
    let (a, b) = tokio::join!(
        graph.limited_ids("a", (0..20).map(Id)),
        graph.limited_ids("b", (0..20).map(Id)),
    );
    assert_eq!((a.unwrap().len(), b.unwrap().len()), (20, 20));
    assert_eq!(most_at_once(&log.lines()), 3);
}

#[tokio::test(start_paused = true)]
async fn counts_are_equal_whatever_the_concurrency() {
    let mut all = Vec::new();
    for n in [1, 7, 500] {
        let (graph, log) = ids();
        let execution = Execution::new("x").max_concurrency(n);
        let fast = graph.staged(execution, (0..300).map(Id)).await.unwrap();
        all.push((fast, log.count("in"), log.count("out")));
    }
    assert!(all.iter().all(|it| *it == all[0] && it.1 == 300));
}

#[tokio::test]
#[should_panic(expected = "`max_concurrency` is 1 or more")]
async fn no_items_in_flight_are_refused() {
    let _ = Execution::new("x").max_concurrency(0);
}

mod ready {
    use super::*;

    nodes!(Twice);

    #[step]
    fn twice(id: &Id) -> Twice {
        Twice(2 * id.0)
    }

    graph! {
        struct Ready {
            inputs { Id }
            steps { twice }
            async fn twice_all(ids: [Id]) -> [Twice];
        }
    }

    #[test]
    fn a_long_batch_lets_others_have_their_turn() {
        let graph = Ready::builder().build();
        let (twice, polls) = poll::to_the_end(graph.twice_all("x", (0..2_000).map(Id)), 100);
        assert_eq!(twice.unwrap().len(), 2_000);
        assert!(polls > 1);
    }
}
