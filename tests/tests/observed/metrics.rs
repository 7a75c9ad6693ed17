//! What `MetricsObserver` tells, scraped as Prometheus does.

use docket::{MemoryStore, MetricsObserver};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::graph::{Ask, Observed};
use crate::tree;

/// Everything but the buckets and their counts; one bucket is shown.
fn scraped(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter(|line| !line.contains("_count") && (!line.contains("_bucket") || is_shown(line)))
        .collect();
    lines.sort_unstable();
    lines
}

fn is_shown(line: &str) -> bool {
    line.contains(r#"step="kept",outcome="ran",le="0.025""#)
}

/// A recorder of its own, since there is one for the whole process only.
#[tokio::test(start_paused = true)]
async fn what_was_in_flight_before_the_recorder_came_does_not_end_in_it() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    tree::export();
    let graph = Observed::builder()
        .store(MemoryStore::new())
        .observer(MetricsObserver::new())
        .build();
    let in_flight = || {
        let text = handle.render();
        let start = "docket_executions_in_flight{entry=\"Observed::flaky\"} ";
        let line = text.lines().find_map(|line| line.strip_prefix(start));
        line.map(str::to_owned)
    };
    let before_it_came = PrometheusBuilder::new().build_recorder();
    let nobody = metrics::set_default_local_recorder(&before_it_came);
    let mut early = std::pin::pin!(graph.flaky("early", Ask { n: 2 }));
    assert!(docket_tests::poll::once(early.as_mut()).is_pending());
    drop(nobody);
    let _recorder = metrics::set_default_local_recorder(&recorder);
    early.await.unwrap();
    assert_eq!(in_flight().as_deref(), Some("0"));
    let mut late = std::pin::pin!(graph.flaky("late", Ask { n: 2 }));
    assert!(docket_tests::poll::once(late.as_mut()).is_pending());
    assert_eq!(in_flight().as_deref(), Some("1"));
    late.await.unwrap();
    assert_eq!(in_flight().as_deref(), Some("0"));
}

#[tokio::test(start_paused = true)]
async fn what_ran_is_counted_and_timed_by_names_that_stand_in_the_code() {
    let recorder = PrometheusBuilder::new()
        .set_buckets(MetricsObserver::BUCKETS)
        .unwrap()
        .build_recorder();
    let handle = recorder.handle();
    tree::export();
    let graph = Observed::builder()
        .store(MemoryStore::new())
        .observer(MetricsObserver::new())
        .build();
    // What comes before the recorder is lost, and what comes after is not.
    graph.plain("request-0", Ask { n: 1 }).await.unwrap();
    metrics::set_global_recorder(recorder).unwrap();
    for n in [2, 2] {
        graph.kept("request-1", Ask { n }).await.unwrap();
        graph.flaky("request-2", Ask { n }).await.unwrap();
    }
    graph.hard("request-3", Ask { n: 0 }).await.unwrap_err();
    let text = handle.render();
    let expected = r#"
docket_execution_duration_seconds_sum{entry="Observed::flaky",outcome="resolved"} 0.04
docket_execution_duration_seconds_sum{entry="Observed::hard",outcome="failed"} 0
docket_execution_duration_seconds_sum{entry="Observed::kept",outcome="resolved"} 0.02
docket_executions_in_flight{entry="Observed::flaky"} 0
docket_executions_in_flight{entry="Observed::hard"} 0
docket_executions_in_flight{entry="Observed::kept"} 0
docket_executions_total{entry="Observed::flaky",outcome="resolved"} 2
docket_executions_total{entry="Observed::hard",outcome="failed"} 1
docket_executions_total{entry="Observed::kept",outcome="resolved"} 2
docket_step_duration_seconds_bucket{step="kept",outcome="ran",le="0.025"} 1
docket_step_duration_seconds_sum{step="flaky",outcome="ran"} 0.04
docket_step_duration_seconds_sum{step="kept",outcome="hit"} 0
docket_step_duration_seconds_sum{step="kept",outcome="ran"} 0.02
docket_step_duration_seconds_sum{step="soft",outcome="failed"} 0
docket_step_retries_total{step="flaky"} 2
docket_steps_total{step="flaky",outcome="ran"} 2
docket_steps_total{step="kept",outcome="hit"} 1
docket_steps_total{step="kept",outcome="ran"} 1
docket_steps_total{step="soft",outcome="failed"} 1
docket_store_operation_duration_seconds_sum{operation="claim",outcome="claimed"} 0
docket_store_operation_duration_seconds_sum{operation="claim",outcome="hit"} 0
docket_store_operation_duration_seconds_sum{operation="record",outcome="done"} 0
docket_store_operations_total{operation="claim",outcome="claimed"} 1
docket_store_operations_total{operation="claim",outcome="hit"} 1
docket_store_operations_total{operation="record",outcome="done"} 1
"#;
    assert_eq!(scraped(&text).join("\n"), expected.trim(), "{text}");
    assert!(!text.contains("request-"), "{text}");
    for line in text.lines().filter(|line| line.starts_with("# TYPE")) {
        let name = line.split(' ').nth(2).unwrap();
        assert!(MetricsObserver::NAMES.contains(&name), "{line}");
    }
}
