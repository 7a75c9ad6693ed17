//! What an observer is told, event by event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use docket::observe::{
    AttemptEnded, AttemptStarted, BatchProgress, ExecutionEnded, ExecutionStarted, Interest,
    Reconciling, Retrying, StepEnded, StepStarted, StoreAnswered, Waiting,
};
use docket::store::AnyStore;
use docket::{Error, Execution, MemoryStore, Observer};
use docket_tests::{Log, ms};

use crate::graph::{All, Ask, Each, Observed};
use crate::tree;

/// Writes a line for each event.
struct Everything(Log);

fn of(item: Option<usize>) -> String {
    item.map(|item| format!("[{item}]")).unwrap_or_default()
}

impl Observer for Everything {
    fn execution_started(&self, event: &ExecutionStarted<'_>) {
        self.0.push(format!("{} starts", event.entry));
    }

    fn execution_ended(&self, event: &ExecutionEnded<'_>) {
        let ExecutionEnded {
            entry,
            outcome,
            duration,
            ..
        } = event;
        let outcome = outcome.name();
        self.0.push(format!("{entry} {outcome} in {duration:?}"));
    }

    fn step_started(&self, event: &StepStarted<'_>) {
        let (step, item) = (event.step, of(event.item));
        self.0.push(format!("{step}{item} starts"));
    }

    fn attempt_started(&self, event: &AttemptStarted<'_>) {
        let (step, item) = (event.step, of(event.item));
        self.0.push(format!("{step}{item} #{}", event.attempt));
    }

    fn attempt_ended(&self, event: &AttemptEnded<'_>) {
        let (step, item) = (event.step, of(event.item));
        let how = event
            .error
            .map_or("well".to_owned(), |it| format!("{:?}", it.kind()));
        let AttemptEnded {
            attempt, duration, ..
        } = event;
        self.0.push(format!(
            "{step}{item} #{attempt} ended {how} in {duration:?}"
        ));
    }

    fn retrying(&self, event: &Retrying<'_>) {
        let (step, item) = (event.step, of(event.item));
        self.0
            .push(format!("{step}{item} again in {:?}", event.delay));
    }

    fn waiting(&self, event: &Waiting<'_>) {
        let (step, item) = (event.step, of(event.item));
        self.0
            .push(format!("{step}{item} waits for {:?}", event.on));
    }

    fn reconciling(&self, event: &Reconciling<'_>) {
        self.0.push(format!("{} reconciles", event.step));
    }

    fn store_answered(&self, event: &StoreAnswered<'_>) {
        let (step, item) = (event.step, of(event.item));
        let (operation, answer) = (event.operation.name(), event.answer.name());
        self.0.push(format!("{step}{item} {operation}: {answer}"));
    }

    fn step_ended(&self, event: &StepEnded<'_>) {
        let (step, item) = (event.step, of(event.item));
        let StepEnded {
            outcome,
            attempts,
            duration,
            ..
        } = event;
        let outcome = outcome.name();
        self.0.push(format!(
            "{step}{item} {outcome} in {duration:?}, attempts {attempts}"
        ));
    }

    fn batch_progress(&self, event: &BatchProgress<'_>) {
        let BatchProgress { done, failed, .. } = event;
        self.0.push(format!("{done} done, {failed} failed"));
    }
}

fn graph(observer: impl Observer) -> Observed {
    tree::export();
    Observed::builder()
        .store(MemoryStore::new())
        .observer(observer)
        .build()
}

