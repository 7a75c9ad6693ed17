//! What is too large for a row, and the end of a process.

use docket::{ErrorKind, Execution, MemoryStore, graph, step};
use docket_tests::{Log, ms};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Serialize, Deserialize, docket::Value)]
pub(crate) struct Text(String);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[step(persist = "global")]
async fn length(text: &Text, #[resource] log: &Log) -> u64 {
    log.push("length");
    text.0.len() as u64
}

#[step(persist = "workflow")]
async fn repeated(length: &u64, #[resource] log: &Log) -> Vec<u8> {
    log.push("repeated");
    vec![7; *length as usize]
}

#[step(persist = "global")]
async fn slow(length: &u64, #[resource] log: &Log) -> i64 {
    log.push("slow");
    sleep(ms(5_000)).await;
    *length as i64
}

#[step]
fn first(text: &Text) -> Option<char> {
    text.0.chars().next()
}

graph! {
    struct Texts {
        inputs { Text }
        resources { Log }
        steps { length, repeated, first, slow }
        async fn length(text: Text) -> u64;
        async fn repeated(length: u64) -> Vec<u8>;
        async fn slow(length: u64) -> i64;
        async fn first(text: Text) -> Option<char>;
    }
}

fn graph() -> (Texts, Log) {
    let log = Log::new();
    let graph = Texts::builder()
        .log(log.clone())
        .store(MemoryStore::new())
        .max_value_bytes(100)
        .build();
    (graph, log)
}

#[tokio::test]
async fn an_execution_id_that_does_not_fit_into_a_row_starts_no_persisted_step() {
    let (graph, log) = graph();
    for id in ["x".repeat(256), "a\nb".to_owned()] {
        let error = graph.length(&id, "text".into()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::Encoding, Some("length"))
        );
        assert_eq!(error.execution_id(), id);
        // No row, no limit.
        assert_eq!(graph.first(&id, "text".into()).await.unwrap(), Some('t'));
    }
    assert_eq!(log.lines(), [""; 0]);
    graph.length("x".repeat(255), "text".into()).await.unwrap();
    assert_eq!(log.lines(), ["length"]);
}

#[tokio::test]
async fn inputs_of_more_than_4_mib_are_not_made_into_a_key() {
    let (graph, log) = graph();
    let error = graph
        .length("a", Text("x".repeat(5 << 20)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encoding);
    assert!(format!("{error:#}").contains("4 MiB"), "{error:#}");
    assert_eq!(log.lines(), [""; 0]);
    assert_eq!(
        graph.length("a", Text("x".repeat(3 << 20))).await.unwrap(),
        3 << 20
    );
}

#[tokio::test]
async fn a_value_that_is_too_large_has_been_made_and_is_not_made_again() {
    let (graph, log) = graph();
    assert_eq!(graph.repeated("a", 90).await.unwrap().len(), 90);
    for _ in 0..2 {
        let error = graph.repeated("a", 200).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::Encoding, Some("repeated"))
        );
    }
    assert_eq!(log.lines(), ["repeated", "repeated"]);
}

#[test]
#[should_panic(expected = "`max_attempts` counts the first, so it can't be 0")]
fn no_attempt_at_all_is_refused() {
    let _ = Texts::builder().max_attempts(0);
}

#[test]
#[should_panic(expected = "`max_value_bytes` can't be 0")]
fn values_without_a_byte_are_refused() {
    let _ = Texts::builder().max_value_bytes(0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_what_runs_and_lets_nothing_new_start() {
    let (graph, log) = graph();
    graph.length("a", "text".into()).await.unwrap();
    let gone = graph.slow(Execution::new("a").timeout(ms(1_000)), 7).await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(graph.shutdown(ms(1_000)).await, 1);
    assert_eq!(graph.shutdown(ms(60_000)).await, 0);
    assert_eq!(log.elapsed_ms(), 5_000);
    // Neither a run nor a look at what is recorded; what asks no store goes on.
    for text in ["text", "another"] {
        let error = graph.length("b", text.into()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.step()),
            (ErrorKind::Store, Some("length"))
        );
    }
    assert_eq!(graph.first("b", "text".into()).await.unwrap(), Some('t'));
    assert_eq!(log.lines(), ["length", "slow"]);
}
