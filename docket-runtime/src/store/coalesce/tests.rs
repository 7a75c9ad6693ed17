use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep};

use super::{Batch, Coalescer, Limits};
use crate::key::CacheKey;
use crate::store::StoreError;

/// What one statement takes.
const STATEMENT: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(10);
const LIMITS: Limits = Limits {
    lanes: 1,
    operations: 4,
    bytes: 1000,
    patience: Some(PATIENCE),
};

/// A row by its letter, and what the store makes of the operation.
#[derive(Clone)]
struct Operation {
    key: CacheKey,
    name: char,
    size: usize,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Answered,
    Refused,
    Unavailable,
    Hangs,
    Panics,
}

fn operation(name: char) -> Operation {
    Operation {
        key: CacheKey([name as u8; 32]),
        name,
        size: 1,
        fate: Fate::Answered,
    }
}

/// Keeps a log of what went out: one text for each statement.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Batch for Log {
    type Operation = Operation;
    type Answer = char;

    fn key(operation: &Operation) -> &CacheKey {
        &operation.key
    }

    fn size(&self, operation: &Operation) -> usize {
        operation.size
    }

    async fn send(&self, operations: &[Operation]) -> Result<Vec<char>, StoreError> {
        let has = |fate| operations.iter().any(|it| it.fate == fate);
        let names: String = operations.iter().map(|it| it.name).collect();
        self.0.lock().unwrap().push(names.clone());
        if has(Fate::Hangs) {
            std::future::pending::<()>().await;
        }
        sleep(STATEMENT).await;
        assert!(!has(Fate::Panics), "this is a test of a panic");
        if has(Fate::Refused) {
            return Err(StoreError::refused(format!("{names} is refused")).with_source("bad data"));
        }
        if has(Fate::Unavailable) {
            return Err(StoreError::unavailable("connection reset"));
        }
        Ok(operations.iter().map(|it| it.name).collect())
    }
}

type Caller = JoinHandle<Result<char, StoreError>>;

/// Sends `operation` from a task of its own.
async fn call(coalescer: &Arc<Coalescer<Log>>, operation: Operation) -> Caller {
    let coalescer = coalescer.clone();
    let caller = tokio::spawn(async move { coalescer.send(&operation).await });
    yield_now().await;
    caller
}

async fn call_all(coalescer: &Arc<Coalescer<Log>>, names: &str) -> Vec<Caller> {
    let mut callers = Vec::new();
    for name in names.chars() {
        callers.push(call(coalescer, operation(name)).await);
    }
    callers
}

/// The answers, with `!` in the place of an error.
async fn answers(callers: Vec<Caller>) -> String {
    let mut answers = String::new();
    for caller in callers {
        answers.push(caller.await.unwrap().unwrap_or('!'));
    }
    answers
}

fn new(limits: Limits) -> (Arc<Coalescer<Log>>, Log) {
    let log = Log::default();
    (Arc::new(Coalescer::new(log.clone(), limits)), log)
}

#[tokio::test(start_paused = true)]
async fn a_lone_operation_goes_out_at_once() {
    let (coalescer, log) = new(LIMITS);
    let start = Instant::now();
    for name in ['a', 'b'] {
        assert_eq!(coalescer.send(&operation(name)).await.unwrap(), name);
    }
    assert_eq!(log.take(), ["a", "b"]);
    assert_eq!(start.elapsed(), 2 * STATEMENT);
}

