//! Aggregates of aggregates: the only barriers, and each only for those who read it.

use docket::{graph, step};
use docket_tests::{Log, ms, nodes};
use tokio::time::sleep;

nodes!(
    Id, Quick, Slow, QuickSum, Norm, Scaled, ScaledSum, Final, Whole, Side
);

#[step]
async fn quick(id: &Id, #[resource] log: &Log) -> Quick {
    sleep(ms(10)).await;
    log.stamp("quick");
    Quick(id.0)
}

#[step]
async fn slow(id: &Id, #[resource] log: &Log) -> Slow {
    sleep(ms(100)).await;
    log.stamp("slow");
    Slow(id.0)
}

#[step]
async fn quick_sum(all: &[Quick], #[resource] log: &Log) -> QuickSum {
    sleep(ms(10)).await;
    log.stamp("quick_sum");
    QuickSum(all.iter().map(|it| it.0).sum())
}

/// There once, since all that it needs is.
#[step]
async fn norm(sum: &QuickSum) -> Norm {
    sleep(ms(5)).await;
    Norm(sum.0 * 10)
}

#[step]
async fn scale(quick: &Quick, norm: &Norm, #[resource] log: &Log) -> Scaled {
    sleep(ms(10)).await;
    log.stamp("scale");
    Scaled(quick.0 + norm.0)
}

#[step]
fn scaled_sum(all: &[Scaled], sum: &QuickSum) -> ScaledSum {
    ScaledSum(all.iter().map(|it| it.0).sum::<u32>() + sum.0)
}

#[step]
fn finish(scaled: &Scaled, sum: &ScaledSum, slow: &Slow, #[resource] log: &Log) -> Final {
    log.stamp("finish");
    Final(scaled.0 * 1_000 + sum.0 + slow.0)
}

/// Of each item, with all of them in view.
#[step]
fn whole(id: &Id, all: &[Quick]) -> Whole {
    Whole(id.0 + all.iter().map(|it| it.0).sum::<u32>())
}

#[step]
fn side(whole: &Whole, slow: Option<&Slow>, sum: Option<&ScaledSum>) -> Side {
    Side(whole.0 + slow.map_or(0, |it| it.0) + sum.map_or(0, |it| it.0))
}

graph! {
    struct Stages {
        inputs { Id }
        resources { Log }
        steps { finish, scaled_sum, scale, norm, quick_sum, slow, quick, whole, side }
        async fn finals(ids: [Id]) -> [Final];
        async fn wholes(ids: [Id]) -> [Whole];
        async fn sides(ids: [Id]) -> ([Side], QuickSum);
    }
}

fn stages() -> (Stages, Log) {
    let log = Log::new();
    (Stages::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn an_aggregate_starts_when_its_column_is_there_whatever_else_items_do() {
    let (graph, log) = stages();
    let finals = graph.finals("x", [Id(1), Id(2)]).await.unwrap();
    // quick_sum 3, norm 30, scaled 31 and 32, their sum 63 + 3.
    assert_eq!(finals, [Final(31_067), Final(32_068)]);
    assert_eq!(
        log.lines(),
        [
            "10ms: quick",
            "10ms: quick",
            "20ms: quick_sum",
            "35ms: scale",
            "35ms: scale",
            "100ms: slow",
            "100ms: finish",
            "100ms: slow",
            "100ms: finish"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn stages_come_to_the_same_whatever_the_concurrency() {
    for n in [1, 2, 7, 500] {
        let (graph, log) = stages();
        let execution = || docket::Execution::new("x").max_concurrency(n);
        let finals = graph.finals(execution(), (1..=50).map(Id)).await.unwrap();
        let (sum, n_items) = (1275, 50);
        let scaled_sum = sum + n_items * sum * 10 + sum;
        for (i, it) in (1..).zip(finals) {
            assert_eq!(it, Final((i + sum * 10) * 1_000 + scaled_sum + i));
        }
        let lines = log.take();
        let count = |what: &str| {
            lines
                .iter()
                .filter(|it| it.ends_with(&format!(" {what}")))
                .count()
        };
        assert_eq!(["quick", "slow", "scale", "finish"].map(count), [50; 4]);
        let (sides, quick_sum) = graph.sides(execution(), (1..=50).map(Id)).await.unwrap();
        assert_eq!(quick_sum, QuickSum(sum));
        for (i, it) in (1..).zip(sides) {
            assert_eq!(it, Side(i + sum + i + scaled_sum));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_of_an_item_may_have_all_items_in_view() {
    for n in [1, 500] {
        let (graph, _) = stages();
        let execution = docket::Execution::new("x").max_concurrency(n);
        let wholes = graph.wholes(execution, (0..10).map(Id)).await.unwrap();
        assert!(wholes.iter().map(|it| it.0).eq((0..10).map(|it| it + 45)));
    }
}