fn watched() -> (Observed, Log) {
    let log = Log::new();
    (graph(Everything(log.clone())), log)
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_attempts_of_the_store_and_of_the_execution() {
    let (graph, log) = watched();
    assert_eq!(graph.flaky("x", Ask { n: 2 }).await.unwrap().0, 2);
    assert_eq!(
        log.take(),
        [
            "Observed::flaky starts",
            "flaky starts",
            "flaky #1",
            "flaky #1 ended Failed in 5ms",
            "flaky again in 10ms",
            "flaky #2",
            "flaky #2 ended well in 5ms",
            "flaky ran in 20ms, attempts 2",
            "Observed::flaky resolved in 20ms",
        ]
    );
    for expected in [
        &[
            "Observed::kept starts",
            "kept starts",
            "kept claim: claimed",
            "kept #1",
            "kept #1 ended well in 20ms",
            "kept record: done",
            "kept ran in 20ms, attempts 1",
            "Observed::kept resolved in 20ms",
        ][..],
        &[
            "Observed::kept starts",
            "kept starts",
            "kept claim: hit",
            "kept hit in 0ns, attempts 0",
            "Observed::kept resolved in 0ns",
        ],
    ] {
        graph.kept("x", Ask { n: 2 }).await.unwrap();
        assert_eq!(log.take(), expected);
    }
}

/// Writes a line for the error of each attempt.
struct Errors(Log);

impl Errors {
    fn push(&self, event: &str, error: &Error) {
        let (id, attempts) = (error.execution_id(), error.attempts());
        self.0.push(format!("{event} {id}, {attempts}: {error:#}"));
    }
}

impl Observer for Errors {
    fn attempt_ended(&self, event: &AttemptEnded<'_>) {
        if let Some(error) = event.error {
            self.push("ended", error);
        }
    }

    fn retrying(&self, event: &Retrying<'_>) {
        self.push("again", event.error);
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_an_attempt_says_whose_it_is() {
    let log = Log::new();
    let graph = graph(Errors(log.clone()));
    graph.flaky("x", Ask { n: 2 }).await.unwrap();
    assert_eq!(
        log.take(),
        [
            "ended x, 1: step `flaky` failed: not yet",
            "again x, 1: step `flaky` failed: not yet",
        ]
    );
    graph.hard("x", Ask { n: 0 }).await.unwrap_err();
    assert_eq!(log.take().len(), 1, "it has one attempt");
}

#[tokio::test(start_paused = true)]
async fn a_plain_step_has_one_attempt_and_a_failure_is_told_before_the_end() {
    let (graph, log) = watched();
    graph.hard("x", Ask { n: 0 }).await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "Observed::hard starts",
            "soft starts",
            "soft #1",
            "soft #1 ended Failed in 0ns",
            "soft failed in 0ns, attempts 1",
            "Observed::hard failed in 0ns",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_at_its_first_poll_has_started_and_made_an_attempt() {
    let (graph, log) = watched();
    let error = graph.bursts("x", Ask { n: 1 }).await.unwrap_err();
    assert_eq!(error.kind(), docket::ErrorKind::Panicked);
    assert_eq!(
        log.take(),
        [
            "Observed::bursts starts",
            "soft starts",
            "soft #1",
            "soft #1 ended well in 0ns",
            "soft ran in 0ns, attempts 1",
            "bursts starts",
            "bursts #1",
            "bursts #1 ended Panicked in 0ns",
            "bursts failed in 0ns, attempts 1",
            "Observed::bursts failed in 0ns",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_at_the_end_is_told_to_be_dropped() {
    let (graph, log) = watched();
    let execution = graph.all("x", Ask { n: 2 });
    let _ = tokio::time::timeout(ms(3), execution).await.unwrap_err();
    let lines = log.lines();
    let at = |line: &str| {
        let place = lines.iter().position(|it| it == line);
        place.unwrap_or_else(|| panic!("{line} is not in {lines:#?}"))
    };
    let end = at("Observed::all dropped in 3ms");
    assert!(at("flaky dropped in 3ms, attempts 1") < end);
    assert!(at("kept dropped in 3ms, attempts 1") < end);
    assert!(at("spawned ran in 1ms, attempts 1") < end);
    // The persisted one goes on.
    log.take();
    assert_eq!(graph.shutdown(ms(1000)).await, 0);
    assert_eq!(
        log.take(),
        ["kept #1 ended well in 20ms", "kept record: done"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_the_failure_of_the_execution() {
    let (graph, log) = watched();
    let execution = Execution::new("x").timeout(ms(3));
    graph.flaky(execution, Ask { n: 2 }).await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "Observed::flaky starts",
            "flaky starts",
            "flaky #1",
            "flaky dropped in 3ms, attempts 1",
            "Observed::flaky failed in 3ms",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn steps_of_items_say_which_and_what_they_wait_for() {
    let (graph, log) = watched();
    let asks = [1, 7, 1].map(|n| Ask { n });
    let made = graph.each("x", asks).await.unwrap();
    assert_eq!(made[0].as_ref().unwrap(), &Each(1));
    assert!(made[1].is_err());
    let lines = log.take();
    for line in [
        "each[0] starts",
        "each[0] claim: claimed",
        "each[0] ran in 1ms, attempts 1",
        "each[1] waits for Limit",
        "each[1] #1 ended Failed in 1ms",
        "each[1] softened in 2ms, attempts 1",
        "each[2] waits for Caller",
        "each[2] joined in 1ms, attempts 0",
    ] {
        assert!(lines.iter().any(|it| it == line), "{line}: {lines:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_item_of_a_call_for_many_has_the_attempts_of_the_call() {
    let (graph, log) = watched();
    let asks = [1, 2, 2].map(|n| Ask { n });
    graph.rated("x", asks).await.unwrap();
    let lines = log.take();
    for item in 0..3 {
        let line = format!("rated[{item}] ran in 1ms, attempts 2");
        assert!(lines.contains(&line), "{line}: {lines:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_another_process_runs_is_told_to_wait_for_it() {
    let store = AnyStore::new(MemoryStore::new());
    let log = Log::new();
    let [other, own] = [Log::new(), log.clone()].map(|log| {
        tree::export();
        Observed::builder()
            .store(store.clone())
            .observer(Everything(log))
            .build()
    });
    let (a, b) = tokio::join!(other.kept("a", Ask { n: 1 }), own.kept("b", Ask { n: 1 }));
    assert_eq!(a.unwrap(), b.unwrap());
    let lines = log.take();
    assert_eq!(lines[2], "kept claim: busy");
    assert!(lines[3].starts_with("kept waits for Process { holder: "));
    assert_eq!(lines[lines.len() - 3], "kept claim: hit");
    assert!(lines[lines.len() - 2].starts_with("kept joined in "));
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_is_told_before_it_is_asked() {
    let (graph, log) = watched();
    graph.once("x", Ask { n: 1 }).await.unwrap_err();
    log.take();
    graph.once("x", Ask { n: 1 }).await.unwrap();
    let lines = log.take();
    let (first, last) = lines.split_at(lines.len() - 5);
    assert!(
        first.contains(&"once claim: unknown".to_owned()),
        "{first:?}"
    );
    assert_eq!(last[0], "once claim: claimed");
    assert_eq!(last[1], "once reconciles");
    assert_eq!(last[2], "once record: done");
    assert!(last[3].starts_with("once reconciled in "), "{last:?}");
    assert!(last[3].ends_with(", attempts 0"), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn who_asked_the_store_is_told_where_nothing_but_the_store_is_of_interest() {
    #[derive(Default)]
    struct Asked(std::sync::Mutex<Vec<String>>);

    impl Observer for Asked {
        fn interest(&self) -> Interest {
            Interest::STORE
        }

        fn store_answered(&self, event: &StoreAnswered<'_>) {
            let (step, item, answer) = (event.step, of(event.item), event.answer.name());
            let run = event.run.map_or("nobody", |_| "somebody");
            let line = format!("{run}: {step}{item} {answer}");
            self.0.lock().unwrap().push(line);
        }

        fn reconciling(&self, event: &Reconciling<'_>) {
            let line = format!("{}{} reconciles", event.step, of(event.item));
            self.0.lock().unwrap().push(line);
        }
    }

    let asked = Arc::new(Asked::default());
    let graph = graph(Arc::clone(&asked));
    let asks = || [Ask { n: 1 }, Ask { n: 2 }];
    graph.onces("x", asks()).await.unwrap();
    asked.0.lock().unwrap().clear();
    let made = graph.onces("x", asks()).await.unwrap();
    assert!(made.iter().all(Result::is_ok));
    let lines = asked.0.lock().unwrap().clone();
    for line in [
        "somebody: once[0] claimed",
        "once[0] reconciles",
        "somebody: once[1] claimed",
        "once[1] reconciles",
    ] {
        assert!(lines.iter().any(|it| it == line), "{line}: {lines:#?}");
    }
    assert!(
        !lines.iter().any(|it| it.starts_with("nobody")),
        "{lines:#?}"
    );
}

/// Two executions of one id at one time are told apart.
#[tokio::test(start_paused = true)]
async fn each_execution_has_a_number_of_its_own() {
    #[derive(Default)]
    struct Runs(std::sync::Mutex<Vec<(docket::observe::RunId, &'static str)>>);

    impl Observer for Runs {
        fn execution_started(&self, event: &ExecutionStarted<'_>) {
            self.0.lock().unwrap().push((event.run, "starts"));
        }

        fn step_ended(&self, event: &StepEnded<'_>) {
            self.0.lock().unwrap().push((event.run, event.step));
        }
    }

    let runs = Arc::new(Runs::default());
    let graph = graph(Arc::clone(&runs));
    let (a, b) = tokio::join!(
        graph.flaky("x", Ask { n: 1 }),
        graph.flaky("x", Ask { n: 1 })
    );
    a.and(b).unwrap();
    let mut told = std::mem::take(&mut *runs.0.lock().unwrap());
    let (first, second) = (told[0].0, told[1].0);
    assert_ne!(first, second);
    // What happens at one moment happens in any order.
    told.sort_by_key(|it| it.0);
    assert_eq!(
        told,
        [
            (first, "starts"),
            (first, "flaky"),
            (second, "starts"),
            (second, "flaky"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn several_observers_are_told_and_none_harms_another() {
    /// Panics whatever it is told.
    struct Panics(Arc<AtomicU32>);

    impl Panics {
        fn now(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("an observer panics");
        }
    }

    impl Observer for Panics {
        fn interest(&self) -> Interest {
            self.now();
            Interest::NONE
        }

        fn execution_started(&self, _: &ExecutionStarted<'_>) {
            self.now();
        }

        fn execution_ended(&self, _: &ExecutionEnded<'_>) {
            self.now();
        }

        fn step_started(&self, _: &StepStarted<'_>) {
            self.now();
        }

        fn attempt_started(&self, _: &AttemptStarted<'_>) {
            self.now();
        }

        fn attempt_ended(&self, _: &AttemptEnded<'_>) {
            self.now();
        }

        fn retrying(&self, _: &Retrying<'_>) {
            self.now();
        }

        fn waiting(&self, _: &Waiting<'_>) {
            self.now();
        }

        fn store_answered(&self, _: &StoreAnswered<'_>) {
            self.now();
        }

        fn step_ended(&self, _: &StepEnded<'_>) {
            self.now();
        }

        fn batch_progress(&self, _: &BatchProgress<'_>) {
            self.now();
        }
    }

    std::panic::set_hook(Box::new(|_| {}));
    let (alone, panics) = watched();
    let told = Log::new();
    let count = Arc::new(AtomicU32::new(0));
    tree::export();
    let graph = Observed::builder()
        .store(MemoryStore::new())
        .observer(Panics(Arc::clone(&count)))
        .observer((Some(Everything(told.clone())), None::<Everything>, ()))
        .build();
    for (graph, calls) in [(&alone, 1), (&graph, 1)] {
        for _ in 0..calls {
            let made = graph.all("x", Ask { n: 2 }).await.unwrap();
            assert_eq!(made, All(12));
            assert_eq!(graph.each("x", [Ask { n: 7 }]).await.unwrap().len(), 1);
        }
    }
    let _ = std::panic::take_hook();
    assert_eq!(told.sorted(), panics.sorted());
    // Once for its interest, and once for each event.
    assert_eq!(
        count.load(Ordering::Relaxed) as usize,
        told.lines().len() + 1
    );
}

#[tokio::test(start_paused = true)]
async fn who_wants_no_times_gets_none_and_who_wants_executions_is_told_of_nothing_else() {
    struct Narrow(Everything, Interest);

    impl Observer for Narrow {
        fn interest(&self) -> Interest {
            self.1
        }

        fn execution_ended(&self, event: &ExecutionEnded<'_>) {
            self.0.execution_ended(event);
        }

        fn attempt_started(&self, event: &AttemptStarted<'_>) {
            self.0.attempt_started(event);
        }

        fn step_ended(&self, event: &StepEnded<'_>) {
            self.0.step_ended(event);
        }
    }

    for (interest, expected) in [
        (
            Interest::EXECUTIONS,
            &["Observed::flaky resolved in 0ns"][..],
        ),
        (Interest::STEPS, &["flaky ran in 0ns, attempts 2"]),
        (Interest::STEP_ENDS, &["flaky ran in 0ns, attempts 2"]),
        (Interest::STEP_STARTS, &[]),
        (Interest::STEP_WAITS, &[]),
        (
            Interest::STEPS | Interest::TIMES,
            &["flaky ran in 20ms, attempts 2"],
        ),
        (Interest::ATTEMPTS, &["flaky #1", "flaky #2"]),
        (Interest::NONE, &[]),
    ] {
        let log = Log::new();
        let graph = graph(Narrow(Everything(log.clone()), interest));
        graph.flaky("x", Ask { n: 2 }).await.unwrap();
        assert_eq!(log.take(), expected, "{interest:?}");
    }
}
