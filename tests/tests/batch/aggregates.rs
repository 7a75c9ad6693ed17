//! What a step that reads `&[T]` sees.

use docket::{graph, step};
use docket_tests::{Log, Oops, ms, nodes};
use tokio::time::sleep;

nodes!(Id, Half, Text, Sums, Mixed, Late);

#[step]
async fn half(id: &Id) -> Result<Half, Oops> {
    // The later, the sooner.
    sleep(ms(u64::from(100 - id.0))).await;
    if id.0 % 2 == 1 {
        return Err(Oops("odd"));
    }
    Ok(Half(id.0 / 2))
}

#[step]
fn sums(ids: &[Id], halves: &[Half], #[resource] log: &Log) -> Sums {
    log.push(format!("{} ids", ids.len()));
    log.push(format!(
        "{:?}",
        halves.iter().map(|it| it.0).collect::<Vec<_>>()
    ));
    Sums(0)
}

#[step]
async fn late(id: &Id, half: Result<&Half, &docket::Error>) -> Late {
    sleep(ms(1_000)).await;
    Late(half.map_or(100, |it| it.0) + id.0)
}

#[step]
fn mixed(late: &Late, half: Option<&Half>, sums: Result<&Sums, &docket::Error>) -> Mixed {
    Mixed(late.0 + half.map_or(0, |it| it.0) + sums.map_or(0, |it| it.0))
}

graph! {
    struct Halves {
        inputs { Id }
        resources { Log }
        steps { half, sums, late, mixed }
        async fn mix(ids: [Id]) -> [docket::Result<Mixed>];
        async fn soft_mix(ids: [Id]) -> [Mixed];
    }
}

#[tokio::test(start_paused = true)]
async fn it_sees_the_values_in_the_order_of_the_items_without_those_that_failed() {
    let log = Log::new();
    let graph = Halves::builder().log(log.clone()).build();
    let mixed = graph.mix("x", (0..6).map(Id)).await.unwrap();
    assert_eq!(log.lines(), ["6 ids", "[0, 1, 2]"]);
    let mixed: Vec<u32> = mixed.into_iter().map(|it| it.unwrap().0).collect();
    assert_eq!(mixed, [0, 101, 4, 103, 8, 105]);
}

/// `late` borrows the halves for a second, while they are all there. They would have to move for the slice, which is
/// therefore only made when `late` is done.
#[tokio::test(start_paused = true)]
async fn a_value_that_a_step_reads_does_not_move() {
    for n in [1, 3, 500] {
        let log = Log::new();
        let graph = Halves::builder().log(log.clone()).build();
        let execution = docket::Execution::new("x").max_concurrency(n);
        let mixed = graph.mix(execution, (0..6).map(Id)).await.unwrap();
        let mixed: Vec<u32> = mixed.into_iter().map(|it| it.unwrap().0).collect();
        assert_eq!(mixed, [0, 101, 4, 103, 8, 105]);
        assert_eq!(log.lines(), ["6 ids", "[0, 1, 2]"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_needed_softly_may_be_missing_in_a_slice_of_any_form() {
    let log = Log::new();
    let graph = Halves::builder().log(log.clone()).build();
    let mixed = graph.soft_mix("x", (0..4).map(Id)).await.unwrap();
    assert_eq!(mixed, [Mixed(0), Mixed(101), Mixed(4), Mixed(103)]);
    assert_eq!(log.lines(), ["4 ids", "[0, 1]"]);
}