#[tokio::test(start_paused = true)]
async fn what_comes_meanwhile_goes_out_together_in_the_order_of_keys() {
    let (coalescer, log) = new(LIMITS);
    let start = Instant::now();
    let callers = call_all(&coalescer, "xcab").await;
    assert_eq!(log.take(), ["x"]);
    assert_eq!(answers(callers).await, "xcab");
    assert_eq!(log.take(), ["abc"]);
    assert_eq!(start.elapsed(), 2 * STATEMENT);
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_as_many_operations_and_bytes_as_are_allowed() {
    let (coalescer, log) = new(LIMITS);
    let callers = call_all(&coalescer, "abcdefg").await;
    assert_eq!(answers(callers).await, "abcdefg");
    assert_eq!(log.take(), ["a", "bcde", "fg"]);

    let mut callers = call_all(&coalescer, "a").await;
    for (name, size) in [('b', 500), ('c', 600), ('d', 5000), ('e', 1)] {
        let operation = Operation {
            size,
            ..operation(name)
        };
        callers.push(call(&coalescer, operation).await);
    }
    assert_eq!(answers(callers).await, "abcde");
    assert_eq!(log.take(), ["a", "b", "c", "d", "e"]);
}

#[tokio::test(start_paused = true)]
async fn each_lane_has_a_statement_under_way() {
    let (coalescer, log) = new(Limits { lanes: 2, ..LIMITS });
    let start = Instant::now();
    let mut callers = call_all(&coalescer, "a").await;
    // These come together, and find a lane.
    let together = "bcd".chars().map(|name| {
        let coalescer = coalescer.clone();
        tokio::spawn(async move { coalescer.send(&operation(name)).await })
    });
    callers.extend(together.collect::<Vec<_>>());
    sleep(STATEMENT / 2).await;
    assert_eq!(log.take(), ["a", "bcd"]);
    // These don't.
    callers.extend(call_all(&coalescer, "ef").await);
    assert_eq!(answers(callers).await, "abcdef");
    assert_eq!(log.take(), ["ef"]);
    assert_eq!(start.elapsed(), 2 * STATEMENT);
}

#[tokio::test(start_paused = true)]
async fn those_who_were_answered_together_send_their_next_together() {
    let (coalescer, log) = new(LIMITS);
    let clients = "abcd".chars().map(|name| {
        let coalescer = coalescer.clone();
        tokio::spawn(async move {
            for _ in 0..3 {
                coalescer.send(&operation(name)).await.unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    assert_eq!(log.take(), ["a", "bcd", "abcd", "abcd"]);
}

#[tokio::test(start_paused = true)]
async fn one_key_is_in_a_batch_once_and_its_operations_keep_their_order() {
    let (coalescer, log) = new(LIMITS);
    let mut callers = call_all(&coalescer, "x").await;
    for name in ['1', '2', '3'] {
        let of_one_key = Operation {
            name,
            ..operation('k')
        };
        callers.push(call(&coalescer, of_one_key).await);
    }
    callers.extend(call_all(&coalescer, "b").await);
    assert_eq!(answers(callers).await, "x123b");
    assert_eq!(log.take(), ["x", "b1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_takes_nobody_along() {
    let (coalescer, log) = new(LIMITS);
    // One whose lone statement is under way, one who waits, and one whose batch is under way.
    let mut callers = call_all(&coalescer, "abcd").await;
    callers.remove(1).abort();
    callers.remove(0).abort();
    yield_now().await;
    sleep(STATEMENT / 2).await;
    callers.remove(0).abort();
    assert_eq!(answers(callers).await, "d");
    assert_eq!(log.take(), ["a", "cd"]);
    // And the lane is free.
    coalescer.send(&operation('e')).await.unwrap();
    assert_eq!(log.take(), ["e"]);
}

#[tokio::test(start_paused = true)]
async fn callers_who_left_don_t_keep_their_neighbours_waiting() {
    let (coalescer, log) = new(LIMITS);
    let mut callers = call_all(&coalescer, "a").await;
    let n_gone = 4 * LIMITS.operations + 1;
    for name in ('b'..).take(n_gone) {
        call(&coalescer, operation(name)).await.abort();
    }
    callers.extend(call_all(&coalescer, "z").await);
    let answers = tokio::time::timeout(PATIENCE, answers(callers)).await;
    assert_eq!(answers.expect("they are not left behind"), "az");
    assert_eq!(log.take(), ["a", "z"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_does_not_sink_its_neighbours() {
    let (coalescer, log) = new(LIMITS);
    let mut callers = call_all(&coalescer, "ab").await;
    let poison = Operation {
        fate: Fate::Refused,
        ..operation('p')
    };
    let poisoned = call(&coalescer, poison).await;
    callers.extend(call_all(&coalescer, "z").await);
    assert_eq!(answers(callers).await, "abz");
    assert_eq!(log.take(), ["a", "bpz", "b", "p", "z"]);
    let error = poisoned.await.unwrap().unwrap_err();
    assert!(!error.is_retryable());
    assert_eq!(error.to_string(), "p is refused");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_told_to_all() {
    let (coalescer, log) = new(LIMITS);
    let mut callers = call_all(&coalescer, "ab").await;
    let unlucky = Operation {
        fate: Fate::Unavailable,
        ..operation('c')
    };
    let unlucky = call(&coalescer, unlucky).await;
    let neighbour = callers.remove(1);
    assert_eq!(answers(callers).await, "a");
    for caller in [neighbour, unlucky] {
        let error = caller.await.unwrap().unwrap_err();
        assert!(error.is_retryable());
        let cause = std::error::Error::source(&error).unwrap();
        assert_eq!(cause.to_string(), "connection reset");
    }
    assert_eq!(log.take(), ["a", "bc"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_connection_holds_up_its_lane_for_a_while_only() {
    let (coalescer, log) = new(LIMITS);
    let hangs = |name| Operation {
        fate: Fate::Hangs,
        ..operation(name)
    };
    let start = Instant::now();
    let lone = call(&coalescer, hangs('a')).await;
    let batch = [
        call(&coalescer, hangs('b')).await,
        call(&coalescer, operation('c')).await,
    ];
    assert!(lone.await.unwrap().unwrap_err().is_retryable());
    assert_eq!(start.elapsed(), PATIENCE);
    for caller in batch {
        assert!(caller.await.unwrap().unwrap_err().is_retryable());
    }
    assert_eq!(start.elapsed(), 2 * PATIENCE);
    coalescer.send(&operation('d')).await.unwrap();
    assert_eq!(log.take(), ["a", "bc", "d"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_statement_and_no_other() {
    let (coalescer, log) = new(LIMITS);
    let mut callers = call_all(&coalescer, "a").await;
    let panics = Operation {
        fate: Fate::Panics,
        ..operation('b')
    };
    callers.push(call(&coalescer, panics).await);
    callers.push(call(&coalescer, operation('c')).await);
    sleep(STATEMENT / 2).await;
    // Comes while the lane of the panic is about to be passed on.
    sleep(STATEMENT).await;
    callers.push(call(&coalescer, operation('d')).await);
    assert_eq!(answers(callers).await, "a!!d");
    assert_eq!(log.take(), ["a", "bc", "d"]);
}

/// As when the runtimes of two tests, or of two parts of a program, share a store. A batch may go down with the runtime of
/// another caller, and is sent again.
#[test]
fn a_runtime_that_ends_leaves_its_lanes_to_another() {
    let (coalescer, log) = new(LIMITS);
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap()
    };
    let (first, second) = (runtime(), runtime());
    let hangs = Operation {
        fate: Fate::Hangs,
        ..operation('a')
    };
    for operation in [hangs, operation('b')] {
        let sender = coalescer.clone();
        first.spawn(async move { sender.send(&operation).await });
    }
    let sender = coalescer.clone();
    let (seen, is_seen) = std::sync::mpsc::channel();
    let answer = second.spawn(async move {
        while log.take().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
        seen.send(()).unwrap();
        loop {
            match sender.send(&operation('c')).await {
                Err(error) if error.is_retryable() => {}
                answer => return answer,
            }
        }
    });
    is_seen.recv().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    drop(first);
    assert_eq!(second.block_on(answer).unwrap().unwrap(), 'c');
}
