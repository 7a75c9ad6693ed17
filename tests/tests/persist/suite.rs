//! What holds for every store: one suite, run for each.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use docket::store::Store;
use docket::{ErrorKind, Execution, MemoryStore, SqliteStore, StepContext, graph, step};
use docket_tests::{Log, Oops, Tell, ms};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::task::JoinSet;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct OrderId {
    #[prost(uint32, tag = "1")]
    pub id: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Amount {
    pub cents: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Score {
    #[prost(uint32, tag = "1")]
    pub points: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Charge {
    pub cents: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
pub(crate) struct Shipment {
    pub of: Charge,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Page(String);

/// What the tests switch while they run.
#[derive(Clone, Default)]
pub(crate) struct Switches {
    down: Arc<AtomicBool>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    closed: AtomicBool,
    opened: Notify,
    reached: Notify,
}

impl Switches {
    fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), Oops> {
        if self.down.load(Ordering::SeqCst) {
            Err(Oops("down"))
        } else {
            Ok(())
        }
    }

    fn close(&self) {
        self.gate.closed.store(true, Ordering::SeqCst);
    }

    fn open(&self) {
        self.gate.closed.store(false, Ordering::SeqCst);
        self.gate.opened.notify_one();
    }

    async fn pass(&self) {
        if self.gate.closed.load(Ordering::SeqCst) {
            self.gate.reached.notify_one();
            self.gate.opened.notified().await;
        }
    }
}

#[step(persist = "global")]
async fn score(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Score, Oops> {
    log.push(format!("score {}", order.id));
    switches.pass().await;
    Ok(Score {
        points: order.id * 10,
    })
}

#[step(persist = "workflow")]
async fn charge(order: &OrderId, #[resource] log: &Log, ctx: &StepContext) -> Charge {
    log.push(format!("charge {} in {}", order.id, ctx.execution_id()));
    Charge {
        cents: u64::from(order.id) * 100,
    }
}

#[step(persist = "workflow")]
async fn ship(
    charge: &Charge,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Shipment, Oops> {
    log.push(format!("ship {}", charge.cents));
    switches.check()?;
    Ok(Shipment { of: charge.clone() })
}

/// Not persisted: it runs each time.
#[step]
fn page(score: &Score, shipment: &Shipment, #[resource] log: &Log) -> Page {
    log.push("page");
    Page(format!("{} {}", score.points, shipment.of.cents))
}

macro_rules! output {
    ($($name:ident),+ $(,)?) => {
        $(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
            pub(crate) struct $name(u32);
        )+
    };
}

output!(
    Free,
    Keyed,
    Never,
    Rejected,
    Fallen,
    Retried,
    InTask,
    OnPool,
    Annotated,
    Panicked,
    NeverPanicked,
    Soft,
    Hard
);

#[step(persist = "global", repeat = "free")]
async fn free(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Free, Oops> {
    log.push("free");
    switches.check()?;
    Ok(Free(order.id))
}

#[step(persist = "global")]
async fn keyed(
    order: &OrderId,
    ctx: &StepContext,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Keyed, Oops> {
    log.push(ctx.idempotency_key());
    switches.check()?;
    Ok(Keyed(order.id))
}

#[step(persist = "global", repeat = "never")]
async fn never(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Never, Oops> {
    log.push("never");
    switches.check()?;
    Ok(Never(order.id))
}

#[step(persist = "global")]
async fn rejected(
    order: &OrderId,
    ctx: &StepContext,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Rejected, docket::StepError> {
    log.push(ctx.idempotency_key());
    switches.check().map_err(docket::rejected)?;
    Ok(Rejected(order.id))
}

fn stand_in() -> Fallen {
    Fallen(0)
}

#[step(persist = "global", fallback = stand_in)]
async fn fallen(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Result<Fallen, Oops> {
    log.push("fallen");
    switches.check()?;
    Ok(Fallen(order.id))
}

#[step(persist = "global", retry(attempts = 3, delay = "1ms"))]
async fn retried(
    order: &OrderId,
    ctx: &StepContext,
    #[resource] log: &Log,
) -> Result<Retried, Oops> {
    log.push(format!("{} {}", ctx.attempt(), ctx.idempotency_key()));
    if ctx.attempt() < 3 {
        Err(Oops("again"))
    } else {
        Ok(Retried(order.id))
    }
}

#[step(persist = "global", spawn)]
async fn in_task(order: &OrderId, #[resource] log: &Log) -> InTask {
    log.push("in_task");
    InTask(order.id)
}

#[step(persist = "global", blocking)]
fn on_pool(order: &OrderId, #[resource] log: &Log) -> OnPool {
    log.push(format!(
        "on_pool {}",
        std::thread::current()
            .name()
            .is_some_and(|name| name.starts_with("persist::"))
    ));
    OnPool(order.id)
}

#[step(persist = "global", name = "Annotated")]
async fn annotated(order: &OrderId, ctx: &StepContext) -> Annotated {
    ctx.annotate("model", "gpt-3000");
    ctx.annotate("tokens", 1);
    ctx.annotate("tokens", 42);
    Annotated(order.id)
}

#[step(persist = "global")]
async fn panicked(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> Panicked {
    log.push("panicked");
    switches.check().unwrap();
    Panicked(order.id)
}

#[step(persist = "global", repeat = "never")]
async fn never_panicked(
    order: &OrderId,
    #[resource] log: &Log,
    #[resource] switches: &Switches,
) -> NeverPanicked {
    log.push("never_panicked");
    switches.check().unwrap();
    NeverPanicked(order.id)
}

/// That an input is missing is part of the key.
#[step(persist = "global")]
async fn soft(free: Option<&Free>, #[resource] log: &Log) -> Soft {
    log.push(format!("soft {}", free.is_some()));
    Soft(free.map_or(0, |free| free.0))
}

/// Only the order is its key.
#[step(persist = "global")]
async fn hard(#[key] order: &OrderId, amount: &Amount, #[resource] log: &Log) -> Hard {
    log.push("hard");
    Hard(order.id + amount.cents as u32)
}

graph! {
    pub(crate) struct Orders {
        inputs { OrderId, Amount }
        resources { Log, Switches }
        steps {
            score, charge, ship, page, free, keyed, never, rejected, fallen, retried, in_task, on_pool, annotated,
            panicked, never_panicked, soft, hard,
        }
        pub(crate) async fn score(order: OrderId) -> Score;
        pub(crate) async fn page(order: OrderId) -> Page;
        pub(crate) async fn free(order: OrderId) -> Free;
        pub(crate) async fn keyed(order: OrderId) -> Keyed;
        pub(crate) async fn never(order: OrderId) -> Never;
        pub(crate) async fn rejected(order: OrderId) -> Rejected;
        pub(crate) async fn fallen(order: OrderId) -> Fallen;
        pub(crate) async fn retried(order: OrderId) -> Retried;
        pub(crate) async fn in_task(order: OrderId) -> InTask;
        pub(crate) async fn on_pool(order: OrderId) -> OnPool;
        pub(crate) async fn annotated(order: OrderId) -> Annotated;
        pub(crate) async fn panicked(order: OrderId) -> Panicked;
        pub(crate) async fn never_panicked(order: OrderId) -> NeverPanicked;
        pub(crate) async fn soft(order: OrderId) -> Soft;
        pub(crate) async fn hard(order: OrderId, amount: Amount) -> Hard;
        pub(crate) async fn given_charge(order: OrderId, charge: Charge) -> Page;
    }
}

fn order(id: u32) -> OrderId {
    OrderId { id }
}

fn open(store: &(impl Store + Clone)) -> (Orders, Log, Switches) {
    let (log, switches) = (Log::new(), Switches::default());
    let graph = Orders::builder()
        .log(log.clone())
        .switches(switches.clone())
        .store(store.clone())
        .build();
    (graph, log, switches)
}

/// One test for each store, of each function.
macro_rules! for_each_store {
    ($($test:ident),+ $(,)?) => {
        mod in_memory {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(MemoryStore::new()).await;
                }
            )+
        }

        mod in_sqlite {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    let folder = tempfile::tempdir().unwrap();
                    let url = format!("sqlite://{}", folder.path().join("steps.db").display());
                    super::$test(SqliteStore::connect(&url).await.unwrap()).await;
                }
            )+
        }
    };
}

for_each_store! {
    a_global_result_serves_all_executions_and_graphs,
    a_workflow_result_serves_its_own_execution,
    running_an_id_again_after_a_failure_runs_only_what_is_missing,
    an_entry_that_is_given_a_persisted_type_does_not_ask_the_store,
    another_version_name_or_namespace_is_another_key,
    a_failed_free_or_keyed_step_runs_again_under_the_same_idempotency_key,
    a_failed_never_step_is_final,
    a_rejected_step_runs_again_under_another_idempotency_key,
    a_step_that_panicked_runs_again_but_not_under_never,
    a_fallback_is_never_recorded,
    attempts_of_one_run_share_one_idempotency_key_and_one_record,
    persisted_steps_run_in_tasks_and_on_the_pool_as_well,
    an_input_that_is_missing_is_part_of_the_key,
    other_inputs_under_one_key_are_an_error_and_not_a_second_run,
    a_later_hit_is_what_the_first_run_returned,
    an_observer_tells_a_run_from_a_hit_and_a_join,
    a_step_whose_caller_is_gone_ends_and_is_recorded,
    a_caller_that_is_gone_before_its_first_poll_starts_nothing,
    a_hash_map_in_a_message_is_refused,
    a_value_that_can_not_be_decoded_is_a_miss_or_an_error,
    of_8_tasks_that_ask_for_one_key_one_runs,
    a_deadline_does_not_stop_a_persisted_step_once_it_runs,
}

async fn a_global_result_serves_all_executions_and_graphs(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    assert_eq!(graph.score("a", order(1)).await.unwrap().points, 10);
    assert_eq!(graph.score("b", order(1)).await.unwrap().points, 10);
    let (other_graph, other_log, _) = open(&store);
    assert_eq!(other_graph.score("c", order(1)).await.unwrap().points, 10);
    assert_eq!(graph.score("a", order(2)).await.unwrap().points, 20);
    assert_eq!(log.lines(), ["score 1", "score 2"]);
    assert_eq!(other_log.lines(), [""; 0]);
}

async fn a_workflow_result_serves_its_own_execution(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    for id in ["a", "b", "a", "b"] {
        graph.page(id, order(1)).await.unwrap();
    }
    assert_eq!(log.count("charge 1 in a"), 1);
    assert_eq!(log.count("charge 1 in b"), 1);
    assert_eq!(log.count("score 1"), 1, "it is global");
    assert_eq!(log.count("page"), 4, "it is not persisted");
}

async fn running_an_id_again_after_a_failure_runs_only_what_is_missing(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    let error = graph.page("order-1", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Failed, Some("ship"))
    );
    assert_eq!(error.downcast_ref(), Some(&Oops("down")));
    assert_eq!(log.count("charge 1 in order-1"), 1);
    log.take();
    switches.set_down(false);
    // In a new process nothing but the store is left.
    let (graph, log, _) = open(&store);
    assert_eq!(
        graph.page("order-1", order(1)).await.unwrap(),
        Page("10 100".into())
    );
    let lines: Vec<_> = log
        .lines()
        .into_iter()
        .filter(|line| line != "score 1")
        .collect();
    assert_eq!(lines, ["ship 100", "page"]);
}

async fn an_entry_that_is_given_a_persisted_type_does_not_ask_the_store(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    let page = graph
        .given_charge("x", order(1), Charge { cents: 7 })
        .await
        .unwrap();
    assert_eq!(page, Page("10 7".into()));
    assert_eq!(log.sorted(), ["page", "score 1", "ship 7"]);
}

async fn another_version_name_or_namespace_is_another_key(store: impl Store + Clone) {
    mod v0 {
        use super::*;
        #[step(persist = "global", name = "Price")]
        pub(super) async fn price(order: &OrderId, #[resource] log: &Log) -> Amount {
            log.push("version 0");
            Amount {
                cents: u64::from(order.id),
            }
        }
    }
    mod v1 {
        use super::*;
        #[step(persist = "global", name = "Price", version = 1)]
        pub(super) async fn price(order: &OrderId, #[resource] log: &Log) -> Amount {
            log.push("version 1");
            Amount {
                cents: u64::from(order.id) + 1,
            }
        }
    }
    mod renamed {
        use super::*;
        #[step(persist = "global", name = "NewPrice")]
        pub(super) async fn price(order: &OrderId, #[resource] log: &Log) -> Amount {
            log.push("renamed");
            Amount {
                cents: u64::from(order.id) + 2,
            }
        }
    }
    macro_rules! graph_of {
        ($name:ident, $step:path) => {
            graph! {
                struct $name {
                    inputs { OrderId }
                    resources { Log }
                    steps { $step }
                    async fn price(order: OrderId) -> Amount;
                }
            }
        };
    }
    graph_of!(Zero, v0::price);
    graph_of!(One, v1::price);
    graph_of!(Renamed, renamed::price);

    let log = Log::new();
    for _ in 0..2 {
        let zero = Zero::builder()
            .log(log.clone())
            .store(store.clone())
            .build();
        assert_eq!(zero.price("x", order(5)).await.unwrap().cents, 5);
        let one = One::builder().log(log.clone()).store(store.clone()).build();
        assert_eq!(one.price("x", order(5)).await.unwrap().cents, 6);
        let renamed = Renamed::builder()
            .log(log.clone())
            .store(store.clone())
            .build();
        assert_eq!(renamed.price("x", order(5)).await.unwrap().cents, 7);
        let elsewhere = Zero::builder()
            .log(log.clone())
            .store(store.clone())
            .namespace("elsewhere")
            .build();
        assert_eq!(elsewhere.price("x", order(5)).await.unwrap().cents, 5);
    }
    assert_eq!(
        log.lines(),
        ["version 0", "version 1", "renamed", "version 0"]
    );
}

async fn a_failed_free_or_keyed_step_runs_again_under_the_same_idempotency_key(
    store: impl Store + Clone,
) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    graph.free("a", order(1)).await.unwrap_err();
    let error = graph.keyed("a", order(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Failed, 1));
    switches.set_down(false);
    assert_eq!(graph.free("b", order(1)).await.unwrap(), Free(1));
    assert_eq!(graph.free("c", order(1)).await.unwrap(), Free(1));
    assert_eq!(graph.keyed("b", order(1)).await.unwrap(), Keyed(1));
    assert_eq!(graph.keyed("c", order(1)).await.unwrap(), Keyed(1));
    let mut keys = log.take();
    keys.retain(|line| line != "free");
    assert_eq!(keys.len(), 2, "a failure, and a success: {keys:?}");
    assert_eq!(keys[0], keys[1]);
    graph.keyed("b", order(2)).await.unwrap();
    assert_ne!(log.lines()[0], keys[0]);
}

async fn a_failed_never_step_is_final(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    graph.never("a", order(1)).await.unwrap_err();
    switches.set_down(false);
    let error = graph.never("b", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step(), error.execution_id()),
        (ErrorKind::Failed, Some("never"), "b")
    );
    assert!(error.to_string().contains("down"), "{error}");
    assert_eq!(graph.never("b", order(2)).await.unwrap(), Never(2));
    assert_eq!(graph.never("c", order(2)).await.unwrap(), Never(2));
    assert_eq!(log.lines(), ["never", "never"]);
}

async fn a_rejected_step_runs_again_under_another_idempotency_key(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    graph.rejected("a", order(1)).await.unwrap_err();
    switches.set_down(false);
    graph.rejected("b", order(1)).await.unwrap();
    let keys = log.lines();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

async fn a_step_that_panicked_runs_again_but_not_under_never(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    let error = graph.panicked("a", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Panicked, Some("panicked"))
    );
    let error = graph.never_panicked("a", order(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    switches.set_down(false);
    assert_eq!(graph.panicked("b", order(1)).await.unwrap(), Panicked(1));
    let error = graph.never_panicked("b", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::InDoubt, Some("never_panicked"))
    );
    assert_eq!(log.lines(), ["panicked", "never_panicked", "panicked"]);
}

async fn a_fallback_is_never_recorded(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(0));
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(0));
    switches.set_down(false);
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(1));
    switches.set_down(true);
    assert_eq!(graph.fallen("a", order(1)).await.unwrap(), Fallen(1));
    assert_eq!(log.count("fallen"), 3);
}

async fn attempts_of_one_run_share_one_idempotency_key_and_one_record(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    assert_eq!(graph.retried("a", order(1)).await.unwrap(), Retried(1));
    assert_eq!(graph.retried("b", order(1)).await.unwrap(), Retried(1));
    let lines = log.lines();
    let (attempts, mut keys): (Vec<_>, Vec<_>) = lines
        .iter()
        .map(|line| line.split_once(' ').unwrap())
        .unzip();
    assert_eq!(attempts, ["1", "2", "3"]);
    keys.dedup();
    assert_eq!(keys.len(), 1);
}

async fn persisted_steps_run_in_tasks_and_on_the_pool_as_well(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    for id in ["a", "b"] {
        assert_eq!(graph.in_task(id, order(1)).await.unwrap(), InTask(1));
        assert_eq!(graph.on_pool(id, order(1)).await.unwrap(), OnPool(1));
    }
    assert_eq!(log.lines(), ["in_task", "on_pool false"]);
}

async fn an_input_that_is_missing_is_part_of_the_key(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.set_down(true);
    for id in ["a", "b"] {
        assert_eq!(graph.soft(id, order(1)).await.unwrap(), Soft(0));
    }
    switches.set_down(false);
    for id in ["a", "b"] {
        assert_eq!(graph.soft(id, order(1)).await.unwrap(), Soft(1));
    }
    let mut lines = log.lines();
    lines.retain(|line| line.starts_with("soft"));
    assert_eq!(lines, ["soft false", "soft true"]);
}

async fn other_inputs_under_one_key_are_an_error_and_not_a_second_run(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    assert_eq!(
        graph
            .hard("a", order(1), Amount { cents: 5 })
            .await
            .unwrap(),
        Hard(6)
    );
    assert_eq!(
        graph
            .hard("b", order(1), Amount { cents: 5 })
            .await
            .unwrap(),
        Hard(6)
    );
    let error = graph
        .hard("c", order(1), Amount { cents: 6 })
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step(), error.execution_id()),
        (ErrorKind::InputDrift, Some("hard"), "c")
    );
    assert_eq!(
        graph
            .hard("d", order(2), Amount { cents: 6 })
            .await
            .unwrap(),
        Hard(8)
    );
    assert_eq!(log.lines(), ["hard", "hard"]);
}

async fn a_later_hit_is_what_the_first_run_returned(store: impl Store + Clone) {
    /// Part of it is not stored.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, docket::Value)]
    struct Lossy {
        kept: u32,
        #[serde(skip)]
        lost: u32,
    }

    #[step(persist = "global")]
    async fn lossy(order: &OrderId) -> Lossy {
        Lossy {
            kept: order.id,
            lost: order.id,
        }
    }

    #[derive(Debug, PartialEq)]
    struct Seen(u32, u32);

    #[step]
    fn sees(lossy: &Lossy) -> Seen {
        Seen(lossy.kept, lossy.lost)
    }

    graph! {
        struct Losing {
            inputs { OrderId }
            steps { lossy, sees }
            async fn lossy(order: OrderId) -> Lossy;
            async fn sees(order: OrderId) -> (Seen, Lossy);
        }
    }

    let graph = Losing::builder().store(store).build();
    let stored = |id| Lossy { kept: id, lost: 0 };
    for id in ["a", "b"] {
        assert_eq!(graph.lossy(id, order(1)).await.unwrap(), stored(1));
        assert_eq!(
            graph.sees(id, order(2)).await.unwrap(),
            (Seen(2, 0), stored(2))
        );
    }
}

async fn an_observer_tells_a_run_from_a_hit_and_a_join(store: impl Store + Clone) {
    let (log, told, switches) = (Log::new(), Log::new(), Switches::default());
    let graph = Orders::builder()
        .log(log.clone())
        .switches(switches.clone())
        .store(store)
        .observer(Tell(told.clone()))
        .build();
    switches.close();
    let (first, second, ()) = tokio::join!(
        graph.score("a", order(1)),
        graph.score("b", order(1)),
        async {
            switches.gate.reached.notified().await;
            switches.open();
        }
    );
    first.unwrap();
    second.unwrap();
    graph.score("c", order(1)).await.unwrap();
    let outcomes: Vec<String> = told
        .lines()
        .iter()
        .filter_map(|line| {
            Some(
                line.strip_prefix("score ended: ")?
                    .split_once(" in ")
                    .unwrap()
                    .0
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(log.lines(), ["score 1"]);
    let mut of_two = outcomes[..2].to_vec();
    of_two.sort();
    assert_eq!(
        (of_two, &*outcomes[2]),
        (vec!["joined".to_owned(), "ran".to_owned()], "hit")
    );
}

async fn a_step_whose_caller_is_gone_ends_and_is_recorded(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.close();
    tokio::select! {
        biased;
        () = switches.gate.reached.notified() => {}
        _ = graph.score("a", order(1)) => panic!("the gate is closed"),
    }
    assert_eq!(log.lines(), ["score 1"]);
    drop(graph);
    switches.open();
    let (graph, other_log, _) = open(&store);
    assert_eq!(graph.score("b", order(1)).await.unwrap().points, 10);
    assert_eq!(log.lines(), ["score 1"]);
    assert_eq!(other_log.lines(), [""; 0]);
}

async fn a_caller_that_is_gone_before_its_first_poll_starts_nothing(store: impl Store + Clone) {
    let (graph, log, _) = open(&store);
    drop(graph.score("a", order(1)));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.lines(), [""; 0]);
}

async fn a_hash_map_in_a_message_is_refused(store: impl Store + Clone) {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Unordered {
        #[prost(map = "string, uint32", tag = "1")]
        map: HashMap<String, u32>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    struct Ordered {
        #[prost(btree_map = "string, uint32", tag = "1")]
        map: std::collections::BTreeMap<String, u32>,
    }

    #[step(persist = "global")]
    async fn of_unordered(input: &Unordered, #[resource] log: &Log) -> Free {
        log.push("of_unordered");
        Free(input.map.len() as u32)
    }

    #[step(persist = "global")]
    async fn of_ordered(input: &Ordered, #[resource] log: &Log) -> Keyed {
        log.push("of_ordered");
        Keyed(input.map.len() as u32)
    }

    graph! {
        struct Maps {
            inputs { Unordered, Ordered }
            resources { Log }
            steps { of_unordered, of_ordered }
            async fn unordered(input: Unordered) -> Free;
            async fn ordered(input: Ordered) -> Keyed;
        }
    }

    let log = Log::new();
    let graph = Maps::builder().log(log.clone()).store(store).build();
    let entries = || (0..8).map(|n| (n.to_string(), n));
    let error = graph
        .unordered(
            "x",
            Unordered {
                map: entries().collect(),
            },
        )
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Encoding, Some("of_unordered"))
    );
    assert!(format!("{error:#}").contains("btree_map"), "{error:#}");
    assert_eq!(log.lines(), [""; 0]);
    for map in [entries().collect(), entries().rev().collect()] {
        assert_eq!(graph.ordered("x", Ordered { map }).await.unwrap(), Keyed(8));
    }
    assert_eq!(log.lines(), ["of_ordered"]);
}

/// A new release can't read what an old one has recorded.
async fn a_value_that_can_not_be_decoded_is_a_miss_or_an_error(store: impl Store + Clone) {
    macro_rules! release {
        ($name:ident { $($field:ident),+ }) => {
            mod $name {
                use super::*;
                $(
                    #[derive(Debug, Serialize, Deserialize, docket::Value)]
                    pub(super) struct $field { pub(super) $name: u32 }
                )+

                #[step(persist = "global", repeat = "free")]
                async fn free_release(order: &OrderId, #[resource] log: &Log) -> FreeValue {
                    log.push("free");
                    FreeValue { $name: order.id }
                }

                #[step(persist = "global")]
                async fn keyed_release(order: &OrderId, ctx: &StepContext, #[resource] log: &Log) -> KeyedValue {
                    log.push(ctx.idempotency_key());
                    KeyedValue { $name: order.id }
                }

                #[step(persist = "global", repeat = "never")]
                async fn never_release(order: &OrderId, #[resource] log: &Log) -> NeverValue {
                    log.push("never");
                    NeverValue { $name: order.id }
                }

                graph! {
                    pub(super) struct Release {
                        inputs { OrderId }
                        resources { Log }
                        steps { free_release, keyed_release, never_release }
                        pub(super) async fn free(order: OrderId) -> FreeValue;
                        pub(super) async fn keyed(order: OrderId) -> KeyedValue;
                        pub(super) async fn never(order: OrderId) -> NeverValue;
                    }
                }
            }
        };
    }
    release!(old {
        FreeValue,
        KeyedValue,
        NeverValue
    });
    release!(new {
        FreeValue,
        KeyedValue,
        NeverValue
    });

    let log = Log::new();
    let old = old::Release::builder()
        .log(log.clone())
        .store(store.clone())
        .build();
    assert_eq!(old.free("x", order(1)).await.unwrap().old, 1);
    assert_eq!(old.keyed("x", order(1)).await.unwrap().old, 1);
    assert_eq!(old.never("x", order(1)).await.unwrap().old, 1);
    let before = log.take();
    let new = new::Release::builder()
        .log(log.clone())
        .store(store.clone())
        .build();
    assert_eq!(new.free("x", order(1)).await.unwrap().new, 1);
    assert_eq!(new.keyed("x", order(1)).await.unwrap().new, 1);
    assert_eq!(
        log.take(),
        before[..2],
        "both run again, the second under the same key"
    );
    let error = new.never("x", order(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.step()),
        (ErrorKind::Encoding, Some("never_release"))
    );
    assert_eq!(new.free("y", order(1)).await.unwrap().new, 1);
    assert_eq!(new.keyed("y", order(1)).await.unwrap().new, 1);
    assert_eq!(log.take(), [""; 0]);
}

async fn of_8_tasks_that_ask_for_one_key_one_runs(store: impl Store + Clone) {
    // Two graph values, so that some meet in the process and some in the store.
    let (one, log, switches) = open(&store);
    let two = Orders::builder()
        .log(log.clone())
        .switches(switches)
        .store(store.clone())
        .build();
    for round in 0..100 {
        let mut tasks = JoinSet::new();
        for i in 0..8 {
            let graph = if i % 2 == 0 { one.clone() } else { two.clone() };
            tasks.spawn(async move { graph.score(Execution::unique(), order(round)).await });
        }
        for score in tasks.join_all().await {
            assert_eq!(score.unwrap().points, round * 10);
        }
        assert_eq!(log.take(), [format!("score {round}")]);
    }
}

async fn a_deadline_does_not_stop_a_persisted_step_once_it_runs(store: impl Store + Clone) {
    let (graph, log, switches) = open(&store);
    switches.close();
    let error = graph
        .score(Execution::new("a").timeout(ms(100)), order(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(log.lines(), ["score 1"]);
    switches.open();
    assert_eq!(graph.score("b", order(1)).await.unwrap().points, 10);
    assert_eq!(log.lines(), ["score 1"]);
}

/// What people find in the table.
mod rows {
    use super::*;

    #[tokio::test]
    async fn annotations_status_attempt_and_error_stand_in_the_metadata() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("steps.db").display());
        let (graph, _log, switches) = open(&SqliteStore::connect(&url).await.unwrap());
        graph.annotated("x", order(1)).await.unwrap();
        switches.set_down(true);
        graph.keyed("x", order(1)).await.unwrap_err();
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT step_name, status, metadata FROM step_cache ORDER BY step_name")
                .fetch_all(&pool)
                .await
                .unwrap();
        let (name, status, metadata) = &rows[0];
        assert_eq!((&**name, &**status), ("Annotated", "succeeded"));
        for part in [
            r#""model":"gpt-3000""#,
            r#""tokens":42"#,
            r#""status":"succeeded""#,
            r#""attempt":1"#,
        ] {
            assert!(metadata.contains(part), "{part} in {metadata}");
        }
        let (name, status, metadata) = &rows[1];
        assert_eq!((&**name, &**status), ("keyed", "failed"));
        assert!(metadata.contains(r#""status":"failed""#), "{metadata}");
    }
}
