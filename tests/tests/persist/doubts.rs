//! Steps of which nobody knows how they ended, and those that fail, time out and are tried again, on their way through the
//! store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use docket::{ErrorKind, MemoryStore, Reconciled, StepContext, StepError, graph, step};
use docket_tests::{Log, Oops, Tell, hang, ms};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

macro_rules! values {
    ($($name:ident),+ $(,)?) => {
        $(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
            pub(crate) struct $name(u32);
        )+
    };
}

values!(
    Id,
    Charge,
    Checked,
    SlowlyChecked,
    Keyed,
    Late,
    LateOnce,
    Tried,
    Chosen
);

/// What the bank knows, and whether its answers arrive.
#[derive(Clone, Default)]
pub(crate) struct Bank {
    charges: Arc<Mutex<Vec<String>>>,
    drops_requests: Arc<AtomicBool>,
    drops_replies: Arc<AtomicBool>,
    is_closed: Arc<AtomicBool>,
}

impl Bank {
    fn charge(&self, key: String) -> Result<(), StepError> {
        if !self.drops_requests.load(Ordering::Relaxed) {
            self.charges.lock().unwrap().push(key);
        }
        if self.drops_replies.load(Ordering::Relaxed) {
            return Err(docket::in_doubt(Oops("no reply")));
        }
        Ok(())
    }

    fn find(&self, key: &str) -> Result<bool, Oops> {
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(Oops("the bank is closed"));
        }
        Ok(self.charges.lock().unwrap().iter().any(|it| it == key))
    }

    fn n_charges(&self) -> usize {
        self.charges.lock().unwrap().len()
    }
}

#[step(persist = "global", repeat = "never")]
async fn charge(
    id: &Id,
    #[resource] bank: &Bank,
    ctx: &StepContext,
    #[resource] log: &Log,
) -> Result<Charge, StepError> {
    log.push("charge");
    bank.charge(ctx.idempotency_key())?;
    Ok(Charge(id.0))
}

#[step(persist = "global", repeat = "never", reconcile = find)]
async fn checked(
    id: &Id,
    #[resource] bank: &Bank,
    ctx: &StepContext,
    #[resource] log: &Log,
) -> Result<Checked, StepError> {
    log.push(format!("charge {}", ctx.idempotency_key()));
    bank.charge(ctx.idempotency_key())?;
    Ok(Checked(id.0))
}

async fn find(
    id: &Id,
    bank: &Bank,
    ctx: &StepContext,
    log: &Log,
) -> Result<Reconciled<Checked>, Oops> {
    log.push(format!("find {}", ctx.idempotency_key()));
    Ok(match bank.find(&ctx.idempotency_key())? {
        true => Reconciled::Applied(Checked(id.0)),
        false => Reconciled::NotApplied,
    })
}

#[step(persist = "global", repeat = "never", reconcile = find_slowly, timeout = "2s")]
async fn slowly_checked(_id: &Id, #[resource] log: &Log) -> SlowlyChecked {
    hang(log, "slowly_checked").await
}

async fn find_slowly(_id: &Id, log: &Log) -> Reconciled<SlowlyChecked> {
    hang(log, "find_slowly").await
}

#[step(persist = "global")]
async fn keyed(
    id: &Id,
    #[resource] bank: &Bank,
    ctx: &StepContext,
    #[resource] log: &Log,
) -> Result<Keyed, StepError> {
    log.push(ctx.idempotency_key());
    bank.charge(ctx.idempotency_key())?;
    Ok(Keyed(id.0))
}

#[step(persist = "global", timeout = "2s", retry(attempts = 2, delay = "1s"))]
async fn late(_id: &Id, #[resource] log: &Log) -> Late {
    log.stamp("late");
    hang(log, "late").await
}

#[step(persist = "global", repeat = "never", timeout = "2s")]
async fn late_once(_id: &Id, #[resource] log: &Log) -> LateOnce {
    log.stamp("late_once");
    hang(log, "late_once").await
}

