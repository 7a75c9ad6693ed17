//! Failed attempts are repeated: after which delays, on which errors, and until when.

use docket::{ErrorKind, StepContext, graph, step};
use docket_tests::{Log, Oops, ms, nodes, poll};
use tokio::time::sleep;

nodes!(Id, A, B, C, D, E, F, G, H, I, J);

fn attempt(log: &Log, ctx: &StepContext) {
    log.push(format!("{}@{}", ctx.attempt(), log.elapsed_ms()));
}

#[step(retry(attempts = 4, delay = "10ms"))]
async fn fixed(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<A, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

#[step(retry(attempts = 5, initial = "10ms", factor = 3.0))]
async fn exponential(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<B, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

#[step(retry(attempts = 5, initial = "10ms", max_delay = "25ms"))]
async fn bounded(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<C, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

#[step(retry(attempts = 3))]
async fn by_default(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<D, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

#[step(retry(attempts = 4, initial = "100ms", jitter))]
async fn jittered(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<E, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

#[step(retry(attempts = 9, delay = "10ms"))]
async fn succeeds_third(id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<F, Oops> {
    attempt(log, ctx);
    if ctx.attempt() < 3 {
        Err(Oops("down"))
    } else {
        Ok(F(id.0))
    }
}

fn is_down(error: &Oops) -> bool {
    error.0 == "down"
}

#[step(retry(attempts = 9, delay = "10ms"), retry_if = is_down)]
async fn chosen(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<G, Oops> {
    attempt(log, ctx);
    Err(if ctx.attempt() < 3 {
        Oops("down")
    } else {
        Oops("no such user")
    })
}

/// A plain function is retried as well.
#[step(retry(attempts = 3, delay = "10ms"))]
fn sync(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<H, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

#[step(spawn, retry(attempts = 3, delay = "10ms"))]
async fn spawned(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<I, Oops> {
    attempt(log, ctx);
    Err(Oops("down"))
}

/// The delay counts from the end of an attempt.
#[step(retry(attempts = 3, delay = "10ms"))]
async fn slow(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<J, Oops> {
    attempt(log, ctx);
    sleep(ms(7)).await;
    Err(Oops("down"))
}

graph! {
    struct Retries {
        inputs { Id }
        resources { Log }
        steps { fixed, exponential, bounded, by_default, jittered, succeeds_third, chosen, sync, spawned, slow }
        async fn fixed(id: Id) -> A;
        async fn exponential(id: Id) -> B;
        async fn bounded(id: Id) -> C;
        async fn by_default(id: Id) -> D;
        async fn jittered(id: Id) -> E;
        async fn succeeds_third(id: Id) -> F;
        async fn chosen(id: Id) -> G;
        async fn sync(id: Id) -> H;
        async fn spawned(id: Id) -> I;
        async fn slow(id: Id) -> J;
    }
}

fn graph() -> (Retries, Log) {
    let log = Log::new();
    (Retries::builder().log(log.clone()).build(), log)
}

#[tokio::test(start_paused = true)]
async fn fixed_delays_are_the_same_each_time() {
    let (graph, log) = graph();
    let error = graph.fixed("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["1@0", "2@10", "3@20", "4@30"]);
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Failed, 4));
    assert_eq!(
        log.elapsed_ms(),
        30,
        "there is no delay after the last attempt"
    );
}

#[tokio::test(start_paused = true)]
async fn exponential_delays_grow_by_their_factor() {
    let (graph, log) = graph();
    graph.exponential("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["1@0", "2@10", "3@40", "4@130", "5@400"]);
}

#[tokio::test(start_paused = true)]
async fn delays_grow_up_to_max_delay_and_double_by_default() {
    let (graph, log) = graph();
    graph.bounded("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["1@0", "2@10", "3@30", "4@55", "5@80"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_delay_is_100_ms_by_default() {
    let (graph, log) = graph();
    graph.by_default("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["1@0", "2@100", "3@300"]);
}

#[tokio::test(start_paused = true)]
async fn jitter_draws_each_delay_between_its_half_and_its_whole() {
    let mut totals = Vec::new();
    for _ in 0..50 {
        let (graph, log) = graph();
        graph.jittered("x", Id(0)).await.unwrap_err();
        let at: Vec<u64> = log
            .lines()
            .iter()
            .map(|line| line.split_once('@').unwrap().1.parse().unwrap())
            .collect();
        for (i, whole) in [100, 200, 400].into_iter().enumerate() {
            let delay = at[i + 1] - at[i];
            // The clock of tokio counts whole milliseconds.
            assert!(
                (whole / 2..=whole + 1).contains(&delay),
                "delay {i} is {delay} ms"
            );
        }
        totals.push(at[3]);
    }
    totals.dedup();
    assert!(
        totals.len() > 1,
        "they differ from one execution to the next"
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_success_ends_the_attempts() {
    let (graph, log) = graph();
    assert_eq!(graph.succeeds_third("x", Id(5)).await.unwrap(), F(5));
    assert_eq!(log.lines(), ["1@0", "2@10", "3@20"]);
}

#[tokio::test(start_paused = true)]
async fn retry_if_chooses_which_errors_are_worth_another_attempt() {
    let (graph, log) = graph();
    let error = graph.chosen("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["1@0", "2@10", "3@20"]);
    assert_eq!(
        error.downcast_ref(),
        Some(&Oops("no such user")),
        "the error is that of the last attempt"
    );
    assert_eq!(error.attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn plain_functions_and_tasks_are_retried_as_well() {
    let (graph, log) = graph();
    graph.sync("x", Id(0)).await.unwrap_err();
    assert_eq!(log.take(), ["1@0", "2@10", "3@20"]);
    graph.spawned("x", Id(0)).await.unwrap_err();
    assert_eq!(log.take(), ["1@20", "2@30", "3@40"]);
}

#[tokio::test(start_paused = true)]
async fn a_delay_counts_from_the_end_of_an_attempt() {
    let (graph, log) = graph();
    graph.slow("x", Id(0)).await.unwrap_err();
    assert_eq!(log.lines(), ["1@0", "2@17", "3@34"]);
}

#[tokio::test(start_paused = true)]
async fn retries_stop_when_the_caller_is_gone() {
    let (graph, log) = graph();
    assert!(
        tokio::time::timeout(ms(15), graph.fixed("x", Id(0)))
            .await
            .is_err()
    );
    assert!(
        tokio::time::timeout(ms(15), graph.spawned("x", Id(0)))
            .await
            .is_err()
    );
    assert_eq!(log.take(), ["1@0", "2@10", "1@15", "2@25"]);
    sleep(ms(1_000)).await;
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn retries_stop_when_a_caller_leaves_after_one_poll() {
    let (graph, log) = graph();
    assert!(poll::at_most(1, graph.fixed("x", Id(0))).await.is_none());
    sleep(ms(1_000)).await;
    assert_eq!(log.lines(), ["1@0"]);
}

#[tokio::test(start_paused = true)]
async fn retries_stop_at_the_deadline_of_the_execution() {
    let (graph, log) = graph();
    let error = graph
        .fixed(docket::Execution::new("x").timeout(ms(15)), Id(0))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.elapsed_ms(), 15);
    sleep(ms(1_000)).await;
    assert_eq!(log.lines(), ["1@0", "2@10"]);
}
