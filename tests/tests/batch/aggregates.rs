//! What a step that reads `&[T]` sees.

use docket::{graph, step};
use docket_tests::{Log, Oops, ms, nodes};
use tokio::time::sleep;

nodes!(Id, Half, Text, Sums, Mixed, Late, Picky, Picked);

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

#[step(retry(attempts = 2, delay = "5ms"))]
async fn picky(ids: &[Id], #[resource] log: &Log) -> Result<Picky, Oops> {
    log.push(format!("picky {}", ids.len()));
    match ids {
        [] => Ok(Picky(0)),
        _ => Err(Oops("too many")),
    }
}

#[step]
fn pick(id: &Id, picky: &Picky) -> Picked {
    Picked(id.0 + picky.0)
}

graph! {
    struct Halves {
        inputs { Id }
        resources { Log }
        steps { half, sums, late, mixed, picky, pick }
        async fn mix(ids: [Id]) -> [docket::Result<Mixed>];
        async fn soft_mix(ids: [Id]) -> [Mixed];
        async fn picked(ids: [Id]) -> [Picked];
        async fn try_picked(ids: [Id]) -> [docket::Result<Picked>];
        async fn picky_alone(ids: [Id]) -> Picky;
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

#[tokio::test(start_paused = true)]
async fn its_failure_is_that_of_all_items_after_its_retries() {
    let log = Log::new();
    let graph = Halves::builder().log(log.clone()).build();
    for error in [
        graph.picked("x", [Id(1), Id(2)]).await.unwrap_err(),
        graph.try_picked("x", [Id(1), Id(2)]).await.unwrap_err(),
        graph.picky_alone("x", [Id(1), Id(2)]).await.unwrap_err(),
    ] {
        assert_eq!((error.step(), error.attempts()), (Some("picky"), 2));
        assert_eq!(
            (error.item(), error.downcast_ref()),
            (None, Some(&Oops("too many")))
        );
    }
    assert_eq!((log.count("picky 2"), log.elapsed_ms()), (6, 15));
    assert_eq!(graph.picky_alone("x", []).await.unwrap(), Picky(0));
}