#[step(persist = "global", retry(attempts = 3, delay = "1s"))]
async fn tried(_id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<Tried, Oops> {
    log.stamp(&format!("{} {}", ctx.attempt(), ctx.idempotency_key()));
    Err(Oops("down"))
}

#[step(persist = "global", retry(attempts = 3, delay = "1s"), retry_if = is_transient)]
async fn chosen(id: &Id, ctx: &StepContext, #[resource] log: &Log) -> Result<Chosen, Oops> {
    log.push(format!("{} attempt {}", id.0, ctx.attempt()));
    Err(Oops(if id.0 == 1 { "down" } else { "declined" }))
}

fn is_transient(error: &Oops) -> bool {
    error.0 == "down"
}

graph! {
    struct Payments {
        inputs { Id }
        resources { Bank, Log }
        steps { charge, checked, slowly_checked, keyed, late, late_once, tried, chosen }
        async fn charge(id: Id) -> Charge;
        async fn checked(id: Id) -> Checked;
        async fn slowly_checked(id: Id) -> SlowlyChecked;
        async fn keyed(id: Id) -> Keyed;
        async fn late(id: Id) -> Late;
        async fn late_once(id: Id) -> LateOnce;
        async fn tried(id: Id) -> Tried;
        async fn chosen(id: Id) -> Chosen;
    }
}

struct World {
    graph: Payments,
    bank: Bank,
    log: Log,
    told: Log,
}

fn world() -> World {
    let (bank, log, told) = (Bank::default(), Log::new(), Log::new());
    let graph = Payments::builder()
        .bank(bank.clone())
        .log(log.clone())
        .store(MemoryStore::new())
        .observer(Tell(told.clone()))
        .build();
    World {
        graph,
        bank,
        log,
        told,
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_says_it_is_in_doubt_is_not_run_again_under_never() {
    let World {
        graph, bank, log, ..
    } = world();
    bank.drops_replies.store(true, Ordering::Relaxed);
    let error = graph.charge("a", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert_eq!(error.downcast_ref(), Some(&Oops("no reply")));
    bank.drops_replies.store(false, Ordering::Relaxed);
    let error = graph.charge("b", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert!(error.to_string().contains("(no reply)"), "{error}");
    assert_eq!(
        (log.lines(), bank.n_charges()),
        (vec!["charge".to_owned()], 1)
    );
}

#[tokio::test(start_paused = true)]
async fn under_keyed_it_runs_again_with_the_same_key() {
    let World {
        graph, bank, log, ..
    } = world();
    bank.drops_replies.store(true, Ordering::Relaxed);
    let error = graph.keyed("a", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    bank.drops_replies.store(false, Ordering::Relaxed);
    assert_eq!(graph.keyed("b", Id(1)).await.unwrap(), Keyed(1));
    let keys = log.lines();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test(start_paused = true)]
async fn what_was_applied_is_found_and_not_done_again() {
    let World {
        graph,
        bank,
        log,
        told,
    } = world();
    bank.drops_replies.store(true, Ordering::Relaxed);
    graph.checked("a", Id(1)).await.unwrap_err();
    let asked = log.take().remove(0).replace("charge", "find");
    told.take();
    assert_eq!(graph.checked("b", Id(1)).await.unwrap(), Checked(1));
    assert_eq!(log.take(), [asked]);
    let ended = told.lines().pop().unwrap();
    assert!(ended.starts_with("checked ended: reconciled"), "{ended}");
    assert_eq!(graph.checked("c", Id(1)).await.unwrap(), Checked(1));
    assert_eq!((log.lines().len(), bank.n_charges()), (0, 1));
    let counts = graph.counts();
    assert_eq!(
        (counts.reconciles, counts.reconciled, counts.hit),
        (1, 1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_not_applied_is_done_under_the_same_key() {
    let World {
        graph, bank, log, ..
    } = world();
    bank.drops_requests.store(true, Ordering::Relaxed);
    bank.drops_replies.store(true, Ordering::Relaxed);
    graph.checked("a", Id(1)).await.unwrap_err();
    bank.drops_requests.store(false, Ordering::Relaxed);
    bank.drops_replies.store(false, Ordering::Relaxed);
    let charged = log.take().remove(0);
    assert_eq!(graph.checked("b", Id(1)).await.unwrap(), Checked(1));
    assert_eq!(log.take(), [charged.replace("charge", "find"), charged]);
    assert_eq!(bank.n_charges(), 1);
}

#[tokio::test(start_paused = true)]
async fn why_it_is_still_unknown_is_the_source_of_the_error_and_the_next_call_asks_again() {
    let World { graph, bank, .. } = world();
    bank.drops_replies.store(true, Ordering::Relaxed);
    graph.checked("a", Id(1)).await.unwrap_err();
    bank.is_closed.store(true, Ordering::Relaxed);
    let error = graph.checked("b", Id(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::InDoubt, Some("checked"))
    );
    assert_eq!(error.downcast_ref(), Some(&Oops("the bank is closed")));
    bank.is_closed.store(false, Ordering::Relaxed);
    assert_eq!(graph.checked("c", Id(1)).await.unwrap(), Checked(1));
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_has_the_time_of_an_attempt() {
    let World { graph, log, .. } = world();
    let error = graph.slowly_checked("a", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let start = log.elapsed_ms();
    let error = graph.slowly_checked("b", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert!(
        format!("{error:#}").ends_with("`reconcile` took longer than 2s"),
        "{error:#}"
    );
    // The second look at the row, and the time of an attempt.
    assert_eq!(log.elapsed_ms() - start, 2_250);
    assert_eq!(log.count("find_slowly dropped"), 1, "{:?}", log.lines());
}

#[tokio::test(start_paused = true)]
async fn a_persisted_step_that_times_out_is_retried_recorded_and_run_again() {
    let World { graph, log, .. } = world();
    for execution in ["a", "b"] {
        let error = graph.late(execution, Id(1)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::TimedOut, 2));
    }
    let starts: Vec<_> = log.lines();
    let starts: Vec<_> = starts.iter().filter(|it| it.ends_with(": late")).collect();
    assert_eq!(
        starts,
        ["0ms: late", "3000ms: late", "5000ms: late", "8000ms: late"]
    );
    assert_eq!(graph.counts().reclaimed, 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_must_not_repeat_is_in_doubt_once_it_timed_out() {
    let World { graph, log, .. } = world();
    let error = graph.late_once("a", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    sleep(ms(100_000)).await;
    let error = graph.late_once("b", Id(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert_eq!(log.count("0ms: late_once"), 1);
    assert_eq!(graph.counts().unknown, 2);
}

#[tokio::test(start_paused = true)]
async fn retries_of_a_persisted_step_are_one_attempt_of_its_row_and_the_next_call_has_them_all_again()
 {
    let World { graph, log, .. } = world();
    for execution in ["a", "b"] {
        let error = graph.tried(execution, Id(1)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Failed, 3));
        assert_eq!(error.downcast_ref(), Some(&Oops("down")));
    }
    let lines = log.lines();
    let (starts, keys): (Vec<_>, Vec<_>) = lines
        .iter()
        .map(|line| line.rsplit_once(' ').unwrap())
        .unzip();
    assert_eq!(
        starts,
        [
            "0ms: 1",
            "1000ms: 2",
            "2000ms: 3",
            "2000ms: 1",
            "3000ms: 2",
            "4000ms: 3"
        ]
    );
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!((graph.counts().claimed, graph.counts().reclaimed), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn retry_if_chooses_for_a_persisted_step_too() {
    let World { graph, log, .. } = world();
    let error = graph.chosen("a", Id(1)).await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    let error = graph.chosen("a", Id(2)).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert_eq!(
        log.lines(),
        ["1 attempt 1", "1 attempt 2", "1 attempt 3", "2 attempt 1"]
    );
}
